import * as tf from '@tensorflow/tfjs-core';
import {type Padding, paddingOf, type Window, windowCount} from './windows';

/** How windows slide along each dimension of space. */
export interface Sliding {
  readonly strides: readonly number[];
  readonly dilation: readonly number[];
  readonly padding: Padding;
}

/** The windows of one dimension. */
export const windowOf = (k: number, size: number, {strides, dilation}: Omit<Sliding, 'padding'>): Window => ({
  size,
  stride: strides[k]!,
  dilation: dilation[k]!,
});

/** The dimensions of space after sliding; null where they are open. */
export const slidSpace = (
  space: readonly (number | null)[],
  sizes: readonly number[],
  sliding: Sliding,
): (number | null)[] =>
  space.map((n, k) => (n == null ? null : windowCount(n, windowOf(k, sizes[k]!, sliding), sliding.padding)));

/** `[batch, ...space, channels]` with the margins that turn a padding into none. */
function padded(x: tf.Tensor, sizes: readonly number[], sliding: Sliding): tf.Tensor {
  const margins = sizes.map((size, k) =>
    paddingOf(x.shape[k + 1]!, windowOf(k, size, sliding), sliding.padding),
  );
  if (margins.every(([before, after]) => before + after === 0)) return x;
  return tf.pad(x, [[0, 0], ...margins, [0, 0]]);
}

/**
 * Slides a kernel `[...window, channels / groups, filters]` along `[batch, ...space, channels]`, space having one to three
 * dimensions. A dilated kernel is spread out, for tfjs has no gradient for dilated convolutions.
 */
export function convolve(x: tf.Tensor, kernel: tf.Tensor, sliding: Sliding, groups = 1): tf.Tensor {
  const rank = kernel.rank - 2;
  const wide = padded(x, kernel.shape.slice(0, rank), sliding);
  const spread = sliding.dilation.reduce((k, rate, axis) => dilated(k, axis, rate), kernel);
  if (groups === 1) return slide(wide, spread, sliding.strides);
  const [inputs, kernels] = [tf.split(wide, groups, -1), tf.split(spread, groups, -1)];
  return tf.concat(
    inputs.map((part, k) => slide(part, kernels[k]!, sliding.strides)),
    -1,
  );
}

function slide(x: tf.Tensor, kernel: tf.Tensor, strides: readonly number[]): tf.Tensor {
  const [a, b, c] = strides as [number, number?, number?];
  switch (kernel.rank - 2) {
    case 1: {
      const images = tf.expandDims(x, 2) as tf.Tensor4D;
      return tf.squeeze(tf.conv2d(images, tf.expandDims(kernel, 1) as tf.Tensor4D, [a, 1], 'valid'), [2]);
    }
    case 2:
      return tf.conv2d(x as tf.Tensor4D, kernel as tf.Tensor4D, [a, b!], 'valid');
    default:
      return tf.conv3d(x as tf.Tensor5D, kernel as tf.Tensor5D, [a, b!, c!], 'valid');
  }
}

/** Slides a kernel `[...window, channels, multiplier]` along each channel by itself, over one or two dimensions. */
export function convolveDepthwise(x: tf.Tensor, kernel: tf.Tensor, sliding: Sliding): tf.Tensor {
  const rank = kernel.rank - 2;
  const wide = padded(x, kernel.shape.slice(0, rank), sliding);
  const spread = sliding.dilation.reduce((k, rate, axis) => dilated(k, axis, rate), kernel);
  const [a, b] = sliding.strides as [number, number?];
  if (rank === 2) return tf.depthwiseConv2d(wide as tf.Tensor4D, spread as tf.Tensor4D, [a, b!], 'valid');
  const images = tf.expandDims(wide, 1) as tf.Tensor4D;
  // One row has one window, whatever the stride between rows.
  const y = tf.depthwiseConv2d(images, tf.expandDims(spread, 0) as tf.Tensor4D, [a, a], 'valid');
  return tf.squeeze(y, [1]);
}

