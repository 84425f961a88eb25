import type {Sum} from './weight-sums';

/** Adds what the kernel left of a weight's gradient to that gradient. */
export function addSum(
  to: Float32Array,
  floats: Float32Array,
  at: number,
  {rows, gates, columns}: Pick<Sum, 'rows' | 'gates' | 'columns'>,
  stride: number,
): void {
  let place = 0;
  for (let row = 0; row < rows; row++) {
    for (let gate = 0; gate < gates; gate++) {
      const from = at + (row * gates + gate) * stride;
      for (let k = 0; k < columns; k++) to[place + k]! += floats[from + k]!;
      place += columns;
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
