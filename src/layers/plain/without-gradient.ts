import * as tf from '@tensorflow/tfjs-core';

/**
 * Computes what is constant but for its jumps (comparisons, roundings): its derivative is 0. tfjs has none for such
 * operations, and stops a backward pass at them with an error.
 */
export function withoutGradient(
  inputs: readonly tf.Tensor[],
  compute: (inputs: readonly tf.Tensor[]) => tf.Tensor,
): tf.Tensor {
  const flat = tf.customGrad((...given) => {
    const tensors = given.slice(0, inputs.length) as tf.Tensor[];
    return {value: compute(tensors), gradFunc: () => tensors.map(x => tf.zerosLike(x))};
  });
  return flat(...inputs);
}
