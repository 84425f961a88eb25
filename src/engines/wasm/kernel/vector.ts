/**
 * Arithmetic on vectors of float32, generic in what a vector is: `v128` (four lanes) in the builds with SIMD, one
 * `f32` in the build without. Branches on `isVector` are decided while compiling.
 */

/** Bytes of a vector. */
@inline
export function width<T>(): usize {
  return sizeof<T>();
}

@inline
export function fill<T>(x: f32): T {
  if (isVector<T>()) return f32x4.splat(x);
  return <T>x;
}

/** The number at an address in every lane. */
@inline
export function loadFill<T>(address: usize): T {
  if (isVector<T>()) return v128.load_splat<f32>(address);
  return load<T>(address);
}

@inline
export function add<T>(a: T, b: T): T {
  if (isVector<T>()) return f32x4.add(a, b);
  return <T>(a + b);
}

@inline
export function sub<T>(a: T, b: T): T {
  if (isVector<T>()) return f32x4.sub(a, b);
  return <T>(a - b);
}

@inline
export function mul<T>(a: T, b: T): T {
  if (isVector<T>()) return f32x4.mul(a, b);
  return <T>(a * b);
}

@inline
export function div<T>(a: T, b: T): T {
  if (isVector<T>()) return f32x4.div(a, b);
  return <T>(a / b);
}

/** a·b + c, rounded once where the machine has that (relaxed SIMD), twice elsewhere. */
@inline
export function mulAdd<T>(a: T, b: T, c: T): T {
  if (isVector<T>()) {
    if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
    return f32x4.add(f32x4.mul(a, b), c);
  }
  return <T>(a * b + c);
}

@inline
export function abs<T>(x: T): T {
  if (isVector<T>()) return f32x4.abs(x);
  return <T>Mathf.abs(<f32>x);
}

/** x where it is no higher than the limit; NaN stays NaN. */
@inline
export function atMost<T>(x: T, limit: T): T {
  if (isVector<T>()) return f32x4.pmin(x, limit);
  return limit < x ? limit : x;
}

/** x where it is no lower than the limit; NaN stays NaN. */
@inline
export function atLeast<T>(x: T, limit: T): T {
  if (isVector<T>()) return f32x4.pmax(x, limit);
  return x < limit ? limit : x;
}

/** `yes` where a < b, `no` elsewhere. */
@inline
export function whereLess<T>(a: T, b: T, yes: T, no: T): T {
  if (isVector<T>()) return v128.bitselect(yes, no, f32x4.lt(a, b));
  return a < b ? yes : no;
}

/** `yes` where a ≤ b, `no` elsewhere. */
@inline
export function whereAtMost<T>(a: T, b: T, yes: T, no: T): T {
  if (isVector<T>()) return v128.bitselect(yes, no, f32x4.le(a, b));
  return a <= b ? yes : no;
}

/** x without its sign. `sign`: the sign's bit, set. */
@inline
export function withoutSign<T>(x: T, sign: T): T {
  if (isVector<T>()) return v128.andnot(x, sign);
  return <T>Mathf.abs(<f32>x);
}

/** x with the other sign. */
@inline
export function turnSign<T>(x: T, sign: T): T {
  if (isVector<T>()) return v128.xor(x, sign);
  return <T>(-x);
}

/** A magnitude (no sign of its own) with another number's sign. */
@inline
export function withSign<T>(magnitude: T, from: T, sign: T): T {
  if (isVector<T>()) return v128.or(magnitude, v128.and(from, sign));
  return <T>copysign<f32>(<f32>magnitude, <f32>from);
}

// Vectors as 32-bit integers.

@inline
export function addBits<T>(a: T, b: T): T {
  if (isVector<T>()) return i32x4.add(a, b);
  return <T>reinterpret<f32>(reinterpret<i32>(<f32>a) + reinterpret<i32>(<f32>b));
}

@inline
export function subBits<T>(a: T, b: T): T {
  if (isVector<T>()) return i32x4.sub(a, b);
  return <T>reinterpret<f32>(reinterpret<i32>(<f32>a) - reinterpret<i32>(<f32>b));
}

/** Half of each, rounded down. */
@inline
export function halveBits<T>(x: T): T {
  if (isVector<T>()) return i32x4.shr_s(x, 1);
  return <T>reinterpret<f32>(reinterpret<i32>(<f32>x) >> 1);
}

/** To where the exponents of float32 are. */
@inline
export function shiftToExponent<T>(x: T): T {
  if (isVector<T>()) return i32x4.shl(x, 23);
  return <T>reinterpret<f32>(reinterpret<i32>(<f32>x) << 23);
}
