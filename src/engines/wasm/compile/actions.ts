import type {ElementOperation} from '../isa';
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

/** An instruction of layer normalization, by the names of its words. The scale is one number for each row. */
export type Normalization =
  | {readonly instruction: 'inverseDeviation'; readonly x: Operand; readonly epsilon: number}
  | {readonly instruction: 'standardize'; readonly x: Operand; readonly scale: Operand}
  | {
      readonly instruction: 'standardizeGradient';
      readonly dy: Operand;
      readonly y: Operand;
      readonly scale: Operand;
    };

/** What a step does, in order. */
export type Action =
  | ElementAction
  | {
      readonly kind: 'normalization';
      readonly to: Value;
      /** Elements of a row of x, or of dy. */
      readonly elements: number;
      readonly words: Normalization;
    }
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
      return normalized(action.words);
    case 'zero':
      return [];
  }
}

function normalized(words: Normalization): Blocks {
  switch (words.instruction) {
    case 'inverseDeviation':
      return [words.x];
    case 'standardize':
      return [words.x, words.scale];
    case 'standardizeGradient':
      return [words.dy, words.y, words.scale];
  }
}
