import {type Problem, problem, type Shape} from '../problem';

/** Shapes that tell the prices apart: long and short, wide and narrow, one row and many. */
const LSTM: readonly Shape[] = [
  [1, 1, 16, 32],
  [1, 10, 32, 64],
  [1, 100, 64, 128],
  [1, 300, 16, 32],
  [1, 30, 64, 512],
  [2, 100, 128, 256],
  [8, 5, 256, 64],
  [8, 50, 32, 64],
  [8, 200, 32, 64],
  [8, 30, 128, 256],
  [16, 100, 8, 16],
  [32, 20, 512, 128],
  [32, 100, 128, 256],
  [64, 50, 64, 128],
  [64, 30, 256, 512],
  [128, 30, 32, 32],
  [256, 10, 64, 128],
];
const OTHERS: readonly Shape[] = [
  [1, 100, 64, 128],
  [8, 50, 32, 64],
  [32, 50, 128, 256],
];

export function grid(training: boolean): Problem[] {
  return [
    ...LSTM.map(shape => problem(shape, {training})),
    ...OTHERS.flatMap(shape => [
      problem(shape, {cell: 'gru', reset: 'after', training}),
      problem(shape, {cell: 'simple', training}),
    ]),
  ];
}
