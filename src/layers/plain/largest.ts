import * as tf from '@tensorflow/tfjs-core';

/**
 * The largest values along axes. Of several that are equally large each gets its share of the derivative, as TensorFlow and
 * JAX have it (a recurrent layer repeats its output at masked steps); tfjs' own gives each of them all of it.
 */
export function largest(x: tf.Tensor, axes: number[], keep = false): tf.Tensor {
  const max = tf.customGrad((given, save) => {
    const value = tf.max(given as tf.Tensor, axes, true);
    (save as tf.GradSaveFunc)([given as tf.Tensor, value]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]): tf.Tensor => {
      const [from, most] = saved as [tf.Tensor, tf.Tensor];
      const chosen = tf.cast(tf.equal(from, most), 'float32');
      return tf.mul(tf.div(chosen, tf.sum(chosen, axes, true)), dy);
    };
    return {value, gradFunc};
  });
  const kept = max(x);
  return keep ? kept : tf.squeeze(kept, axes);
}

/** The smallest values along axes, with a derivative as of `largest`. */
export const smallest = (x: tf.Tensor, axes: number[], keep = false): tf.Tensor =>
  tf.neg(largest(tf.neg(x), axes, keep));
