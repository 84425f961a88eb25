import {GROUP, OuterProductWords, PackWords, ProductWords} from './isa.generated';
import {countOf} from './iteration';
import {c0, c1, c2, c3, c4, c5, c6, c7, rc, setPair, setPlaces, setRows, tile1x1, tile1x4, tile2x2, tile4x1, tile6x1} from './tiles';
import {fill, width} from './vector';

/** Rows of a panel that are multiplied before the next ones: a group of panels so deep stays in the first cache. */
export const DEPTH: usize = 256;

// The place of C's next vector, and how many follow it in its gate and in all. Globals, because threads share the
// memory.
let next: usize = 0, inGate: usize = 0, inAll: usize = 0, perGate: usize = 0, jump: usize = 0, last: usize = 0;

/** Begins with C's first vector. Vectors lie side by side within a gate, gates `gate` bytes apart. */
function begin<T>(c: usize, vectors: usize, ofGate: usize, gate: usize): void {
  next = c;
  inGate = ofGate;
  perGate = ofGate;
  jump = gate - ofGate * width<T>();
  inAll = vectors;
}

/** The place of the next vector; after the last one, its place again. */
function nextVector<T>(): usize {
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

/** Sets the places of the next group's vectors, for the tiles. */
function nextGroup<T>(): void {
  // Nearly always, all are in one gate.
  if (inGate >= 8 && inAll >= 8) {
    const w = width<T>(), first = next;
    setPlaces(
      first, first + w, first + 2 * w, first + 3 * w, first + 4 * w, first + 5 * w, first + 6 * w, first + 7 * w,
    );
    last = first + 7 * w;
    next = first + 8 * w;
    inAll -= 8;
    inGate -= 8;
    if (inGate == 0) {
      inGate = perGate;
      next += jump;
    }
    return;
  }
  setPlaces(nextVector<T>(), nextVector<T>(), nextVector<T>(), nextVector<T>(), nextVector<T>(), nextVector<T>(), nextVector<T>(), nextVector<T>());
}

/** Sets the places of one panel's vectors, `c` bytes further on, for the tiles. */
function usePanel(panel: usize, c: usize): void {
  if (panel == 0) setPair(c0 + c, c1 + c);
  else if (panel == 1) setPair(c2 + c, c3 + c);
  else if (panel == 2) setPair(c4 + c, c5 + c);
  else setPair(c6 + c, c7 + c);
}

/** Multiplies `rows` rows of A by a group of `count` panels. */
function group<T>(a: usize, ra: usize, rows: usize, b: usize, depth: usize, count: usize, c: usize): void {
  const stride = count * 2 * width<T>();
  let left = rows;
  // Without relaxed SIMD an addition needs a register beside the product's, and six rows are too many.
  if (ASC_FEATURE_RELAXED_SIMD) {
    while (left >= 6) {
      for (let p: usize = 0; p < count; p++) {
        usePanel(p, c);
        tile6x1<T>(a, ra, b + p * 2 * width<T>(), depth, stride);
      }
      left -= 6;
      a += 6 * ra;
      c += 6 * rc;
    }
  }
  while (left >= 4) {
    for (let p: usize = 0; p < count; p++) {
      usePanel(p, c);
      tile4x1<T>(a, ra, b + p * 2 * width<T>(), depth, stride);
    }
    left -= 4;
    a += 4 * ra;
    c += 4 * rc;
  }
  if (left >= 2 && count == GROUP) {
    tile2x2<T>(a, ra, b, depth, c0 + c, c1 + c, c2 + c, c3 + c);
    tile2x2<T>(a, ra, b + 4 * width<T>(), depth, c4 + c, c5 + c, c6 + c, c7 + c);
    left -= 2;
    a += 2 * ra;
    c += 2 * rc;
  }
  while (left > 0) {
    if (count == GROUP) tile1x4<T>(a, b, depth, c);
    else {
      for (let p: usize = 0; p < count; p++) {
        usePanel(p, c);
        tile1x1<T>(a, b + p * 2 * width<T>(), depth, stride);
      }
    }
    left -= 1;
    a += ra;
    c += rc;
  }
}

export function product<T>(w: ProductWords, steps: usize): void {
  const a = w.a, aOuter = w.aOuter, aRow = w.aRow;
  const outer = countOf(w.outer, steps), rows = countOf(w.rows, steps);
  const k = w.depth;
  let b = w.b;
  const vectors = w.vectors, gateVectors = w.gateVectors;
  const c = w.c, cOuter = w.cOuter, cGate = w.cGate;
  setRows(w.cRow);
  const panels = (vectors + 1) >> 1;
  for (let k0: usize = 0; k0 < k; k0 += DEPTH) {
    const deep = min(DEPTH, k - k0);
    begin<T>(c, vectors, gateVectors, cGate);
    for (let first: usize = 0; first < panels; first += GROUP) {
      const count = min(GROUP, panels - first);
      nextGroup<T>();
      for (let o: usize = 0; o < outer; o++)
        group<T>(a + o * aOuter + k0 * 4, aRow, rows, b, deep * count * 2 * width<T>(), count, o * cOuter);
      b += count * deep * 2 * width<T>();
    }
  }
}

export function outerProduct<T>(w: OuterProductWords, steps: usize): void {
  const columns = w.columns;
  const b = w.b, bStep = w.bStep, bRow = w.bRow, bGate = w.bGate;
  const rows = w.rows, vectors = w.vectors, gateVectors = w.gateVectors;
  const c = w.c, transposed = w.scratch;
  setRows(w.cRow);
  const k = steps * rows;
  transpose(transposed, w.a, w.aStep, w.aRow, steps, rows, columns);
  const panelsAt = transposed + ((columns * k * 4 + 15) & ~15);
  const panels = (vectors + 1) >> 1;
  begin<T>(c, vectors, vectors, 0);
  for (let first: usize = 0; first < panels; first += GROUP) {
    const count = min(GROUP, panels - first);
    for (let v: usize = 0; v < count * 2; v++) {
      const which = first * 2 + v;
      let from = b + (which / gateVectors) * bGate + (which % gateVectors) * width<T>();
      let place = panelsAt + v * width<T>();
      for (let s: usize = 0; s < steps; s++) {
        let row = from;
        for (let r: usize = 0; r < rows; r++) {
          store<T>(place, which < vectors ? load<T>(row) : fill<T>(0));
          row += bRow;
          place += count * 2 * width<T>();
        }
        from += bStep;
      }
    }
    nextGroup<T>();
    group<T>(transposed, k * 4, columns, panelsAt, k * count * 2 * width<T>(), count, 0);
  }
}

/** Transposes the rows of some steps: column by column, each with all rows. */
function transpose(
  to: usize, from: usize, step: usize, row: usize, steps: usize, rows: usize, columns: usize,
): void {
  const height = steps * rows * 4;
  for (let s: usize = 0; s < steps; s++) {
    let source = from;
    for (let r: usize = 0; r < rows; r++) {
      let place = to;
      for (let k: usize = 0; k < columns; k++) {
        store<f32>(place, load<f32>(source + (k << 2)));
        place += height;
      }
      source += row;
      to += 4;
    }
    from += step;
  }
}

export function pack<T>(w: PackWords, steps: usize): void {
  const k = w.depth, columns = w.columns, gateVectors = w.gateVectors;
  const depthStride = w.depthStride, gateStride = w.gateStride, columnStride = w.columnStride;
  const source = w.from;
  let to = w.to;
  const vectors = w.gates * gateVectors;
  const panels = (vectors + 1) >> 1;
  const lanes = width<T>() >> 2;
  for (let k0: usize = 0; k0 < k; k0 += DEPTH) {
    const deep = min(DEPTH, k - k0);
    for (let v: usize = 0; v < panels * 2; v++) {
      const gate = v / gateVectors, first = (v % gateVectors) * lanes;
      const first8 = v & ~(2 * GROUP - 1);
      const stride = min(2 * GROUP, panels * 2 - first8) * width<T>();
      for (let l: usize = 0; l < lanes; l++) {
        let place = to + (first8 * deep + v - first8) * width<T>() + l * 4;
        const column = first + l;
        const there = v < vectors && column < columns;
        let from = source + k0 * depthStride + gate * gateStride + column * columnStride;
        for (let d: usize = 0; d < deep; d++) {
          store<f32>(place, there ? load<f32>(from) : 0);
          place += stride;
          from += depthStride;
        }
      }
    }
    to += panels * deep * 2 * width<T>();
  }
}
