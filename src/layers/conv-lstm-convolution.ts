import * as tf from '@tensorflow/tfjs-core';

/** A convolution over pictures of some rank, channels last. */
export interface Convolution {
  readonly rank: 1 | 2 | 3;
  readonly kernelSize: readonly number[];
  readonly strides: readonly number[];
  /** `causal`, of rank 1 alone: a value sees none behind it. */
  readonly padding: 'valid' | 'same' | 'causal';
  readonly dilationRate: readonly number[];
}

/** The lengths of a picture after a convolution; null where open. */
export function outputLengths(
  {kernelSize, strides, padding, dilationRate}: Convolution,
  lengths: readonly (number | null)[],
): (number | null)[] {
  return lengths.map((length, k) => {
    if (length === null) return null;
    const window = (kernelSize[k]! - 1) * dilationRate[k]! + 1;
    return Math.ceil((padding === 'valid' ? length - window + 1 : length) / strides[k]!);
  });
}

/**
 * The convolution of `[batch, ...picture, channels]`. A dilated kernel is spread out with zeros in it, since tfjs has no
 * gradients of dilated convolutions.
 */
export function convolved(
  x: tf.Tensor,
  kernel: tf.Tensor,
  {rank, strides, padding, dilationRate}: Omit<Convolution, 'kernelSize'>,
): tf.Tensor {
  const spread = dilationRate.reduce(spreadOut, kernel);
  const before = (spread.shape[0] ?? 1) - 1;
  const around: [number, number][] = x.shape.map((_, axis) => [axis === 1 ? before : 0, 0]);
  const padded = padding === 'causal' ? tf.pad(x, around) : x;
  const pad = padding === 'causal' ? 'valid' : padding;
  switch (rank) {
    case 1:
      return tf.conv1d(padded as tf.Tensor3D, spread as tf.Tensor3D, strides[0]!, pad);
    case 2:
      return tf.conv2d(x as tf.Tensor4D, spread as tf.Tensor4D, strides as [number, number], pad);
    case 3:
      return tf.conv3d(x as tf.Tensor5D, spread as tf.Tensor5D, strides as [number, number, number], pad);
  }
}

/** Zeros between the values along an axis, `rate − 1` of them. */
function spreadOut(kernel: tf.Tensor, rate: number, axis: number): tf.Tensor {
  const length = kernel.shape[axis]!;
  if (rate === 1 || length === 1) return kernel;
  const apart = tf.expandDims(kernel, axis + 1);
  const zeros = tf.pad(
    apart,
    apart.shape.map((_, k): [number, number] => (k === axis + 1 ? [0, rate - 1] : [0, 0])),
  );
  const {shape} = kernel;
  const whole = tf.reshape(zeros, [...shape.slice(0, axis), length * rate, ...shape.slice(axis + 1)]);
  const size = whole.shape.map((n, k) => (k === axis ? (length - 1) * rate + 1 : n));
  return tf.slice(
    whole,
    size.map(() => 0),
    size,
  );
}
