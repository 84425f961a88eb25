import {fill, loadFill, mulAdd, width} from './vector';

/**
 * Tiles of a product C += A·B: so many rows of C by so many pairs of vectors, held in registers over the whole of k.
 *
 * B lies in panels of two vectors: k after k, `2·width` bytes each. Element (row, k) of A is at `a + row·ra + k·ka`,
 * so that a tile reads A or its transpose. `c0`, `c1`, … are the places of C's vectors in the tile's first row, the
 * next row's are `rc` bytes further on. Where a last vector stands for nothing, it is given the place of the one
 * before it, which is written after it; its columns of B are zero.
 *
 * Twelve accumulators, or eight where there are few rows: enough to hide the time that an addition takes, few
 * enough for the sixteen registers of x64.
 */

export function tile6x1<T>(
  a: usize, ra: usize, ka: usize, k: usize, b: usize, c0: usize, c1: usize, rc: usize,
): void {
  let a1 = a + ra, a2 = a1 + ra, a3 = a2 + ra, a4 = a3 + ra, a5 = a4 + ra;
  let x00 = load<T>(c0), x01 = load<T>(c1);
  let x10 = load<T>(c0 + rc), x11 = load<T>(c1 + rc);
  let x20 = load<T>(c0 + 2 * rc), x21 = load<T>(c1 + 2 * rc);
  let x30 = load<T>(c0 + 3 * rc), x31 = load<T>(c1 + 3 * rc);
  let x40 = load<T>(c0 + 4 * rc), x41 = load<T>(c1 + 4 * rc);
  let x50 = load<T>(c0 + 5 * rc), x51 = load<T>(c1 + 5 * rc);
  const end = b + k * 2 * width<T>();
  while (b < end) {
    const b0 = load<T>(b), b1 = load<T>(b, sizeof<T>());
    let s = loadFill<T>(a);
    x00 = mulAdd<T>(s, b0, x00);
    x01 = mulAdd<T>(s, b1, x01);
    s = loadFill<T>(a1);
    x10 = mulAdd<T>(s, b0, x10);
    x11 = mulAdd<T>(s, b1, x11);
    s = loadFill<T>(a2);
    x20 = mulAdd<T>(s, b0, x20);
    x21 = mulAdd<T>(s, b1, x21);
    s = loadFill<T>(a3);
    x30 = mulAdd<T>(s, b0, x30);
    x31 = mulAdd<T>(s, b1, x31);
    s = loadFill<T>(a4);
    x40 = mulAdd<T>(s, b0, x40);
    x41 = mulAdd<T>(s, b1, x41);
    s = loadFill<T>(a5);
    x50 = mulAdd<T>(s, b0, x50);
    x51 = mulAdd<T>(s, b1, x51);
    a += ka;
    a1 += ka;
    a2 += ka;
    a3 += ka;
    a4 += ka;
    a5 += ka;
    b += 2 * width<T>();
  }
  store<T>(c1, x01);
  store<T>(c0, x00);
  store<T>(c1 + rc, x11);
  store<T>(c0 + rc, x10);
  store<T>(c1 + 2 * rc, x21);
  store<T>(c0 + 2 * rc, x20);
  store<T>(c1 + 3 * rc, x31);
  store<T>(c0 + 3 * rc, x30);
  store<T>(c1 + 4 * rc, x41);
  store<T>(c0 + 4 * rc, x40);
  store<T>(c1 + 5 * rc, x51);
  store<T>(c0 + 5 * rc, x50);
}

export function tile4x1<T>(
  a: usize, ra: usize, ka: usize, k: usize, b: usize, c0: usize, c1: usize, rc: usize,
): void {
  let a1 = a + ra, a2 = a1 + ra, a3 = a2 + ra;
  let x00 = load<T>(c0), x01 = load<T>(c1);
  let x10 = load<T>(c0 + rc), x11 = load<T>(c1 + rc);
  let x20 = load<T>(c0 + 2 * rc), x21 = load<T>(c1 + 2 * rc);
  let x30 = load<T>(c0 + 3 * rc), x31 = load<T>(c1 + 3 * rc);
  const end = b + k * 2 * width<T>();
  while (b < end) {
    const b0 = load<T>(b), b1 = load<T>(b, sizeof<T>());
    let s = loadFill<T>(a);
    x00 = mulAdd<T>(s, b0, x00);
    x01 = mulAdd<T>(s, b1, x01);
    s = loadFill<T>(a1);
    x10 = mulAdd<T>(s, b0, x10);
    x11 = mulAdd<T>(s, b1, x11);
    s = loadFill<T>(a2);
    x20 = mulAdd<T>(s, b0, x20);
    x21 = mulAdd<T>(s, b1, x21);
    s = loadFill<T>(a3);
    x30 = mulAdd<T>(s, b0, x30);
    x31 = mulAdd<T>(s, b1, x31);
    a += ka;
    a1 += ka;
    a2 += ka;
    a3 += ka;
    b += 2 * width<T>();
  }
  store<T>(c1, x01);
  store<T>(c0, x00);
  store<T>(c1 + rc, x11);
  store<T>(c0 + rc, x10);
  store<T>(c1 + 2 * rc, x21);
  store<T>(c0 + 2 * rc, x20);
  store<T>(c1 + 3 * rc, x31);
  store<T>(c0 + 3 * rc, x30);
}

