import type {DraftLayer} from '../draft';
import type {RecipeInputs} from './inputs';
import type {Place} from './layout';
import type {Matcher} from './match';
import type {Ref} from './view';

/** A recipe in the making, as its parts share it. */
export interface Drafting {
  readonly matcher: Matcher;
  readonly inputs: RecipeInputs;
  /** As they are found, those first that others read. */
  readonly layers: DraftLayer[];
  readonly assumed: string[];
  /** What a tensor is in the recipe, the layers that make it put in place; undefined where that is beyond a recipe. */
  placeOf(ref: Ref): Place | undefined;
  /** The places of several tensors that belong together, if all have one. */
  placesOf(refs: readonly Ref[]): readonly Place[] | undefined;
  /** A layer's final state that is its last output, by the state's name. */
  lastState(layer: string): string | undefined;
  /** The number of steps that a layer's data have to have: its input's is no longer open. */
  fixSteps(layer: string, steps: number): void;
}
