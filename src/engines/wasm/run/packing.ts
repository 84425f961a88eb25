import type {WeightName} from '../../../recurrence/weights';
import type {TensorsOf} from '../../types';
import {reader} from '../../values';
import {align} from '../compile/layout';
import type {Program} from '../compile/program';
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
  const jobs = programs.flatMap(({weights}, k) =>
    [...weights.programs].map(([name, program]) => ({k, tensor: tensors[name]!, program})),
  );
  const bytesOf = (program: Program): number => align(program.words.byteLength);
  const at = heap.allocate(programs.reduce((sum, {weights}) => sum + align(weights.bytes), 0));
  let scratch = 0;
  try {
    // A packing program, and a weight as it is given.
    scratch = heap.allocate(Math.max(...jobs.map(({tensor, program}) => bytesOf(program) + 4 * tensor.size)));
    const pieces = addressesOf(at, programs);
    for (const {k, tensor, program} of jobs) {
      const data = scratch + bytesOf(program);
      heap.floats.set(read(tensor), data / 4);
      loadProgram(program, heap.words, {program: scratch, data, weights: pieces[k]!, shared: 0, reserve: 0});
      exports.run(scratch);
    }
  } catch (error) {
    heap.free(at);
    throw error;
  } finally {
    heap.free(scratch);
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
