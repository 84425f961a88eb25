import * as tf from '@tensorflow/tfjs-core';
import {
  type ArraySpec,
  fromCanonical,
  inputSizeOf,
  type Sizes,
  shapeOf,
  toCanonical,
} from '../dialects/arrays';
import type {OtherArrays} from '../dialects/dialect';
import {CarryoverError} from '../errors';
import type {Recurrence} from '../recurrence/types';

/** An array's numbers and how they lie. */
export interface ArrayData {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

type CellSizes = Sizes & Pick<Recurrence, 'cell'>;

/**
 * The arrays of a layer from those of a file that has them in another layout: CuDNNLSTM's for LSTM, and the like.
 * @param own the layer's layout
 * @returns undefined where they are in the layer's own layout, or in none that is known
 * @throws CarryoverError `E_WEIGHTS` where such arrays are of no use to the layer
 */
export function fromOtherArrays(
  own: readonly ArraySpec[],
  others: readonly OtherArrays[],
  arrays: readonly ArrayData[],
  sizes: CellSizes,
): readonly ArrayData[] | undefined {
  const shapes = arrays.map(({shape}) => shape);
  if (others.length === 0 || fits(own, shapes, sizes)) return undefined;
  const found = others.find(({arrays: specs}) => fits(specs, shapes, sizes));
  if (!found) return undefined;
  if (found.refused !== undefined) throw new CarryoverError('E_WEIGHTS', found.refused);
  const inputSize = inputSizeOf(found.arrays, shapes, sizes);
  return tf.tidy(() => {
    const tensors = arrays.map(({shape, values}) => tf.tensor(values, [...shape], 'float32'));
    const canonical = toCanonical(found.arrays, tensors, sizes, inputSize);
    return read(fromCanonical(own, canonical, sizes, inputSize));
  });
}

/**
 * Gradients of a layer's arrays as those of the arrays that another layout has in their place: CuDNNLSTM's as LSTM's.
 * @param shapes of the arrays in the other layout
 * @returns undefined where they are those of the layer's own layout, or of none that is known
 */
export function gradientsOfOther(
  own: readonly ArraySpec[],
  others: readonly OtherArrays[],
  gradients: readonly ArrayData[],
  shapes: readonly (readonly number[])[],
  sizes: CellSizes,
): readonly ArrayData[] | undefined {
  if (fits(own, shapes, sizes)) return undefined;
  const found = others.find(({arrays, refused}) => refused === undefined && fits(arrays, shapes, sizes));
  if (!found) return undefined;
  const inputSize = inputSizeOf(own, shapes, sizes);
  return tf.tidy(() => {
    const tensors = gradients.map(({shape, values}, k) => {
      // What is a sum of parts has the gradient of each of them.
      const parts = own[k]!.holds.length / new Set(own[k]!.holds).size;
      return tf.div(tf.tensor(values, [...shape], 'float32'), parts);
    });
    return read(fromCanonical(found.arrays, toCanonical(own, tensors, sizes, inputSize), sizes, inputSize));
  });
}

const read = (tensors: readonly tf.Tensor[]) =>
  tensors.map(tensor => ({shape: tensor.shape, values: Float32Array.from(tensor.dataSync())}));

function fits(
  specs: readonly ArraySpec[],
  shapes: readonly (readonly number[])[],
  sizes: CellSizes,
): boolean {
  if (specs.length !== shapes.length) return false;
  const inputSize = inputSizeOf(specs, shapes, sizes);
  return specs.every((spec, k) => tf.util.arraysEqual(shapeOf(spec, inputSize, sizes), [...shapes[k]!]));
}
