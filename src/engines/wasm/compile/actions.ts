import type {Operation} from './operations';
import type {Place} from './program';

/** A value that a step computes, one gate wide. Its home is decided once all of its readers are known. */
export interface Value {
  /** Elements of a row; 0 of a value that is one number for the whole row. */
  readonly elements: number;
  home?: Place;
}

export type Operand = Value | Place;

/** The blocks of a node's value, one gate wide each. */
export type Blocks = readonly Operand[];

export function isPlace(operand: Operand): operand is Place {
  return 'region' in operand;
}

/** Where an operand lies; values that instructions read or write have a home by the time these are written. */
export function homeOf(operand: Operand): Place {
  return isPlace(operand) ? operand : operand.home!;
}

/** An element-wise operation on values of `elements`. */
export interface ElementAction extends Operation {
  readonly kind: 'element';
  readonly to: Operand;
  /** a, b, c; as many as the operation reads. */
  readonly operands: Blocks;
  readonly elements: number;
}

/** Any other instruction. */
export interface InstructionAction {
  readonly kind: 'instruction';
  readonly operands: Blocks;
  /** The value that it computes, or the places that it writes to. */
  readonly to: Value | readonly Place[];
  /** Adds the instruction to the program. */
  write(): void;
}

/** What a step does, in order. */
export type Action = ElementAction | InstructionAction;
