import {prepare as writeConstants} from './constants';
import {packPanels} from './product';
import {run as runProgram} from './program';

/** Runs the program at an address. */
export function run(program: usize): void {
  if (ASC_FEATURE_SIMD) runProgram<v128>(program);
  else runProgram<f32>(program);
}

/** See `packPanels`. */
export function pack(
  to: usize, source: usize, k: usize, gates: usize, columns: usize, ofGate: usize, ks: usize, gs: usize, cs: usize,
): void {
  if (ASC_FEATURE_SIMD) packPanels<v128>(to, source, k, gates, columns, ofGate, ks, gs, cs);
  else packPanels<f32>(to, source, k, gates, columns, ofGate, ks, gs, cs);
}

/** Numbers of a vector. */
export function lanes(): i32 {
  return ASC_FEATURE_SIMD ? 4 : 1;
}

/** To be called once, before anything else, on a memory of its own. */
export function prepare(): void {
  writeConstants();
}
