import {add, fill, loadFill, mulAdd, width} from './vector';

/**
 * Tiles of a product C += A·B: some rows of C by some panels of two vectors, summed in registers over the whole of k.
 *
 * A's rows are `ra` bytes apart, its k side by side. B lies in panels: k after k, two vectors each; a panel has `depth`
 * bytes. C's vectors in the first row have a place each (of a group of four panels, `c0` to `c7`, plus `c`); rows of C
 * are `rc` bytes apart. A last vector that stands for nothing has the place of the vector before it, which is written
 * after it.
 *
 * Tiles have twelve sums, or eight where there are few rows: enough to hide the latency of an addition, few enough for
 * the sixteen registers of x64. Three more things keep V8 from running out of registers inside the loops; each is worth a
 * quarter to a third of the speed. Sums begin at zero and are added to C after the loop; C's places are globals; what
 * follows from `a` and `b` is computed anew in each iteration.
 */

export let c0: usize = 0, c1: usize = 0, c2: usize = 0, c3: usize = 0;
export let c4: usize = 0, c5: usize = 0, c6: usize = 0, c7: usize = 0;
export let rc: usize = 0;
/** C's places for a tile of one panel. */
let left: usize = 0, right: usize = 0;

/** Sets the places for a group of panels. */
export function setPlaces(
  p0: usize, p1: usize, p2: usize, p3: usize, p4: usize, p5: usize, p6: usize, p7: usize,
): void {
  c0 = p0;
  c1 = p1;
  c2 = p2;
  c3 = p3;
  c4 = p4;
  c5 = p5;
  c6 = p6;
  c7 = p7;
}

/** Sets the places for a tile of one panel. */
export function setPair(first: usize, second: usize): void {
  left = first;
  right = second;
}

/** Sets how many bytes apart C's rows are. */
export function setRows(stride: usize): void {
  rc = stride;
}

@inline
function addTo<T>(place: usize, sum: T): void {
  store<T>(place, add<T>(load<T>(place), sum));
}

/** Six rows by one panel. */
export function tile6x1<T>(a: usize, ra: usize, b: usize, depth: usize, stride: usize): void {
  const zero = fill<T>(0);
  let x0 = zero, y0 = zero;
  let x1 = zero, y1 = zero;
  let x2 = zero, y2 = zero;
  let x3 = zero, y3 = zero;
  let x4 = zero, y4 = zero;
  let x5 = zero, y5 = zero;
  const end = b + depth;
  while (b < end) {
    const a1 = a + ra, a2 = a1 + ra, a3 = a2 + ra, a4 = a3 + ra, a5 = a4 + ra;
    const p = load<T>(b), q = load<T>(b, sizeof<T>());
    let s = loadFill<T>(a);
    x0 = mulAdd<T>(s, p, x0);
    y0 = mulAdd<T>(s, q, y0);
    s = loadFill<T>(a1);
    x1 = mulAdd<T>(s, p, x1);
    y1 = mulAdd<T>(s, q, y1);
    s = loadFill<T>(a2);
    x2 = mulAdd<T>(s, p, x2);
    y2 = mulAdd<T>(s, q, y2);
    s = loadFill<T>(a3);
    x3 = mulAdd<T>(s, p, x3);
    y3 = mulAdd<T>(s, q, y3);
    s = loadFill<T>(a4);
    x4 = mulAdd<T>(s, p, x4);
    y4 = mulAdd<T>(s, q, y4);
    s = loadFill<T>(a5);
    x5 = mulAdd<T>(s, p, x5);
    y5 = mulAdd<T>(s, q, y5);
    a += 4;
    b += stride;
  }
  addTo<T>(right, y0);
  addTo<T>(left, x0);
  addTo<T>(right + rc, y1);
  addTo<T>(left + rc, x1);
  addTo<T>(right + 2 * rc, y2);
  addTo<T>(left + 2 * rc, x2);
  addTo<T>(right + 3 * rc, y3);
  addTo<T>(left + 3 * rc, x3);
  addTo<T>(right + 4 * rc, y4);
  addTo<T>(left + 4 * rc, x4);
  addTo<T>(right + 5 * rc, y5);
  addTo<T>(left + 5 * rc, x5);
}

