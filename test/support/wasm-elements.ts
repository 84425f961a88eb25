import {activationOf} from '../../src/engines/wasm/codes';
import type {Kernel} from '../../src/engines/wasm/kernel';
import {align} from '../../src/engines/wasm/layout';
import {floatWord, ProgramWriter, place} from '../../src/engines/wasm/program';
import type {Activation} from '../../src/recurrence/activations';

/** f of numbers, as the kernel computes it: a program of one element-wise operation. */
export function onKernel({heap, exports}: Kernel, f: Activation, x: Float32Array): Float32Array {
  const bytes = align(x.byteLength);
  const writer = new ProgramWriter();
  const [from, to] = [
    {region: 'data', offset: 0},
    {region: 'data', offset: bytes},
  ] as const;
  const {code, numbers} = activationOf(f);
  const unread = [0, 0, 0, 0];
  writer.add('before', 'elements', bytes, 1, code, to, -1, from, -1, ...unread, ...numbers.map(floatWord));
  const program = writer.finish(0, 1);
  const at = heap.take(align(program.words.byteLength) + 2 * bytes);
  const data = at + align(program.words.byteLength);
  const {floats, words} = heap;
  place(program, words, {program: at, data, shared: 0, kept: 0, packs: 0});
  floats.set(x, data / 4);
  exports.run(at);
  const y = floats.slice((data + bytes) / 4, (data + bytes) / 4 + x.length);
  heap.give(at);
  return y;
}
