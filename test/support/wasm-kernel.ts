import {align} from '../../src/engines/wasm/compile/layout';
import {activationOf, type Operation} from '../../src/engines/wasm/compile/operations';
import {
  Assembler,
  type InstructionWords,
  type Place,
  type Program,
} from '../../src/engines/wasm/compile/program';
import type {InstructionName} from '../../src/engines/wasm/isa';
import type {Kernel} from '../../src/engines/wasm/run/kernel';
import {loadProgram} from '../../src/engines/wasm/run/load';
import type {Elementary} from '../../src/recurrence/activations';

/** A place in a program's data. */
export const dataAt = (offset: number): Place => ({region: 'data', offset});

/** Runs a program on data that begins with these elements, and reads all of the data. */
export function runOn(
  {heap, exports}: Kernel,
  program: Program,
  bytes: number,
  elements: Float32Array,
): Float32Array {
  const at = heap.allocate(align(program.words.byteLength) + bytes);
  const data = at + align(program.words.byteLength);
  loadProgram(program, heap.words, {program: at, data, shared: 0, reserve: 0, weights: 0});
  const {floats} = heap;
  floats.fill(0, data / 4, (data + bytes) / 4);
  floats.set(elements, data / 4);
  exports.run(at);
  const result = heap.floats.slice(data / 4, (data + bytes) / 4);
  heap.free(at);
  return result;
}

/** Runs one instruction, at the only step, on data that begins with these elements, and reads all of the data. */
export function runInstruction<I extends InstructionName>(
  kernel: Kernel,
  instruction: I,
  words: InstructionWords<I>,
  bytes: number,
  elements: Float32Array,
): Float32Array {
  const assembler = new Assembler();
  assembler.add('step', instruction, words);
  return runOn(kernel, assembler.finish(1, 1), bytes, elements);
}

/** An element-wise operation on a, b and c, as the kernel computes it. */
export function operate(
  kernel: Kernel,
  {operation, parameters: [p, q] = [0, 0]}: Operation,
  ...operands: Float32Array[]
): Float32Array {
  const {length} = operands[0]!;
  const bytes = align(length * 4);
  const elements = new Float32Array((operands.length * bytes) / 4);
  for (const [k, operand] of operands.entries()) elements.set(operand, (k * bytes) / 4);
  const at = (k: number): Place | undefined => (k < operands.length ? dataAt(k * bytes) : undefined);
  const to = dataAt(operands.length * bytes);
  const [a, b, c] = [at(0), at(1), at(2)];
  const words = {operation, to, toMask: true, a, aMask: true, b, bMask: true, c, cMask: true, p, q};
  const result = runInstruction(
    kernel,
    'elements',
    {bytes, operations: [words]},
    (operands.length + 1) * bytes,
    elements,
  );
  return result.slice(to.offset / 4, to.offset / 4 + length);
}

/** f of numbers, as the kernel computes it. */
export function onKernel(kernel: Kernel, f: Elementary, x: Float32Array): Float32Array {
  return operate(kernel, activationOf(f), x);
}
