import type {Elementary} from '../recurrence/activations';

/**
 * What an engine has to be able to compute, in its own kind of value: tensors for an engine that runs, names
 * of graph nodes for one that writes graphs. Comparisons give 1 and 0.
 */
export interface Arithmetic<T> {
  scalar(value: number): T;
  add(a: T, b: T): T;
  sub(a: T, b: T): T;
  mul(a: T, b: T): T;
  div(a: T, b: T): T;
  minimum(a: T, b: T): T;
  maximum(a: T, b: T): T;
  greater(a: T, b: T): T;
  less(a: T, b: T): T;
  lessEqual(a: T, b: T): T;
  neg(x: T): T;
  abs(x: T): T;
  square(x: T): T;
  exp(x: T): T;
  expm1(x: T): T;
  rsqrt(x: T): T;
  tanh(x: T): T;
  sigmoid(x: T): T;
  relu(x: T): T;
  softplus(x: T): T;
  leakyRelu(x: T, alpha: number): T;
  erf(x: T): T;
  /** Along each row. */
  softmax(x: T): T;
  /** The sum of each row, `[batch, 1]`. */
  rowSum(x: T): T;
  /** The mean of each row, `[batch, 1]`. */
  rowMean(x: T): T;
  /** x·w, or x·wᵀ. */
  product(x: T, w: T, transposed: boolean): T;
  /** Equal column blocks. */
  split(x: T, count: number): readonly T[];
  /** Column blocks side by side. */
  concat(parts: readonly T[]): T;
  zerosLike(x: T): T;
  /** dy·f′(x) from y = f(x) in one operation, where there is one for this activation. */
  through?(f: Elementary, y: T, dy: T): T | undefined;
}
