import {
  ROUND, abs, add, atLeast, atMost, div, fill, lowerHalf, mul, mulAdd, otherHalf, powerOfTwo, sub, whereLess, withSign,
} from './vector';

/**
 * Functions over the whole of float32: infinities, NaN and results below the normal range included. How far each may
 * be off is stated, and tested against float64, in test/wasm-accuracy.test.ts.
 */

const LOG2_E: f32 = 1.4426950408889634;
/** ln 2 in two parts; the first has so few bits that its products with exponents are exact. */
const LN2_HIGH: f32 = 0.693359375;
const LN2_LOW: f32 = -2.12194440e-4;

/** (e^r − 1 − r) / r² = E2 + E3·r + …, fitted with the least largest relative error of the whole, 1.4e-8. */
const E2: f32 = 0.49999997019767761;
const E3: f32 = 0.1666654348373413;
const E4: f32 = 0.04166720062494278;
const E5: f32 = 0.008366547524929047;
const E6: f32 = 0.0013882516650483012;

/** (2·artanh(s) − 2·s) / s³ = L1 + L2·s² + … for s up to 1/3, likewise, 4.5e-9. */
const L1: f32 = 0.6666641235351562;
const L2: f32 = 0.4002159833908081;
const L3: f32 = 0.2800053358078003;
const L4: f32 = 0.2801879644393921;

/** e^r − 1 for |r| ≤ ln 2 / 2, from a polynomial with the least largest relative error. */
// @ts-ignore: decorator
@inline
function smallExpm1<T>(r: T): T {
  let p = fill<T>(E6);
  p = mulAdd<T>(p, r, fill<T>(E5));
  p = mulAdd<T>(p, r, fill<T>(E4));
  p = mulAdd<T>(p, r, fill<T>(E3));
  p = mulAdd<T>(p, r, fill<T>(E2));
  return mulAdd<T>(mul<T>(p, r), r, r);
}

/** x / ln 2 as a whole number, as `ROUND` leaves it. */
// @ts-ignore: decorator
@inline
function exponentOf<T>(x: T): T {
  return add<T>(mul<T>(x, fill<T>(LOG2_E)), fill<T>(ROUND));
}

/** What is left of x beside that many times ln 2. */
// @ts-ignore: decorator
@inline
function remainderOf<T>(x: T, rounded: T): T {
  const n = sub<T>(rounded, fill<T>(ROUND));
  return mulAdd<T>(n, fill<T>(-LN2_LOW), mulAdd<T>(n, fill<T>(-LN2_HIGH), x));
}

// @ts-ignore: decorator
@inline
export function exp<T>(given: T): T {
  const x = atMost<T>(atLeast<T>(given, fill<T>(-105)), fill<T>(89));
  const rounded = exponentOf<T>(x);
  const p = smallExpm1<T>(remainderOf<T>(x, rounded));
  // In two steps: the exponent of a result below the normal range, or of infinity, is none of a number's.
  const half = lowerHalf<T>(rounded);
  const first = powerOfTwo<T>(half);
  const second = powerOfTwo<T>(otherHalf<T>(rounded, half));
  return mul<T>(mulAdd<T>(p, first, first), second);
}

/** e^x − 1 for x up to 87. */
// @ts-ignore: decorator
@inline
export function expm1<T>(given: T): T {
  const x = atLeast<T>(given, fill<T>(-30));
  const rounded = exponentOf<T>(x);
  const p = smallExpm1<T>(remainderOf<T>(x, rounded));
  const scale = powerOfTwo<T>(otherHalf<T>(rounded, zero<T>()));
  return mulAdd<T>(p, scale, sub<T>(scale, fill<T>(1)));
}

// @ts-ignore: decorator
@inline
function zero<T>(): T {
  return fill<T>(0);
}

// @ts-ignore: decorator
@inline
export function tanh<T>(x: T): T {
  // From 10 on it is 1 to the last bit.
  const m = expm1<T>(atMost<T>(mul<T>(abs<T>(x), fill<T>(2)), fill<T>(20)));
  return withSign<T>(div<T>(m, add<T>(m, fill<T>(2))), x);
}

// @ts-ignore: decorator
@inline
export function sigmoid<T>(x: T): T {
  const e = exp<T>(sub<T>(zero<T>(), abs<T>(x)));
  const one = fill<T>(1);
  return div<T>(whereLess<T>(x, zero<T>(), e, one), add<T>(one, e));
}

/** ln(1 + e) for 0 ≤ e ≤ 1, by the series of the area tangent of e / (2 + e). */
// @ts-ignore: decorator
@inline
function log1p<T>(e: T): T {
  const s = div<T>(e, add<T>(e, fill<T>(2)));
  const q = mul<T>(s, s);
  let p = fill<T>(L4);
  p = mulAdd<T>(p, q, fill<T>(L3));
  p = mulAdd<T>(p, q, fill<T>(L2));
  p = mulAdd<T>(p, q, fill<T>(L1));
  return mulAdd<T>(mul<T>(p, q), s, add<T>(s, s));
}

// @ts-ignore: decorator
@inline
export function softplus<T>(x: T): T {
  return add<T>(atLeast<T>(x, zero<T>()), log1p<T>(exp<T>(sub<T>(zero<T>(), abs<T>(x)))));
}