/** Four rows by one panel. */
export function tile4x1<T>(a: usize, ra: usize, b: usize, depth: usize, stride: usize): void {
  const zero = fill<T>(0);
  let x0 = zero, y0 = zero;
  let x1 = zero, y1 = zero;
  let x2 = zero, y2 = zero;
  let x3 = zero, y3 = zero;
  const end = b + depth;
  while (b < end) {
    const a1 = a + ra, a2 = a1 + ra, a3 = a2 + ra;
    const p = load<T>(b), q = load<T>(b, sizeof<T>());
    let s = loadFill<T>(a);
    x0 = mulAdd<T>(s, p, x0);
    y0 = mulAdd<T>(s, q, y0);
    s = loadFill<T>(a1);
    x1 = mulAdd<T>(s, p, x1);
    y1 = mulAdd<T>(s, q, y1);
    s = loadFill<T>(a2);
    x2 = mulAdd<T>(s, p, x2);
    y2 = mulAdd<T>(s, q, y2);
    s = loadFill<T>(a3);
    x3 = mulAdd<T>(s, p, x3);
    y3 = mulAdd<T>(s, q, y3);
    a += 4;
    b += stride;
  }
  addTo<T>(right, y0);
  addTo<T>(left, x0);
  addTo<T>(right + rc, y1);
  addTo<T>(left + rc, x1);
  addTo<T>(right + 2 * rc, y2);
  addTo<T>(left + 2 * rc, x2);
  addTo<T>(right + 3 * rc, y3);
  addTo<T>(left + 3 * rc, x3);
}

/** Two rows by two panels. */
export function tile2x2<T>(
  a: usize, ra: usize, b: usize, depth: usize, p0: usize, p1: usize, p2: usize, p3: usize,
): void {
  const zero = fill<T>(0);
  let x0 = zero, x1 = zero, x2 = zero, x3 = zero;
  let y0 = zero, y1 = zero, y2 = zero, y3 = zero;
  const end = b + depth;
  while (b < end) {
    const s = loadFill<T>(a), t = loadFill<T>(a + ra);
    let v = load<T>(b);
    x0 = mulAdd<T>(s, v, x0);
    y0 = mulAdd<T>(t, v, y0);
    v = load<T>(b, sizeof<T>());
    x1 = mulAdd<T>(s, v, x1);
    y1 = mulAdd<T>(t, v, y1);
    v = load<T>(b, 2 * sizeof<T>());
    x2 = mulAdd<T>(s, v, x2);
    y2 = mulAdd<T>(t, v, y2);
    v = load<T>(b, 3 * sizeof<T>());
    x3 = mulAdd<T>(s, v, x3);
    y3 = mulAdd<T>(t, v, y3);
    a += 4;
    b += 8 * width<T>();
  }
  addTo<T>(p3 + rc, y3);
  addTo<T>(p2 + rc, y2);
  addTo<T>(p1 + rc, y1);
  addTo<T>(p0 + rc, y0);
  addTo<T>(p3, x3);
  addTo<T>(p2, x2);
  addTo<T>(p1, x1);
  addTo<T>(p0, x0);
}

