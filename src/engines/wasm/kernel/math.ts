import {
  BIAS, E2, E3, E4, E5, E6, HIGHEST, HIGHEST_DECAY, L1, L2, L3, L4, LN2_HIGH, LN2_LOW, LOG2_E, LOWEST, LOWEST_DECAY, LOWEST_M1,
  ONE, ROUND, SIGN, SMALL, SMALL_BIAS, TWO, WIDEST,
  constant,
} from './constants';
import {
  add, addBits, atLeast, atMost, div, fill, halveBits, mul, mulAdd, shiftToExponent, sub, subBits, turnSign, withoutSign,
  withSign,
} from './vector';

/**
 * Functions over the whole of float32, infinities, NaN and results below the normal range included. Largest errors, in
 * ULPs (the distance of neighbouring float32 numbers; rounding alone costs half of one):
 *
 *     exp 1.1   expm1 1.2   sigmoid 2.5   tanh 2.7   softplus 3
 *
 * Measured against float64 in every build: every number between 2⁻²⁸ and 2⁷, with either sign, once, and every 4096th of
 * all in test/wasm-accuracy.test.ts. tanh keeps the sign of zero.
 */

/** x / ln 2 as a whole number, as adding `ROUND` leaves it. */
@inline
function exponentOf<T>(x: T): T {
  return add<T>(mul<T>(x, constant<T>(LOG2_E)), constant<T>(ROUND));
}

/** e^r − 1 of the remainder r = x − n·ln 2, |r| ≤ ln 2 / 2. */
@inline
function remainderExpm1<T>(x: T, rounded: T): T {
  const n = sub<T>(rounded, constant<T>(ROUND));
  const r = mulAdd<T>(n, constant<T>(LN2_LOW), mulAdd<T>(n, constant<T>(LN2_HIGH), x));
  let p = mulAdd<T>(constant<T>(E6), r, constant<T>(E5));
  p = mulAdd<T>(p, r, constant<T>(E4));
  p = mulAdd<T>(p, r, constant<T>(E3));
  p = mulAdd<T>(p, r, constant<T>(E2));
  return mulAdd<T>(mul<T>(p, r), r, r);
}

/** 2 to the power of whole numbers. `ROUND` may have been added to them: its bits are shifted out. */
@inline
function powerOfTwo<T>(exponent: T, bias: usize = BIAS): T {
  return shiftToExponent<T>(addBits<T>(exponent, constant<T>(bias)));
}

/** e^x for x from −105 to 89. */
@inline
function boundedExp<T>(x: T): T {
  const rounded = exponentOf<T>(x);
  const p = remainderExpm1<T>(x, rounded);
  // In two factors: float32 has no exponent for results below the normal range, nor for infinity.
  const whole = subBits<T>(rounded, constant<T>(ROUND));
  const half = halveBits<T>(whole);
  const first = powerOfTwo<T>(half);
  return mul<T>(mulAdd<T>(p, first, first), powerOfTwo<T>(subBits<T>(whole, half)));
}

@inline
export function exp<T>(x: T): T {
  return boundedExp<T>(atMost<T>(atLeast<T>(x, constant<T>(LOWEST)), constant<T>(HIGHEST)));
}

/** e^−|x| */
@inline
function decay<T>(x: T): T {
  return boundedExp<T>(atLeast<T>(turnSign<T>(withoutSign<T>(x, constant<T>(SIGN)), constant<T>(SIGN)), constant<T>(LOWEST)));
}

/** e^x − 1 for x up to 87. */
@inline
export function expm1<T>(given: T): T {
  const x = atLeast<T>(given, constant<T>(LOWEST_M1));
  const rounded = exponentOf<T>(x);
  const p = remainderExpm1<T>(x, rounded);
  const scale = powerOfTwo<T>(rounded);
  return mulAdd<T>(p, scale, sub<T>(scale, constant<T>(ONE)));
}

@inline
export function tanh<T>(x: T): T {
  const a = withoutSign<T>(x, constant<T>(SIGN));
  const m = expm1<T>(atMost<T>(add<T>(a, a), constant<T>(WIDEST)));
  return withSign<T>(div<T>(m, add<T>(m, constant<T>(TWO))), x, constant<T>(SIGN));
}

/**
 * s / (s + s·e^−x). With s = 2⁻²⁵, s·e^−x is in the normal range wherever the result is not zero, so that results below the
 * normal range come out of the division, rounded once.
 */
@inline
export function sigmoid<T>(given: T): T {
  const x = atMost<T>(atLeast<T>(turnSign<T>(given, constant<T>(SIGN)), constant<T>(LOWEST_DECAY)), constant<T>(HIGHEST_DECAY));
  const rounded = exponentOf<T>(x);
  const p = remainderExpm1<T>(x, rounded);
  const scale = powerOfTwo<T>(rounded, SMALL_BIAS);
  const small = constant<T>(SMALL);
  return div<T>(small, add<T>(mulAdd<T>(p, scale, scale), small));
}

/** ln(1 + e) for 0 ≤ e ≤ 1, by the series of the area tangent of e / (2 + e). */
@inline
function log1p<T>(e: T): T {
  const s = div<T>(e, add<T>(e, constant<T>(TWO)));
  const q = mul<T>(s, s);
  let p = mulAdd<T>(constant<T>(L4), q, constant<T>(L3));
  p = mulAdd<T>(p, q, constant<T>(L2));
  p = mulAdd<T>(p, q, constant<T>(L1));
  return mulAdd<T>(mul<T>(p, q), s, add<T>(s, s));
}

@inline
export function softplus<T>(x: T): T {
  return add<T>(atLeast<T>(x, fill<T>(0)), log1p<T>(decay<T>(x)));
}
