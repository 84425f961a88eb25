import type {WeightName} from '../../recurrence/weights';
import type {RecurrenceInputs} from '../types';
import {reader} from '../values';
import type {Kernel} from './kernel';
import {align, type Sizes} from './layout';
import type {Packs} from './packs';

/** What a program reads of the weights. */
export interface Packed {
  readonly packs: Packs;
  readonly sizes: Sizes;
}

/**
 * Lays weights out as programs read them, those of each behind those of the one before.
 * @returns the address of all of them, to be given back to the heap
 */
export function packWeights(
  kernel: Kernel,
  programs: readonly Packed[],
  weights: RecurrenceInputs['weights'],
): number {
  const read = reader();
  const at = kernel.heap.take(programs.reduce((sum, {packs}) => sum + align(packs.bytes), 0));
  try {
    for (const [k, own] of addressesOf(at, programs).entries())
      packInto(own, kernel, programs[k]!, name => read(weights[name]!));
  } catch (error) {
    kernel.heap.give(at);
    throw error;
  }
  return at;
}

/** Where the weights of each of these programs are, of all that begin there. */
export function addressesOf(at: number, programs: readonly Pick<Packed, 'packs'>[]): number[] {
  let next = at;
  return programs.map(({packs}) => {
    const own = next;
    next += align(packs.bytes);
    return own;
  });
}

function packInto(
  at: number,
  {heap, exports}: Kernel,
  {packs, sizes}: Packed,
  read: (weight: WeightName) => Float32Array,
): void {
  for (const {weight, place, depth, gates, columns, ofGate, first, strides} of packs.matrices.values()) {
    const values = read(weight);
    const raw = heap.take(values.byteLength);
    heap.floats.set(values, raw / 4);
    exports.pack(
      at + place.offset,
      raw + first * 4,
      depth,
      gates,
      columns,
      ofGate,
      strides.depth * 4,
      strides.gate * 4,
      strides.column * 4,
    );
    heap.give(raw);
  }
  const row = sizes.row(sizes.units) / 4;
  for (const {weight, place, gates} of packs.vectors.values()) {
    const values = read(weight);
    const begin = (at + place.offset) / 4;
    const {floats} = heap;
    floats.fill(0, begin, begin + gates * row);
    for (let g = 0; g < gates; g++) {
      const first = g * sizes.whole.units + sizes.first;
      floats.set(values.subarray(first, first + sizes.units), begin + g * row);
    }
  }
}