/** What a transposed convolution adds to the length that follows from its windows; null: nothing, all are inside. */
export type OutputPadding = readonly number[] | null;

/**
 * The length that a convolution would have come from. Source: deconv_output_length of
 * keras/src/utils/conv_utils.py 2.15.0.
 */
export function transposedLength(n: number, window: Window, padding: Padding, extra?: number): number {
  const {size, stride, dilation} = window;
  const reach = (size - 1) * dilation + 1;
  if (extra === undefined) return padding === 'same' ? n * stride : n * stride + Math.max(reach - stride, 0);
  const margin = padding === 'same' ? Math.floor(reach / 2) : 0;
  return (n - 1) * stride + reach - 2 * margin + extra;
}

/**
 * The gradient of a convolution by its input: each value of `[batch, ...space, channels]` spreads over a window. The
 * kernel is `[...window, filters, channels]`.
 */
export function convolveTransposed(
  x: tf.Tensor,
  kernel: tf.Tensor,
  sliding: Sliding,
  outputPadding: OutputPadding,
): tf.Tensor {
  const rank = kernel.rank - 2;
  const axes = Array.from({length: rank}, (_, k) => k);
  const sizes = kernel.shape.slice(0, rank);
  const turned = tf.reverse(tf.transpose(kernel, [...axes, rank + 1, rank]), axes);
  const spread = sliding.dilation.reduce((k, rate, axis) => dilated(k, axis, rate), turned);
  const apart = sliding.strides.reduce((y, stride, k) => dilated(y, k + 1, stride), x);
  const ones = new Array<number>(rank).fill(1);
  const full = convolve(apart, spread, {strides: ones, dilation: ones, padding: 'full'});
  return axes.reduce((y, k) => {
    const window = windowOf(k, sizes[k]!, sliding);
    const length = transposedLength(x.shape[k + 1]!, window, sliding.padding, outputPadding?.[k]);
    const over = Math.max(y.shape[k + 1]! - length, 0);
    return cut(y, k + 1, sliding.padding === 'same' ? Math.floor(over / 2) : 0, length);
  }, full);
}

/** So many values along an axis from a place; zeros where there are none left. */
function cut(x: tf.Tensor, axis: number, from: number, length: number): tf.Tensor {
  const missing = Math.max(from + length - x.shape[axis]!, 0);
  const at = <T>(value: T, other: T[]): T[] => other.map((o, k) => (k === axis ? value : o));
  const long =
    missing === 0
      ? x
      : tf.pad(
          x,
          at<[number, number]>(
            [0, missing],
            x.shape.map(() => [0, 0]),
          ),
        );
  return tf.slice(
    long,
    at(
      from,
      x.shape.map(() => 0),
    ),
    at(length, x.shape),
  );
}

/** Zeros between the values along an axis. */
export function dilated(x: tf.Tensor, axis: number, rate: number): tf.Tensor {
  if (rate === 1) return x;
  const size = x.shape[axis]!;
  const apart = tf.expandDims(x, axis + 1);
  const spread = tf.pad(
    apart,
    apart.shape.map((_, k) => [0, k === axis + 1 ? rate - 1 : 0]),
  );
  const shape = x.shape.map((n, k) => (k === axis ? n * rate : n));
  const kept = x.shape.map((n, k) => (k === axis ? (size - 1) * rate + 1 : n));
  return tf.slice(tf.reshape(spread, shape), new Array(x.rank).fill(0), kept);
}

/** [batch, channels, ...space] to [batch, ...space, channels]. */
export function toChannelsLast(x: tf.Tensor): tf.Tensor {
  return tf.transpose(x, [0, ...x.shape.map((_, k) => k).slice(2), 1]);
}

/** [batch, ...space, channels] to [batch, channels, ...space]. */
export function toChannelsFirst(x: tf.Tensor): tf.Tensor {
  return tf.transpose(x, [0, x.rank - 1, ...x.shape.map((_, k) => k).slice(1, -1)]);
}
