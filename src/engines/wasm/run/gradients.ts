import type {WeightSum} from '../compile/weight-gradients';

/** Adds the sum that a program has left at an index of `floats` to a weight's gradient. */
export function addSum(
  to: Float32Array,
  floats: Float32Array,
  at: number,
  {rows, gates, columns}: Pick<WeightSum, 'rows' | 'gates' | 'columns'>,
  stride: number,
): void {
  let next = 0;
  for (let row = 0; row < rows; row++) {
    for (let gate = 0; gate < gates; gate++) {
      const from = at + (row * gates + gate) * stride;
      for (let k = 0; k < columns; k++) to[next + k]! += floats[from + k]!;
      next += columns;
    }
  }
}

/** Scales gradients together where their norm is above the limit. */
export function limitNorm(gradients: readonly Float32Array[], limit: number): void {
  let squares = 0;
  for (const gradient of gradients) for (const value of gradient) squares += value * value;
  const scale = limit / Math.sqrt(squares);
  if (!(scale < 1)) return;
  for (const gradient of gradients) for (const [k, value] of gradient.entries()) gradient[k] = value * scale;
}
