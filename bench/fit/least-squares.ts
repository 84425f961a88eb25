/**
 * Non-negative least squares: the x ≥ 0 with the smallest |A·x − b|. With as few unknowns as there are here, the best
 * of all subsets of them that may be other than zero.
 */
export function nonNegativeLeastSquares(a: readonly (readonly number[])[], b: readonly number[]): number[] {
  const unknowns = a[0]!.length;
  let best: number[] = new Array<number>(unknowns).fill(0);
  let least = residual(a, b, best);
  for (let subset = 1; subset < 2 ** unknowns; subset++) {
    const columns = best.map((_, k) => k).filter(k => subset & (1 << k));
    const some = leastSquares(
      a.map(row => columns.map(k => row[k]!)),
      b,
    );
    if (!some?.every(value => value >= 0)) continue;
    const x = new Array<number>(unknowns).fill(0);
    for (const [k, column] of columns.entries()) x[column] = some[k]!;
    const off = residual(a, b, x);
    if (off < least) [best, least] = [x, off];
  }
  return best;
}

function residual(a: readonly (readonly number[])[], b: readonly number[], x: readonly number[]): number {
  return a.reduce((sum, row, k) => sum + (dot(row, x) - b[k]!) ** 2, 0);
}

export const dot = (u: readonly number[], v: readonly number[]): number =>
  u.reduce((sum, value, k) => sum + value * v[k]!, 0);

/** Solves the normal equations, with columns scaled to length one; undefined where they have no one solution. */
function leastSquares(a: readonly (readonly number[])[], b: readonly number[]): number[] | undefined {
  const n = a[0]!.length;
  const column = (k: number): number[] => a.map(row => row[k]!);
  const lengths = Array.from({length: n}, (_, k) => Math.hypot(...column(k)));
  if (lengths.some(length => length === 0)) return undefined;
  const scaled = Array.from({length: n}, (_, k) => column(k).map(value => value / lengths[k]!));
  const matrix = scaled.map(u => [...scaled.map(v => dot(u, v)), dot(u, b)]);
  for (let k = 0; k < n; k++) {
    const pivot = matrix.reduce(
      (most, row, j) => (j >= k && Math.abs(row[k]!) > Math.abs(matrix[most]![k]!) ? j : most),
      k,
    );
    if (Math.abs(matrix[pivot]![k]!) < 1e-10) return undefined;
    [matrix[k], matrix[pivot]] = [matrix[pivot]!, matrix[k]!];
    for (let j = 0; j < n; j++) {
      if (j === k) continue;
      const factor = matrix[j]![k]! / matrix[k]![k]!;
      matrix[j] = matrix[j]!.map((value, c) => value - factor * matrix[k]![c]!);
    }
  }
  return matrix.map((row, k) => row[n]! / row[k]! / lengths[k]!);
}
