import type {ElementOperation, InstructionName} from '../isa';
import type {Place} from './program';
import type {MatrixSpec} from './weight-layout';

/** A value that a step computes, one gate wide. Its home is decided once all of its readers are known. */
export interface Value {
  /** Elements of a row. */
  readonly elements: number;
  home?: Place;
}

export type Operand = Value | Place;

/** The blocks of a node's value, one gate wide each. */
export type Blocks = readonly Operand[];

export function isPlace(operand: Operand): operand is Place {
  return 'region' in operand;
}

/** An element-wise operation on values of `elements`. */
export interface ElementAction {
  readonly kind: 'element';
  readonly operation: ElementOperation;
  readonly parameters: readonly [p: number, q: number];
  readonly to: Operand;
  /** a, b, c; as many as the operation reads. */
  readonly operands: Blocks;
  readonly elements: number;
}

/** An instruction of layer normalization, which reduces rows. */
export interface NormalizationAction {
  readonly kind: 'normalization';
  readonly instruction: Extract<InstructionName, 'inverseDeviation' | 'standardize' | 'standardizeGradient'>;
  readonly to: Value;
  readonly x: Operand;
  readonly epsilon?: number;
  readonly scale?: Operand;
  readonly y?: Operand;
}

/** What a step does, in order. */
export type Action =
  | ElementAction
  | NormalizationAction
  /** Adds x·B to `to`, which has a place for each gate of B, one after the other. */
  | {
      readonly kind: 'product';
      readonly x: Operand;
      readonly matrix: MatrixSpec;
      readonly to: readonly Place[];
    }
  | {readonly kind: 'zero'; readonly to: Place; readonly bytes: number};

/** The operands that an action reads. */
export function operandsOf(action: Action): Blocks {
  switch (action.kind) {
    case 'element':
      return action.operands;
    case 'product':
      return [action.x];
    case 'normalization':
      return [action.x, action.scale, action.y].filter(operand => operand !== undefined);
    case 'zero':
      return [];
  }
}
