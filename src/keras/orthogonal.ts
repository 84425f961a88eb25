/**
 * Rows (or columns, whichever are fewer) made orthonormal: modified Gram–Schmidt in float64, twice, so that
 * rounding does not show. On Gaussian noise this draws uniformly among orthogonal matrices.
 * tfjs's own initializer runs a QR of tensor operations, seconds for the kernels of a mid-size LSTM.
 */
export function orthonormalise(noise: Float32Array, rows: number, columns: number): Float32Array {
  const wide = rows <= columns;
  const [count, length] = wide ? [rows, columns] : [columns, rows];
  const vectors = Array.from({length: count}, (_, i) =>
    Float64Array.from({length}, (_, j) => noise[wide ? i * columns + j : j * columns + i]!),
  );
  for (let i = 0; i < count; i++) {
    const v = vectors[i]!;
    for (let pass = 0; pass < 2; pass++) {
      for (let j = 0; j < i; j++) subtractProjection(v, vectors[j]!);
    }
    const norm = Math.sqrt(dot(v, v)) || 1;
    for (let k = 0; k < length; k++) v[k]! /= norm;
  }
  const result = new Float32Array(rows * columns);
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < length; j++) result[wide ? i * columns + j : j * columns + i] = vectors[i]![j]!;
  }
  return result;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += a[k]! * b[k]!;
  return sum;
}

function subtractProjection(v: Float64Array, unit: Float64Array): void {
  const along = dot(v, unit);
  for (let k = 0; k < v.length; k++) v[k]! -= along * unit[k]!;
}
