import type {Attributes} from '../small-graphs';
import {bool, FLOAT, f, float, i64, type OperationCase, one} from './case';

const [time, batch, features, units] = [4, 2, 3, 2];
const x = f([time, batch, features]);
const state = [f([batch, units], 2), f([batch, units], 3)];
const lstmWeights = [
  f([features + units, 4 * units], 4),
  f([units], 5),
  f([units], 6),
  f([units], 7),
  f([4 * units], 8),
];
const step = f([batch, features], 9);

const block = (op: string, length: number, attributes: Attributes = {}, only?: number[]): OperationCase =>
  one(op, [i64([], [length]), x, ...state, ...lstmWeights], {T: FLOAT, ...attributes}, {outputs: 7, only});

/** Recurrences that are one operation. */
export const recurrent: readonly OperationCase[] = [
  ...['BlockLSTM', 'BlockLSTMV2'].flatMap(op => [
    block(op, time),
    block(op, time, {cell_clip: float(0.3)}),
    block(op, time, {cell_clip: float(-1), use_peephole: bool(true)}),
    block(op, time - 1, {use_peephole: bool(true)}, [1, 6]),
  ]),
  block('BlockLSTM', time, {forget_bias: float(0.2), cell_clip: float(0)}),
  one('LSTMBlockCell', [step, ...state, ...lstmWeights], {}, {outputs: 7}),
  one(
    'LSTMBlockCell',
    [step, ...state, ...lstmWeights],
    {forget_bias: float(0), cell_clip: float(0.4), use_peephole: bool(true)},
    {outputs: 7},
  ),
  one(
    'GRUBlockCell',
    [
      step,
      state[0]!,
      f([features + units, 2 * units], 4),
      f([features + units, units], 5),
      f([2 * units], 6),
      f([units], 7),
    ],
    {},
    {outputs: 4},
  ),
];
