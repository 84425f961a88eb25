import {tile1x1, tile1x4, tile2x2, tile4x1, tile6x1} from './tiles';
import {fill, width} from './vector';

/** So many panels of B are worked through together. */
const GROUP: usize = 4;
/** So many k of a panel are worked through together: four panels of them stay in the first cache. */
export const DEPTH: usize = 256;

/** The places of the vectors of one group in the first row of C. */
let c0: usize = 0, c1: usize = 0, c2: usize = 0, c3: usize = 0;
let c4: usize = 0, c5: usize = 0, c6: usize = 0, c7: usize = 0;

// Where the next vector of C is, and how many follow it in its gate and in all. Globals, since what is in memory is
// shared by threads.
let next: usize = 0, inGate: usize = 0, inAll: usize = 0, perGate: usize = 0, jump: usize = 0, last: usize = 0;

/** C's vectors are side by side within a gate, and the next gate's `gate` bytes after this one's. */
function begin<T>(c: usize, vectors: usize, ofGate: usize, gate: usize): void {
  next = c;
  inGate = ofGate;
  perGate = ofGate;
  jump = gate - ofGate * width<T>();
  inAll = vectors;
}

/** The place of the next vector; after the last one, that one's again. */
function take<T>(): usize {
  if (inAll == 0) return last;
  inAll -= 1;
  last = next;
  next += width<T>();
  inGate -= 1;
  if (inGate == 0) {
    inGate = perGate;
    next += jump;
  }
  return last;
}

function takeGroup<T>(): void {
  c0 = take<T>();
  c1 = take<T>();
  c2 = take<T>();
  c3 = take<T>();
  c4 = take<T>();
  c5 = take<T>();
  c6 = take<T>();
  c7 = take<T>();
}

/** One group of `count` panels, over `rows` rows, `k` deep; `c` is added to the places in `c0` to `c7`. */
function group<T>(
  a: usize, ra: usize, ka: usize, rows: usize, k: usize, b: usize, count: usize, c: usize, rc: usize,
): void {
  const panel = k * 2 * width<T>();
  let left = rows;
  while (left >= 6) {
    tile6x1<T>(a, ra, ka, k, b, c0 + c, c1 + c, rc);
    if (count > 1) tile6x1<T>(a, ra, ka, k, b + panel, c2 + c, c3 + c, rc);
    if (count > 2) tile6x1<T>(a, ra, ka, k, b + 2 * panel, c4 + c, c5 + c, rc);
    if (count > 3) tile6x1<T>(a, ra, ka, k, b + 3 * panel, c6 + c, c7 + c, rc);
    left -= 6;
    a += 6 * ra;
    c += 6 * rc;
  }
  if (left >= 4) {
    tile4x1<T>(a, ra, ka, k, b, c0 + c, c1 + c, rc);
    if (count > 1) tile4x1<T>(a, ra, ka, k, b + panel, c2 + c, c3 + c, rc);
    if (count > 2) tile4x1<T>(a, ra, ka, k, b + 2 * panel, c4 + c, c5 + c, rc);
    if (count > 3) tile4x1<T>(a, ra, ka, k, b + 3 * panel, c6 + c, c7 + c, rc);
    left -= 4;
    a += 4 * ra;
    c += 4 * rc;
  }
  if (left >= 2 && count > 1) {
    tile2x2<T>(a, ra, ka, k, b, panel, c0 + c, c1 + c, c2 + c, c3 + c, rc);
    if (count > 3) tile2x2<T>(a, ra, ka, k, b + 2 * panel, panel, c4 + c, c5 + c, c6 + c, c7 + c, rc);
    else if (count > 2) {
      tile1x1<T>(a, ka, k, b + 2 * panel, c4 + c, c5 + c);
      tile1x1<T>(a + ra, ka, k, b + 2 * panel, c4 + c + rc, c5 + c + rc);
    }
    left -= 2;
    a += 2 * ra;
    c += 2 * rc;
  }
  while (left > 0) {
    if (count > 3)
      tile1x4<T>(a, ka, k, b, panel, c0 + c, c1 + c, c2 + c, c3 + c, c4 + c, c5 + c, c6 + c, c7 + c);
    else {
      tile1x1<T>(a, ka, k, b, c0 + c, c1 + c);
      if (count > 1) tile1x1<T>(a, ka, k, b + panel, c2 + c, c3 + c);
      if (count > 2) tile1x1<T>(a, ka, k, b + 2 * panel, c4 + c, c5 + c);
    }
    left -= 1;
    a += ra;
    c += rc;
  }
}

/**
 * C += A·B for `outer` times `rows` rows of A, B packed as `pack` leaves it. Words: a, its stride from outer to outer,
 * from row to row; outer; rows; k; b; vectors of C, in each gate; c, its stride from outer to outer, from row to
 * row, from gate to gate.
 */
