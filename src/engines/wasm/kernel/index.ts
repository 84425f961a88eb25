import {prepare as writeConstants} from './constants';
import {Header} from './isa.generated';
import {run as runProgram} from './program';

/** Runs the program at an address. */
export function run(program: Header): void {
  if (ASC_FEATURE_SIMD) runProgram<v128>(program);
  else runProgram<f32>(program);
}

/** Elements of a vector. */
export function lanes(): i32 {
  return ASC_FEATURE_SIMD ? 4 : 1;
}

/** Writes the kernel's constants. To be called once per memory, before anything else. */
export function prepare(): void {
  writeConstants();
}
