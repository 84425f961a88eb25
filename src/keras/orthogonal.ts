/** Rows of a block, which are made orthonormal together; all later rows then lose what lies along them. */
const BLOCK = 32;
/** Rows of a tile: so many dot products and updates at a time keep their sums in registers. */
const TILE = 4;

/**
 * Rows (or columns, whichever are fewer) made orthonormal: modified Gram–Schmidt in float64, in blocks that stay in the
 * cache. On Gaussian noise this draws uniformly among orthogonal matrices, to far below float32's rounding.
 * tfjs' own initializer runs a QR of tensor operations, seconds for the kernels of a mid-size LSTM.
 */
export function orthonormalise(noise: Float32Array, rows: number, columns: number): Float32Array {
  const wide = rows <= columns;
  const matrix = new Rows(wide ? noise : transposed(noise, rows, columns), Math.max(rows, columns));
  const count = Math.min(rows, columns);
  for (let start = 0; start < count; start += BLOCK) {
    const end = Math.min(start + BLOCK, count);
    matrix.makeOrthonormal(start, end);
    for (let row = end; row < count; row += TILE) {
      for (let unit = start; unit < end; unit += TILE)
        matrix.remove(unit, Math.min(unit + TILE, end), row, Math.min(row + TILE, count));
    }
  }
  const result = Float32Array.from(matrix.values);
  return wide ? result : transposed(result, columns, rows);
}

function transposed(matrix: Float32Array, rows: number, columns: number): Float32Array {
  const result = new Float32Array(matrix.length);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) result[j * rows + i] = matrix[i * columns + j]!;
  }
  return result;
}

/** A matrix by its rows. */
class Rows {
  readonly values: Float64Array;

  constructor(
    values: Float32Array,
    private readonly length: number,
  ) {
    this.values = Float64Array.from(values);
  }

  /** Rows from `start` to `end`, each orthogonal to all before it within them, and of length 1. */
  makeOrthonormal(start: number, end: number): void {
    for (let tile = start; tile < end; tile += TILE) {
      const after = Math.min(tile + TILE, end);
      for (let row = tile; row < after; row++) {
        this.normalise(row);
        this.remove(row, row + 1, row + 1, after);
      }
      for (let row = after; row < end; row += TILE) this.remove(tile, after, row, Math.min(row + TILE, end));
    }
  }

  /** Takes from rows `from` to `to` what lies along the unit vectors from `unit` to `last`. */
  remove(unit: number, last: number, from: number, to: number): void {
    if (last - unit === TILE && to - from === TILE) this.removeTile(unit, from);
    else for (let u = unit; u < last; u++) for (let row = from; row < to; row++) this.removeOne(u, row);
  }

  private normalise(row: number): void {
    const vector = this.values.subarray(row * this.length, (row + 1) * this.length);
    let squares = 0;
    for (const value of vector) squares += value * value;
    const norm = Math.sqrt(squares) || 1;
    for (let k = 0; k < vector.length; k++) vector[k]! /= norm;
  }

  private removeOne(unit: number, row: number): void {
    const {values, length} = this;
    const [u, v] = [unit * length, row * length];
    let along = 0;
    for (let k = 0; k < length; k++) along += values[u + k]! * values[v + k]!;
    for (let k = 0; k < length; k++) values[v + k]! -= along * values[u + k]!;
  }

  /** Four units, four rows, two at a time. The units are orthonormal, so that all four may be removed at once. */
  private removeTile(unit: number, row: number): void {
    const {values: v, length: n} = this;
    const a = unit * n;
    const b = a + n;
    const c = b + n;
    const d = c + n;
    for (let r = row * n; r < (row + TILE) * n; r += 2 * n) {
      const s = r + n;
      let ra = 0;
      let rb = 0;
      let rc = 0;
      let rd = 0;
      let sa = 0;
      let sb = 0;
      let sc = 0;
      let sd = 0;
      for (let k = 0; k < n; k++) {
        const x = v[r + k]!;
        const y = v[s + k]!;
        ra += x * v[a + k]!;
        rb += x * v[b + k]!;
        rc += x * v[c + k]!;
        rd += x * v[d + k]!;
        sa += y * v[a + k]!;
        sb += y * v[b + k]!;
        sc += y * v[c + k]!;
        sd += y * v[d + k]!;
      }
      for (let k = 0; k < n; k++) {
        v[r + k]! -= ra * v[a + k]! + rb * v[b + k]! + rc * v[c + k]! + rd * v[d + k]!;
        v[s + k]! -= sa * v[a + k]! + sb * v[b + k]! + sc * v[c + k]! + sd * v[d + k]!;
      }
    }
  }
}
