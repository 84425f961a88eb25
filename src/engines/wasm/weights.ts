import type {Tensor} from '@tensorflow/tfjs-core';
import {valuesOf} from '../values';
import type {Kernel} from './kernel';
import type {Sizes} from './layout';
import type {Packs} from './packs';

/**
 * Lays weights out as programs read them.
 * @returns the address of all of them, to be given back to the heap
 */
export function packWeights(
  kernel: Kernel,
  packs: Packs,
  sizes: Sizes,
  weights: Readonly<Record<string, Tensor>>,
): number {
  const at = kernel.heap.take(packs.bytes);
  try {
    packInto(at, kernel, packs, sizes, weights);
  } catch (error) {
    kernel.heap.give(at);
    throw error;
  }
  return at;
}

function packInto(
  at: number,
  {heap, exports}: Kernel,
  packs: Packs,
  sizes: Sizes,
  weights: Readonly<Record<string, Tensor>>,
): void {
  for (const {weight, place, depth, gates, columns, ofGate, first, strides} of packs.matrices.values()) {
    const values = valuesOf(weights[weight]!);
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
    const values = valuesOf(weights[weight]!);
    const begin = (at + place.offset) / 4;
    const {floats} = heap;
    floats.fill(0, begin, begin + gates * row);
    for (let g = 0; g < gates; g++) {
      const first = g * sizes.whole.units + sizes.first;
      floats.set(values.subarray(first, first + sizes.units), begin + g * row);
    }
  }
}