/** One row by four panels. */
export function tile1x4<T>(a: usize, b: usize, depth: usize, c: usize): void {
  const zero = fill<T>(0);
  let x0 = zero, x1 = zero, x2 = zero, x3 = zero;
  let x4 = zero, x5 = zero, x6 = zero, x7 = zero;
  const end = b + depth;
  // Two k at a time are 5 % faster without relaxed SIMD, and slower with it.
  const pairs = ASC_FEATURE_RELAXED_SIMD ? b : end - 8 * width<T>();
  while (b < pairs) {
    let s = loadFill<T>(a);
    x0 = mulAdd<T>(s, load<T>(b), x0);
    x1 = mulAdd<T>(s, load<T>(b, sizeof<T>()), x1);
    x2 = mulAdd<T>(s, load<T>(b, 2 * sizeof<T>()), x2);
    x3 = mulAdd<T>(s, load<T>(b, 3 * sizeof<T>()), x3);
    x4 = mulAdd<T>(s, load<T>(b, 4 * sizeof<T>()), x4);
    x5 = mulAdd<T>(s, load<T>(b, 5 * sizeof<T>()), x5);
    x6 = mulAdd<T>(s, load<T>(b, 6 * sizeof<T>()), x6);
    x7 = mulAdd<T>(s, load<T>(b, 7 * sizeof<T>()), x7);
    s = loadFill<T>(a + 4);
    x0 = mulAdd<T>(s, load<T>(b, 8 * sizeof<T>()), x0);
    x1 = mulAdd<T>(s, load<T>(b, 9 * sizeof<T>()), x1);
    x2 = mulAdd<T>(s, load<T>(b, 10 * sizeof<T>()), x2);
    x3 = mulAdd<T>(s, load<T>(b, 11 * sizeof<T>()), x3);
    x4 = mulAdd<T>(s, load<T>(b, 12 * sizeof<T>()), x4);
    x5 = mulAdd<T>(s, load<T>(b, 13 * sizeof<T>()), x5);
    x6 = mulAdd<T>(s, load<T>(b, 14 * sizeof<T>()), x6);
    x7 = mulAdd<T>(s, load<T>(b, 15 * sizeof<T>()), x7);
    a += 8;
    b += 16 * width<T>();
  }
  while (b < end) {
    const s = loadFill<T>(a);
    x0 = mulAdd<T>(s, load<T>(b), x0);
    x1 = mulAdd<T>(s, load<T>(b, sizeof<T>()), x1);
    x2 = mulAdd<T>(s, load<T>(b, 2 * sizeof<T>()), x2);
    x3 = mulAdd<T>(s, load<T>(b, 3 * sizeof<T>()), x3);
    x4 = mulAdd<T>(s, load<T>(b, 4 * sizeof<T>()), x4);
    x5 = mulAdd<T>(s, load<T>(b, 5 * sizeof<T>()), x5);
    x6 = mulAdd<T>(s, load<T>(b, 6 * sizeof<T>()), x6);
    x7 = mulAdd<T>(s, load<T>(b, 7 * sizeof<T>()), x7);
    a += 4;
    b += 8 * width<T>();
  }
  addTo<T>(c7 + c, x7);
  addTo<T>(c6 + c, x6);
  addTo<T>(c5 + c, x5);
  addTo<T>(c4 + c, x4);
  addTo<T>(c3 + c, x3);
  addTo<T>(c2 + c, x2);
  addTo<T>(c1 + c, x1);
  addTo<T>(c0 + c, x0);
}

/** One row by one panel, for what is left over; the even and the odd k are summed apart. */
export function tile1x1<T>(a: usize, b: usize, depth: usize, stride: usize): void {
  const zero = fill<T>(0);
  let x0 = zero, x1 = zero, y0 = zero, y1 = zero;
  const end = b + depth;
  while (b + stride < end) {
    let s = loadFill<T>(a);
    x0 = mulAdd<T>(s, load<T>(b), x0);
    x1 = mulAdd<T>(s, load<T>(b, sizeof<T>()), x1);
    s = loadFill<T>(a + 4);
    y0 = mulAdd<T>(s, load<T>(b + stride), y0);
    y1 = mulAdd<T>(s, load<T>(b + stride, sizeof<T>()), y1);
    a += 8;
    b += 2 * stride;
  }
  if (b < end) {
    const s = loadFill<T>(a);
    x0 = mulAdd<T>(s, load<T>(b), x0);
    x1 = mulAdd<T>(s, load<T>(b, sizeof<T>()), x1);
  }
  addTo<T>(right, add<T>(x1, y1));
  addTo<T>(left, add<T>(x0, y0));
}
