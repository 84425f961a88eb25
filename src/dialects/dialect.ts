import type {InitializerRules} from '../keras';
import type {Recurrence, StateName} from '../recurrence/types';
import type {ArgumentTable, ValuesOf} from './arguments';
import type {ArraySpec} from './arrays';

/** How a layer drops inputs and states while training. Each mask is the same at every time step. */
export interface DropoutRule {
  readonly input: number;
  readonly recurrent: number;
  /** One mask for all gates, or one for each; `state`: the state itself is thinned, not only what gates see. */
  readonly masks: 'shared' | 'perGate' | 'state';
}

/** What a layer does around its recurrence. */
export interface Behaviour {
  readonly units: number;
  readonly returnSequences: boolean;
  readonly returnState: boolean;
  readonly stateful: boolean;
  readonly dropout: DropoutRule;
  /** Releases that know no masks pay none any heed. */
  readonly ignoresMask?: boolean;
  /** The layer cannot run without a mask. */
  readonly needsMask?: boolean;
  /** Why the layer cannot run with a mask, and what to do. */
  readonly takesNoMask?: string;
  /** x and a sequence of outputs are `[time, batch, ...]`, the mask `[time, batch]`. */
  readonly timeMajor?: boolean;
  /** Initial states that a call of a stateful layer is given count only while the states that it keeps are zero. */
  readonly keptStatesFirst?: boolean;
  /** Input of more than three dimensions is taken with all after time in one. */
  readonly flattens?: boolean;
}

/** An input beside x: which one, and how a recipe names it. */
export interface ExtraInput {
  /** `mask`, or a state's canonical name. */
  readonly role: 'mask' | StateName;
  /** The argument whose value, where it is a name, is the input's. */
  readonly argument?: string;
  /** The input of this name is meant without a word. */
  readonly implicit?: string;
}

/** What all dialects of a library have in common. */
export interface LibraryFacts {
  /** As recipes, `convertLayer` and the public namespaces call it: `keras0`. */
  readonly library: string;
  /** For people: `Keras 0`. */
  readonly title: string;
  /** The releases there were, the oldest first. */
  readonly releases: readonly string[];
  /** No further release will come. */
  readonly complete?: boolean;
  /** The release with which another library of these begins. */
  readonly endsBefore?: string;
  /** The release that is meant where nobody says. */
  readonly defaultVersion: string;
  /** How its initializers draw. */
  readonly initializers: InitializerRules;
}

/**
 * One library's way of saying one recurrent cell: its words, its arrays, and what they mean in canonical form.
 * Declarative: a dialect computes nothing and knows no engine.
 */
export interface CellDialect<A extends ArgumentTable = ArgumentTable> extends LibraryFacts {
  /** The class or function in the library. */
  readonly className: string;
  /** Further names that files have for the class. */
  readonly aliases?: readonly string[];
  /** In the library's order, spelled in camelCase. */
  readonly arguments: A;
  /** The arrays in the order in which the library saves and lists them. */
  arrays(args: ValuesOf<A>, version: string): readonly ArraySpec[];
  recurrence(args: ValuesOf<A>, version: string): Omit<Recurrence, 'input'>;
  /** Other layouts in which files of the library may have the arrays; their shapes tell which it is. */
  otherArrays?(args: ValuesOf<A>, version: string): readonly OtherArrays[];
  /**
   * The other way round: arguments that say a recurrence as nearly as the library can. Whether they say it
   * exactly is found by asking `recurrence` what they mean.
   */
  fromRecurrence(recurrence: LayerRecurrence): Record<string, unknown>;
  /** How the library lists an LSTM's states: canonical names in its order, or all in one tensor. */
  states?(args: ValuesOf<A>): StateLayout;
  /** How a cell by itself drops inputs and states while it trains; absent for cells that do not. */
  dropout?(args: ValuesOf<A>, version: string): DropoutRule;
}

/** Arrays of a layer as a file may have them, beside the layer's own layout. */
export interface OtherArrays {
  readonly arrays: readonly ArraySpec[];
  /** Why such arrays are of no use to this layer, and what to do. */
  readonly refused?: string;
}

/** What is to be said: a recurrence, and whether the layer gives its whole sequence of outputs. */
export interface LayerRecurrence extends Omit<Recurrence, 'input'> {
  readonly returnSequences: boolean;
}

/** A library's order of a cell's states; `joined`: side by side in one tensor. */
export interface StateLayout {
  readonly order: readonly StateName[];
  readonly joined: boolean;
}

/** A whole layer: a cell, and what the layer does around it. */
export interface Dialect<A extends ArgumentTable = ArgumentTable> extends CellDialect<A> {
  behaviour(args: ValuesOf<A>, version: string): Behaviour;
  /** What Bidirectional changes in the arguments of the layers that it makes of this one. */
  insideBidirectional?(args: ValuesOf<A>, version: string): Readonly<Record<string, unknown>>;
  /** Inputs that the library passes by argument rather than by position. */
  readonly inputs?: readonly ExtraInput[];
}

/** A cell's dialect, whose functions take the arguments that it declares. */
export function cellDialect<A extends ArgumentTable>(
  dialect: {readonly arguments: A} & CellDialect<NoInfer<A>>,
): CellDialect<A> {
  return dialect;
}

/** A layer's dialect, whose functions take the arguments that it declares. */
export function layerDialect<A extends ArgumentTable>(
  dialect: {readonly arguments: A} & Dialect<NoInfer<A>>,
): Dialect<A> {
  return dialect;
}
