import {bare, bool, bools, FLOAT, f, INT, i32, int, type OperationCase, one, text} from './case';

const cube = f([2, 3, 4]);
const axes = (...values: number[]) => i32([values.length], values);
const keep = {keep_dims: bool(true)};
const whole = i32([2, 3], [7, -8, 3, 1, 1, 1]);

const reductions = (ops: string): OperationCase[] =>
  ops
    .split(/\s+/)
    .flatMap(op => [
      one(op, [cube, axes(1)]),
      one(op, [cube, axes(-1, 0)], keep),
      one(op, [cube, axes()]),
      one(op, [cube, axes(0, 1, 2)]),
      one(op, [cube, i32([], [2])]),
    ]);

/** Reductions and products. */
export const sums: readonly OperationCase[] = [
  ...reductions('Sum Mean Max Min Prod EuclideanNorm'),
  ...'Sum Mean Max Min Prod'.split(' ').map(op => one(op, [whole, axes(1)])),
  one('Mean', [i32([2, 2], [-7, 2, 7, 4]), axes(1)]),
  ...'All Any'
    .split(' ')
    .flatMap(op => [
      bare(op, [bools([2, 2], [1, 0, 1, 1]), axes(1)]),
      bare(op, [bools([2, 2], [1, 0, 1, 1]), axes(0)], keep),
      bare(op, [bools([2, 2], [1, 0, 1, 1]), axes(0, 1)]),
    ]),
  ...'ArgMax ArgMin'
    .split(' ')
    .flatMap(op => [
      one(op, [cube, i32([], [1])]),
      one(op, [cube, i32([], [-1])], {output_type: INT}),
      one(op, [f([2, 3], [1, 1, 0, 0, 1, 0]), i32([], [1])]),
      one(op, [whole, i32([], [0])]),
    ]),
  ...'Cumsum Cumprod'
    .split(' ')
    .flatMap(op => [
      one(op, [cube, i32([], [1])]),
      one(op, [cube, i32([], [-1])], {exclusive: bool(true)}),
      one(op, [cube, i32([], [0])], {reverse: bool(true)}),
      one(op, [cube, i32([], [2])], {reverse: bool(true), exclusive: bool(true)}),
    ]),
  one('Cumsum', [whole, i32([], [1])]),
  one('MatMul', [f([2, 3]), f([3, 4])]),
  one('MatMul', [f([3, 2]), f([3, 4])], {transpose_a: bool(true)}),
  one('MatMul', [f([2, 3]), f([4, 3])], {transpose_b: bool(true)}),
  one('MatMul', [f([3, 2]), f([4, 3])], {transpose_a: bool(true), transpose_b: bool(true)}),
  one('MatMul', [i32([1, 2], [100000, 3]), i32([2, 1], [3, 4])]),
  ...'BatchMatMul BatchMatMulV2'
    .split(' ')
    .flatMap(op => [
      one(op, [f([2, 2, 3]), f([2, 3, 4])]),
      one(op, [f([2, 3, 2]), f([2, 3, 4])], {adj_x: bool(true)}),
      one(op, [f([2, 2, 3]), f([2, 4, 3])], {adj_y: bool(true)}),
      one(op, [f([2, 2, 2, 3]), f([2, 2, 3, 1])]),
    ]),
  one('BatchMatMulV2', [f([1, 2, 3]), f([2, 3, 4])]),
  one('BatchMatMulV2', [f([2, 2, 3]), f([3, 4])]),
  bare('Einsum', [f([2, 3]), f([3, 4])], {T: FLOAT, N: int(2), equation: text('ij,jk->ik')}),
  bare('Einsum', [f([2, 3, 2]), f([2, 3, 4])], {T: FLOAT, N: int(2), equation: text('bij,bik->bjk')}),
  bare(
    'Einsum',
    [f([2, 3, 2]), f([2, 3, 4])],
    {T: FLOAT, N: int(2), equation: text('...ij,...ik->...jk')},
    {refused: /equation/},
  ),
];
