import type {Ref} from '../types';
import type {CellStep} from './cell';

/** A cell of a recurrence. */
export interface FoundCell {
  readonly step: CellStep;
  /** Its input is added to its output. */
  readonly residual: boolean;
  /** c and h are one tensor. */
  readonly joined: boolean;
}

/** A recurrence that a graph spells out, and what in the graph it can take the place of. */
export interface Found {
  /** The loop, or the first step. */
  readonly name: string;
  /** From the data's to the output's. */
  readonly cells: readonly FoundCell[];
  /** The data: all steps, time first, or the tensors of the single steps. */
  readonly x: Ref | readonly Ref[];
  /** How many steps are read, where that is not told to be all. */
  readonly steps?: Ref;
  /** The length of each row. */
  readonly lengths?: Ref;
  /** What the states are at first, in the layer's order. */
  readonly initial: readonly Ref[];
  /** Tensors that are all outputs, time first. */
  readonly sequences: readonly Ref[];
  /** Tensors that are the outputs of single steps. */
  readonly outputs: readonly (readonly Ref[])[];
  /** Tensors that are the states after the last step, in the layer's order. */
  readonly finals: readonly (readonly Ref[])[];
  /** Nodes that nothing needs once the recurrence is in its place; where one is needed, it stays as it was. */
  readonly inside: ReadonlySet<string>;
}

/** Why something is not taken for a recurrence. */
export class Refusal {
  constructor(
    readonly name: string,
    readonly why: string,
  ) {}
}