export function product<T>(p: usize, steps: usize): void {
  const a = load<usize>(p, 4), aOuter = load<usize>(p, 8), ra = load<usize>(p, 12);
  const outer = countOf(load<usize>(p, 16), steps), rows = countOf(load<usize>(p, 20), steps);
  const k = load<usize>(p, 24);
  let b = load<usize>(p, 28);
  const vectors = load<usize>(p, 32), ofGate = load<usize>(p, 36);
  const c = load<usize>(p, 40), cOuter = load<usize>(p, 44), rc = load<usize>(p, 48), gate = load<usize>(p, 52);
  const panels = (vectors + 1) >> 1;
  for (let k0: usize = 0; k0 < k; k0 += DEPTH) {
    const deep = min(DEPTH, k - k0);
    begin<T>(c, vectors, ofGate, gate);
    for (let first: usize = 0; first < panels; first += GROUP) {
      const count = min(GROUP, panels - first);
      takeGroup<T>();
      for (let o: usize = 0; o < outer; o++)
        group<T>(a + o * aOuter + k0 * 4, ra, 4, rows, deep, b, count, o * cOuter, rc);
      b += count * deep * 2 * width<T>();
    }
  }
}

/**
 * C += Aᵀ·B, the sum over all rows of a round of steps: a weight's gradient. Words: a, its stride from row to row (of
 * all steps, one after the other), its columns; b, its stride from step to step, from row to row, from gate to
 * gate; rows; vectors of b, in each gate; c, its stride from row to row; scratch for four panels.
 */
export function outerProduct<T>(p: usize, steps: usize): void {
  const a = load<usize>(p, 4), ka = load<usize>(p, 8), columns = load<usize>(p, 12);
  const b = load<usize>(p, 16), bStep = load<usize>(p, 20), bRow = load<usize>(p, 24), gate = load<usize>(p, 28);
  const rows = load<usize>(p, 32), vectors = load<usize>(p, 36), ofGate = load<usize>(p, 40);
  const c = load<usize>(p, 44), rc = load<usize>(p, 48), scratch = load<usize>(p, 52);
  const k = steps * rows;
  const panels = (vectors + 1) >> 1;
  for (let first: usize = 0; first < panels; first += GROUP) {
    const count = min(GROUP, panels - first);
    let to = scratch;
    for (let v = first * 2; v < (first + count) * 2; v++) {
      const there = v < vectors;
      let from = b + (v / ofGate) * gate + (v % ofGate) * width<T>();
      let place = to + (v & 1) * width<T>();
      for (let s: usize = 0; s < steps; s++) {
        let row = from;
        for (let r: usize = 0; r < rows; r++) {
          store<T>(place, there ? load<T>(row) : fill<T>(0));
          row += bRow;
          place += 2 * width<T>();
        }
        from += bStep;
      }
      if (v & 1) to += k * 2 * width<T>();
    }
    begin<T>(c + first * 2 * width<T>(), vectors - first * 2, vectors, 0);
    takeGroup<T>();
    group<T>(a, 4, ka, columns, k, scratch, count, 0, rc);
  }
}

/** A number of steps or rows; −1 stands for the steps of the round. */
// @ts-ignore: decorator
@inline
export function countOf(given: usize, steps: usize): usize {
  return given == <usize>-1 ? steps : given;
}

/**
 * Lays a matrix B out as `product` reads it. Element (k, gate, column) is at `source` + k·`ks` + gate·`gs` +
 * column·`cs`; every gate has `columns` columns, filled up with zeros to `ofGate` vectors.
 */
export function packPanels<T>(
  to: usize, source: usize, k: usize, gates: usize, columns: usize, ofGate: usize, ks: usize, gs: usize, cs: usize,
): void {
  const vectors = gates * ofGate;
  const panels = (vectors + 1) >> 1;
  const lanes = width<T>() >> 2;
  for (let k0: usize = 0; k0 < k; k0 += DEPTH) {
    const deep = min(DEPTH, k - k0);
    for (let v: usize = 0; v < panels * 2; v++) {
      const gate = v / ofGate, first = (v % ofGate) * lanes;
      for (let l: usize = 0; l < lanes; l++) {
        let place = to + ((v >> 1) * deep * 2 + (v & 1)) * width<T>() + l * 4;
        const column = first + l;
        const there = v < vectors && column < columns;
        let from = source + k0 * ks + gate * gs + column * cs;
        for (let d: usize = 0; d < deep; d++) {
          store<f32>(place, there ? load<f32>(from) : 0);
          place += 2 * width<T>();
          from += ks;
        }
      }
    }
    to += panels * deep * 2 * width<T>();
  }
}
