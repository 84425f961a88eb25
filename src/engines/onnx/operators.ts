import type {CellKind, Gate} from '../../recurrence/types';

/** A recurrent operator of ONNX. */
export interface Operator {
  readonly name: string;
  /** Its gates, in the order of its weights' blocks. */
  readonly gates: readonly Gate[];
  /** A gate for each of the activations that it is given, in their order. */
  readonly activated: readonly Gate[];
  /** Gates that share the first of these. */
  readonly alike: readonly Gate[];
}

/** ONNX's recurrent operators, by the cells that they run. Source: onnx/defs/rnn/defs.cc, opset 14. */
export const OPERATORS: Readonly<Partial<Record<CellKind, Operator>>> = {
  lstm: {name: 'LSTM', gates: ['i', 'o', 'f', 'c'], activated: ['f', 'c', 'h'], alike: ['i', 'f', 'o']},
  gru: {name: 'GRU', gates: ['z', 'r', 'h'], activated: ['z', 'h'], alike: ['z', 'r']},
  simple: {name: 'RNN', gates: ['h'], activated: ['h'], alike: []},
};
