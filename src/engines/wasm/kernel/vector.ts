/**
 * Arithmetic on vectors of float32, generic in what a vector is: `v128` (four lanes) in the builds with SIMD, one
 * `f32` in the build without. Branches on `isVector` are decided while compiling.
 */

/** Bytes of a vector. */
// @ts-ignore: decorator
@inline
export function width<T>(): usize {
  return sizeof<T>();
}

// @ts-ignore: decorator
@inline
export function fill<T>(x: f32): T {
  if (isVector<T>()) return f32x4.splat(x);
  return <T>x;
}

/** The number at an address in every lane. */
// @ts-ignore: decorator
@inline
export function loadFill<T>(address: usize): T {
  if (isVector<T>()) return v128.load_splat<f32>(address);
  return load<T>(address);
}

// @ts-ignore: decorator
@inline
export function add<T>(a: T, b: T): T {
  if (isVector<T>()) return f32x4.add(a, b);
  return <T>(a + b);
}

// @ts-ignore: decorator
@inline
export function sub<T>(a: T, b: T): T {
  if (isVector<T>()) return f32x4.sub(a, b);
  return <T>(a - b);
}

// @ts-ignore: decorator
@inline
export function mul<T>(a: T, b: T): T {
  if (isVector<T>()) return f32x4.mul(a, b);
  return <T>(a * b);
}

// @ts-ignore: decorator
@inline
export function div<T>(a: T, b: T): T {
  if (isVector<T>()) return f32x4.div(a, b);
  return <T>(a / b);
}

/** a·b + c, rounded once where the machine has that (relaxed SIMD), twice elsewhere. */
// @ts-ignore: decorator
@inline
export function mulAdd<T>(a: T, b: T, c: T): T {
  if (isVector<T>()) {
    if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
    return f32x4.add(f32x4.mul(a, b), c);
  }
  return <T>(a * b + c);
}

// @ts-ignore: decorator
@inline
export function abs<T>(x: T): T {
  if (isVector<T>()) return f32x4.abs(x);
  return <T>Mathf.abs(<f32>x);
}

// @ts-ignore: decorator
@inline
export function neg<T>(x: T): T {
  if (isVector<T>()) return f32x4.neg(x);
  return <T>(-x);
}

/** x where it is no higher than the limit; NaN stays NaN. */
// @ts-ignore: decorator
@inline
export function atMost<T>(x: T, limit: T): T {
  if (isVector<T>()) return f32x4.pmin(x, limit);
  return limit < x ? limit : x;
}

/** x where it is no lower than the limit; NaN stays NaN. */
// @ts-ignore: decorator
@inline
export function atLeast<T>(x: T, limit: T): T {
  if (isVector<T>()) return f32x4.pmax(x, limit);
  return x < limit ? limit : x;
}

/** `yes` where a < b, `no` elsewhere. */
// @ts-ignore: decorator
@inline
export function whereLess<T>(a: T, b: T, yes: T, no: T): T {
  if (isVector<T>()) return v128.bitselect(yes, no, f32x4.lt(a, b));
  return a < b ? yes : no;
}

/** `yes` where a ≤ b, `no` elsewhere. */
// @ts-ignore: decorator
@inline
export function whereAtMost<T>(a: T, b: T, yes: T, no: T): T {
  if (isVector<T>()) return v128.bitselect(yes, no, f32x4.le(a, b));
  return a <= b ? yes : no;
}

/** The magnitude of one, the sign of another. */
// @ts-ignore: decorator
@inline
export function withSign<T>(magnitude: T, sign: T): T {
  if (isVector<T>()) return v128.bitselect(sign, magnitude, i32x4.splat(0x80000000));
  return <T>copysign<f32>(<f32>magnitude, <f32>sign);
}

/** 2 to the power of whole numbers that were rounded by adding `ROUND`; their halves' powers where `halved`. */
// @ts-ignore: decorator
@inline
export function powerOfTwo<T>(rounded: T): T {
  if (isVector<T>()) return i32x4.shl(i32x4.add(rounded, i32x4.splat(127)), 23);
  return <T>reinterpret<f32>((reinterpret<i32>(<f32>rounded) + 127) << 23);
}

/** Whole numbers as `powerOfTwo` takes them: the lower half (rounded down) of what `rounded` holds. */
// @ts-ignore: decorator
@inline
export function lowerHalf<T>(rounded: T): T {
  if (isVector<T>()) return i32x4.shr_s(i32x4.sub(rounded, i32x4.splat(ROUND_BITS)), 1);
  return <T>reinterpret<f32>((reinterpret<i32>(<f32>rounded) - ROUND_BITS) >> 1);
}

/** What is left of `rounded` beside that half. */
// @ts-ignore: decorator
@inline
export function otherHalf<T>(rounded: T, half: T): T {
  if (isVector<T>()) return i32x4.sub(i32x4.sub(rounded, i32x4.splat(ROUND_BITS)), half);
  return <T>reinterpret<f32>(reinterpret<i32>(<f32>rounded) - ROUND_BITS - reinterpret<i32>(<f32>half));
}

/** 1.5·2²³: adding it to a small number leaves that number, rounded, in the lowest bits. */
export const ROUND: f32 = 12582912.0;
const ROUND_BITS: i32 = 0x4b400000;
