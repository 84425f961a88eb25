import * as tf from '@tensorflow/tfjs-core';

/**
 * The pieces of a tensor along an axis, in a list that the caller may change. The list that `tf.split` and
 * `tf.unstack` return is the tape's own: taking from it or turning it round spoils the gradient. Their gradient of a
 * single piece fails, too.
 * @param sizes of the pieces along the axis
 */
export function piecesOf(x: tf.Tensor, sizes: readonly number[], axis: number): tf.Tensor[] {
  return sizes.length === 1 ? [x] : [...tf.split(x, [...sizes], axis)];
}

/** Each step of `[batch, time, ...]`, as `[batch, 1, ...]`, in a list that the caller may change. */
export function stepsOf(x: tf.Tensor): tf.Tensor[] {
  return piecesOf(x, new Array<number>(x.shape[1]!).fill(1), 1);
}