/** Two rows by two panels, the second `panel` bytes after the first. */
export function tile2x2<T>(
  a: usize, ra: usize, ka: usize, k: usize, b: usize, panel: usize,
  c0: usize, c1: usize, c2: usize, c3: usize, rc: usize,
): void {
  let a1 = a + ra;
  let d = b + panel;
  let x00 = load<T>(c0), x01 = load<T>(c1), x02 = load<T>(c2), x03 = load<T>(c3);
  let x10 = load<T>(c0 + rc), x11 = load<T>(c1 + rc), x12 = load<T>(c2 + rc), x13 = load<T>(c3 + rc);
  const end = b + k * 2 * width<T>();
  while (b < end) {
    const s = loadFill<T>(a), t = loadFill<T>(a1);
    let v = load<T>(b);
    x00 = mulAdd<T>(s, v, x00);
    x10 = mulAdd<T>(t, v, x10);
    v = load<T>(b, sizeof<T>());
    x01 = mulAdd<T>(s, v, x01);
    x11 = mulAdd<T>(t, v, x11);
    v = load<T>(d);
    x02 = mulAdd<T>(s, v, x02);
    x12 = mulAdd<T>(t, v, x12);
    v = load<T>(d, sizeof<T>());
    x03 = mulAdd<T>(s, v, x03);
    x13 = mulAdd<T>(t, v, x13);
    a += ka;
    a1 += ka;
    b += 2 * width<T>();
    d += 2 * width<T>();
  }
  store<T>(c3, x03);
  store<T>(c2, x02);
  store<T>(c1, x01);
  store<T>(c0, x00);
  store<T>(c3 + rc, x13);
  store<T>(c2 + rc, x12);
  store<T>(c1 + rc, x11);
  store<T>(c0 + rc, x10);
}

/** One row by four panels, `panel` bytes apart. */
export function tile1x4<T>(
  a: usize, ka: usize, k: usize, b: usize, panel: usize,
  c0: usize, c1: usize, c2: usize, c3: usize, c4: usize, c5: usize, c6: usize, c7: usize,
): void {
  let d = b + panel, e = d + panel, f = e + panel;
  let x0 = load<T>(c0), x1 = load<T>(c1), x2 = load<T>(c2), x3 = load<T>(c3);
  let x4 = load<T>(c4), x5 = load<T>(c5), x6 = load<T>(c6), x7 = load<T>(c7);
  const end = d;
  while (b < end) {
    const s = loadFill<T>(a);
    x0 = mulAdd<T>(s, load<T>(b), x0);
    x1 = mulAdd<T>(s, load<T>(b, sizeof<T>()), x1);
    x2 = mulAdd<T>(s, load<T>(d), x2);
    x3 = mulAdd<T>(s, load<T>(d, sizeof<T>()), x3);
    x4 = mulAdd<T>(s, load<T>(e), x4);
    x5 = mulAdd<T>(s, load<T>(e, sizeof<T>()), x5);
    x6 = mulAdd<T>(s, load<T>(f), x6);
    x7 = mulAdd<T>(s, load<T>(f, sizeof<T>()), x7);
    a += ka;
    b += 2 * width<T>();
    d += 2 * width<T>();
    e += 2 * width<T>();
    f += 2 * width<T>();
  }
  store<T>(c7, x7);
  store<T>(c6, x6);
  store<T>(c5, x5);
  store<T>(c4, x4);
  store<T>(c3, x3);
  store<T>(c2, x2);
  store<T>(c1, x1);
  store<T>(c0, x0);
}

/** One row by one panel, the even and the odd k apart: what is left over. */
export function tile1x1<T>(a: usize, ka: usize, k: usize, b: usize, c0: usize, c1: usize): void {
  let x0 = load<T>(c0), x1 = load<T>(c1);
  let y0 = fill<T>(0), y1 = y0;
  const pairs = b + (k & ~1) * 2 * width<T>();
  const end = b + k * 2 * width<T>();
  while (b < pairs) {
    let s = loadFill<T>(a);
    x0 = mulAdd<T>(s, load<T>(b), x0);
    x1 = mulAdd<T>(s, load<T>(b, sizeof<T>()), x1);
    s = loadFill<T>(a + ka);
    y0 = mulAdd<T>(s, load<T>(b, 2 * sizeof<T>()), y0);
    y1 = mulAdd<T>(s, load<T>(b, 3 * sizeof<T>()), y1);
    a += 2 * ka;
    b += 4 * width<T>();
  }
  if (b < end) {
    const s = loadFill<T>(a);
    x0 = mulAdd<T>(s, load<T>(b), x0);
    x1 = mulAdd<T>(s, load<T>(b, sizeof<T>()), x1);
  }
  store<T>(c1, mulAdd<T>(y1, fill<T>(1), x1));
  store<T>(c0, mulAdd<T>(y0, fill<T>(1), x0));
}
