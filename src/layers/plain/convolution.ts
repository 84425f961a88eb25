import * as tf from '@tensorflow/tfjs-core';
import {initializers, type LayerVariable, type Shape} from '@tensorflow/tfjs-layers';
import {activationFunction, knownDim, onlyShape, type PlainArgs, type Shapes, UnmaskedLayer} from './base';
import type {WeightRuleArgs} from './serial';
import {type Padding, paddingOf, windowCount} from './windows';

/**
 * The shape of the kernel array.
 * `th`: [filters, channels, rows, columns]; `tf`: [rows, columns, channels, filters]; a convolution over time
 * has one column. `time`: [length, channels, filters], Keras 2's Conv1D.
 */
export type KernelLayout = 'th' | 'tf' | 'time';

interface ConvolutionSettings {
  /** [length] over time, [rows, columns] over images. */
  kernelSize: number[];
  filters: number;
  strides: number[];
  dilation: number[];
  padding: Padding;
  layout: KernelLayout;
  /** A true convolution, as Theano's default: the kernel is turned round before it is slid along. */
  flip: boolean;
  /** Images [batch, channels, rows, columns] instead of [batch, rows, columns, channels]. */
  channelsFirst: boolean;
  activation: string;
  useBias: boolean;
}

export type ConvolutionArgs = PlainArgs<ConvolutionSettings, 'kernelSize' | 'filters' | 'layout'> & {
  kernel?: WeightRuleArgs;
  bias?: WeightRuleArgs;
};

/**
 * Convolution over time ([batch, time, channels]) or images, as Keras ran it on Theano or on TensorFlow.
 * Source: keras/layers/convolutional.py and keras/backend/theano_backend.py (conv2d) of 0.2.0, 0.3.3, 1.0.8,
 * 1.2.2 and 2.3.1.
 */
export class Convolution extends UnmaskedLayer<ConvolutionSettings> {
  static readonly className = 'CarryoverConvolution';
  private kernel!: LayerVariable;
  private bias: LayerVariable | undefined;

  constructor(args: ConvolutionArgs) {
    const ones = args.kernelSize.map(() => 1);
    const defaults = {
      kernelSize: undefined,
      filters: undefined,
      strides: ones,
      dilation: ones,
      padding: 'valid',
      layout: undefined,
      flip: false,
      channelsFirst: false,
      activation: 'linear',
      useBias: true,
    } as const;
    super(args, defaults, {kernel: initializers.glorotUniform({}), bias: initializers.zeros()});
  }

  override build(inputShape: Shapes): void {
    const {channelsFirst, filters, layout, kernelSize, useBias} = this.settings;
    const channels = knownDim(onlyShape(inputShape), channelsFirst ? 1 : -1, this.name);
    const window = layout === 'time' || kernelSize.length === 2 ? kernelSize : [...kernelSize, 1];
    const shape = layout === 'th' ? [filters, channels, ...window] : [...window, channels, filters];
    this.kernel = this.weight('kernel', shape);
    if (useBias) this.bias = this.weight('bias', [filters]);
    this.built = true;
  }

  private window(k: number): {size: number; stride: number; dilation: number} {
    const {kernelSize, strides, dilation} = this.settings;
    return {size: kernelSize[k]!, stride: strides[k]!, dilation: dilation[k]!};
  }

  override computeOutputShape(inputShape: Shapes): Shape {
    const shape = onlyShape(inputShape);
    const {channelsFirst, filters, kernelSize, padding} = this.settings;
    const space = kernelSize.map((_, k) => {
      const n = shape[k + (channelsFirst ? 2 : 1)];
      return n == null ? null : windowCount(n, this.window(k), padding);
    });
    return channelsFirst ? [shape[0]!, filters, ...space] : [shape[0]!, ...space, filters];
  }

  override compute(x: tf.Tensor): tf.Tensor {
    const {activation, channelsFirst, kernelSize} = this.settings;
    const overTime = kernelSize.length === 1;
    let images = channelsFirst ? toChannelsLast(x) : x;
    if (overTime) images = tf.expandDims(images, 2);
    let y = this.slide(images as tf.Tensor4D);
    if (this.bias !== undefined) y = tf.add(y, this.bias.read());
    if (overTime) y = tf.squeeze(y, [2]);
    // The library applies the activation in its own layout, which softmax notices.
    return activationFunction(activation)(channelsFirst ? toChannelsFirst(y) : y);
  }

  private slide(images: tf.Tensor4D): tf.Tensor {
    const {padding, strides} = this.settings;
    const pads = this.settings.kernelSize.map((_, k) =>
      paddingOf(images.shape[k + 1]!, this.window(k), padding),
    );
    const rows = pads[0]!;
    const columns: [number, number] = pads[1] ?? [0, 0];
    const padded = [...rows, ...columns].some(n => n > 0)
      ? tf.pad(images, [[0, 0], rows, columns, [0, 0]])
      : images;
    const pair = (values: number[]): [number, number] => [values[0]!, values[1] ?? 1];
    return tf.conv2d(padded as tf.Tensor4D, this.correlationKernel(), pair(strides), 'valid');
  }

  /** [rows, columns, channels, filters], to be slid along as it is: turned and spread out. */
  private correlationKernel(): tf.Tensor4D {
    const {layout, flip, dilation} = this.settings;
    let kernel = this.kernel.read();
    if (layout === 'th') kernel = tf.transpose(kernel, [2, 3, 1, 0]);
    if (layout === 'time') kernel = tf.expandDims(kernel, 1);
    if (flip) kernel = tf.reverse(kernel, [0, 1]);
    return dilated(dilated(kernel, 0, dilation[0]!), 1, dilation[1] ?? 1) as tf.Tensor4D;
  }
}
tf.serialization.registerClass(Convolution);

/** Zeros between the values along an axis: tfjs has no gradient for a dilated convolution. */
function dilated(kernel: tf.Tensor, axis: number, rate: number): tf.Tensor {
  if (rate === 1) return kernel;
  const size = kernel.shape[axis]!;
  const apart = tf.expandDims(kernel, axis + 1);
  const spread = tf.pad(
    apart,
    apart.shape.map((_, k) => [0, k === axis + 1 ? rate - 1 : 0]),
  );
  const shape = kernel.shape.map((n, k) => (k === axis ? n * rate : n));
  const kept = kernel.shape.map((n, k) => (k === axis ? (size - 1) * rate + 1 : n));
  return tf.slice(tf.reshape(spread, shape), new Array(kernel.rank).fill(0), kept);
}

/** [batch, channels, ...space] to [batch, ...space, channels]. */
export function toChannelsLast(x: tf.Tensor): tf.Tensor {
  return tf.transpose(x, [0, ...x.shape.map((_, k) => k).slice(2), 1]);
}

/** [batch, ...space, channels] to [batch, channels, ...space]. */
export function toChannelsFirst(x: tf.Tensor): tf.Tensor {
  return tf.transpose(x, [0, x.rank - 1, ...x.shape.map((_, k) => k).slice(1, -1)]);
}
