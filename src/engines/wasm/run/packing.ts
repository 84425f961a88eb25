import type {WeightName} from '../../../recurrence/weights';
import type {TensorsOf} from '../../types';
import {reader} from '../../values';
import {align} from '../compile/layout';
import type {WeightLayout} from '../compile/weight-layout';
import type {Kernel} from './kernel';
import {loadProgram} from './load';

/** A program that reads weights. */
export interface ReadsWeights {
  readonly weights: WeightLayout;
}

/**
 * Packs weights as programs read them, those of each program behind those of the one before.
 * @returns the address of all of them, which the caller frees
 */
export function packWeights(
  {heap, exports}: Kernel,
  programs: readonly ReadsWeights[],
  tensors: TensorsOf<WeightName>,
): number {
  const read = reader();
  const at = heap.allocate(programs.reduce((sum, {weights}) => sum + align(weights.bytes), 0));
  const pieces = addressesOf(at, programs);
  try {
    for (const [k, {weights}] of programs.entries()) {
      for (const [weight, program] of weights.programs) {
        const values = read(tensors[weight]!);
        const bytes = align(program.words.byteLength);
        const own = heap.allocate(bytes + values.byteLength);
        const data = own + bytes;
        heap.floats.set(values, data / 4);
        loadProgram(program, heap.words, {program: own, data, weights: pieces[k]!, shared: 0, reserve: 0});
        exports.run(own);
        heap.free(own);
      }
    }
  } catch (error) {
    heap.free(at);
    throw error;
  }
  return at;
}

/** Where the weights of each of these programs are, of all that begin there. */
export function addressesOf(at: number, programs: readonly ReadsWeights[]): number[] {
  let next = at;
  return programs.map(({weights}) => {
    const own = next;
    next += align(weights.bytes);
    return own;
  });
}
