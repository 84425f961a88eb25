import type {WeightGroup} from '../../converters/arrays';
import type {CarryoverError} from '../errors';
import type {ContainerRecord} from './architecture';
import type {BuiltModel} from './build';

/** A layer of a model. */
export type Part = BuiltModel['layers'][number];

/** The layers that share a group of a weight file, in the order of their arrays. */
export interface ModelGroup {
  readonly name: string;
  readonly parts: readonly Part[];
  /** How many arrays they have. */
  readonly size: number;
}

export interface PairOptions {
  /** Take the groups whose names are those of layers and leave the other layers as they are. */
  readonly byName?: boolean;
  /** Hears of arrays that do not fit their layer, which then stays as it is. By default such arrays are an error. */
  readonly onMismatch?: (mismatch: CarryoverError) => void;
  /** The model has some of the file's layers only: those are found by name, and the file's others are left out. */
  readonly partial?: boolean;
  /** The weight file, for messages. */
  readonly where: string;
  /** The architecture's containers: files that keep objects by their place tell layers by them. */
  readonly container?: ContainerRecord;
}

/** Layers that share a group of a weight file, and the group. */
export interface GroupPair {
  readonly wanted: ModelGroup;
  readonly source: WeightGroup;
}
