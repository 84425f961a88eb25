import {loadFill} from './vector';

/**
 * The constants of `math.ts`, in memory. V8 (11.3 and 13.6) makes a literal inside a loop anew in every iteration, with two
 * or three instructions that compete with the arithmetic; a load is one instruction and costs nothing beside it: sigmoid
 * 9.3 → 7.0 ns a vector.
 */

/** Where the constants lie, within the `RESERVED` bytes that the heap leaves alone. */
const TABLE: usize = 64;

export const LOG2_E: usize = 0;
/** 1.5·2²³: added to a small number, it leaves that number, rounded, in the lowest bits. */
export const ROUND: usize = 4;
/** −ln 2 in two parts; the first has so few bits that its products with exponents are exact. */
export const LN2_HIGH: usize = 8;
export const LN2_LOW: usize = 12;
/** (e^r − 1 − r) / r² = E2 + E3·r + …, fitted with the least largest relative error of the whole, 1.4e-8. */
export const E2: usize = 16;
export const E3: usize = 20;
export const E4: usize = 24;
export const E5: usize = 28;
export const E6: usize = 32;
/** (2·artanh(s) − 2·s) / s³ = L1 + L2·s² + … for s up to 1/3, likewise, 4.5e-9. */
export const L1: usize = 36;
export const L2: usize = 40;
export const L3: usize = 44;
export const L4: usize = 48;
export const ONE: usize = 52;
export const TWO: usize = 56;
/** Below the lowest, e to the power of x is 0; above the highest, infinity. */
export const LOWEST: usize = 60;
export const HIGHEST: usize = 64;
/** Below this, e to the power of x, minus 1, is −1. */
export const LOWEST_M1: usize = 68;
/** From half of this on, the hyperbolic tangent is 1. */
export const WIDEST: usize = 72;
/** 127, the exponent of 1, as an integer. */
export const BIAS: usize = 76;
/** 2⁻²⁵, by which a sigmoid multiplies e^−x; and the bias less 25. */
export const SMALL: usize = 80;
export const SMALL_BIAS: usize = 84;
/** Between these a sigmoid is neither 0 nor 1, up to rounding. */
export const LOWEST_DECAY: usize = 88;
export const HIGHEST_DECAY: usize = 92;
/** The sign bit. */
export const SIGN: usize = 96;

/** Writes the table. */
export function prepare(): void {
  store<f32>(TABLE + LOG2_E, 1.4426950408889634);
  store<f32>(TABLE + ROUND, 12582912.0);
  store<f32>(TABLE + LN2_HIGH, -0.693359375);
  store<f32>(TABLE + LN2_LOW, 2.12194440e-4);
  store<f32>(TABLE + E2, 0.49999997019767761);
  store<f32>(TABLE + E3, 0.1666654348373413);
  store<f32>(TABLE + E4, 0.04166720062494278);
  store<f32>(TABLE + E5, 0.008366547524929047);
  store<f32>(TABLE + E6, 0.0013882516650483012);
  store<f32>(TABLE + L1, 0.6666641235351562);
  store<f32>(TABLE + L2, 0.4002159833908081);
  store<f32>(TABLE + L3, 0.2800053358078003);
  store<f32>(TABLE + L4, 0.2801879644393921);
  store<f32>(TABLE + ONE, 1);
  store<f32>(TABLE + TWO, 2);
  store<f32>(TABLE + LOWEST, -105);
  store<f32>(TABLE + HIGHEST, 89);
  store<f32>(TABLE + LOWEST_M1, -30);
  store<f32>(TABLE + WIDEST, 20);
  store<i32>(TABLE + BIAS, 127);
  store<f32>(TABLE + SMALL, 2.98023223876953125e-8);
  store<i32>(TABLE + SMALL_BIAS, 102);
  store<i32>(TABLE + SIGN, 1 << 31);
  store<f32>(TABLE + LOWEST_DECAY, -60);
  store<f32>(TABLE + HIGHEST_DECAY, 105);
}

/** A constant in every lane. */
@inline
export function constant<T>(which: usize): T {
  return loadFill<T>(TABLE + which);
}
