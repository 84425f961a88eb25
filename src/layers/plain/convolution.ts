import * as tf from '@tensorflow/tfjs-core';
import {initializers, type LayerVariable} from '@tensorflow/tfjs-layers';
import type {PlainArgs} from './base';
import {SlidingLayer, type SlidingSettings} from './convolution-base';
import {
  convolve,
  convolveDepthwise,
  convolveTransposed,
  type OutputPadding,
  transposedLength,
  windowOf,
} from './convolve';
import type {WeightRuleArgs} from './serial';

/**
 * The shape of the kernel array.
 * `th`: [filters, channels, rows, columns]; `tf`: [rows, columns, channels, filters]; a convolution over time
 * has one column. `time`: [length, channels, filters], Keras 2's Conv1D, and as many axes over images and volumes.
 */
export type KernelLayout = 'th' | 'tf' | 'time';

interface ConvolutionSettings extends SlidingSettings {
  filters: number;
  layout: KernelLayout;
  /** A true convolution, as Theano's default: the kernel is turned round before it is slid along. */
  flip: boolean;
  /** Channels are cut into so many groups, each with filters of its own. */
  groups: number;
}

export type ConvolutionArgs = PlainArgs<ConvolutionSettings, 'kernelSize' | 'filters' | 'layout'> & {
  kernel?: WeightRuleArgs;
  bias?: WeightRuleArgs;
};

/**
 * Convolution over time ([batch, time, channels]), images or volumes, as Keras ran it on Theano or on TensorFlow.
 * Source: keras/layers/convolutional.py and keras/backend/theano_backend.py (conv2d) of 0.2.0, 0.3.3, 1.0.8,
 * 1.2.2 and 2.3.1; keras/src/layers/convolutional of 2.15.0 and 3.15.1.
 */
export class Convolution extends SlidingLayer<ConvolutionSettings> {
  static readonly className = 'CarryoverConvolution';
  private kernel!: LayerVariable;

  constructor(args: ConvolutionArgs) {
    const own = {filters: undefined, layout: undefined, flip: false, groups: 1};
    super(args, own, {kernel: initializers.glorotUniform({})});
  }

  protected override filtersOf(): number {
    return this.settings.filters;
  }

  protected override buildKernels(channels: number): void {
    const {filters, layout, kernelSize, groups} = this.settings;
    const window = layout === 'time' || kernelSize.length > 1 ? kernelSize : [...kernelSize, 1];
    const each = channels / groups;
    const shape = layout === 'th' ? [filters, each, ...window] : [...window, each, filters];
    this.kernel = this.weight('kernel', shape);
  }

  protected override slide(x: tf.Tensor): tf.Tensor {
    return convolve(x, this.correlationKernel(), this.sliding, this.settings.groups);
  }

  /** [...window, channels, filters], to be slid along as it is: turned, and with as many axes as space has. */
  private correlationKernel(): tf.Tensor {
    const {layout, flip, kernelSize} = this.settings;
    const stored = this.kernel.read();
    const last = layout === 'th' ? tf.transpose(stored, [2, 3, 1, 0]) : stored;
    const kernel = last.rank > kernelSize.length + 2 ? tf.squeeze(last, [1]) : last;
    return flip
      ? tf.reverse(
          kernel,
          kernelSize.map((_, k) => k),
        )
      : kernel;
  }
}
tf.serialization.registerClass(Convolution);

interface TransposedSettings extends SlidingSettings {
  filters: number;
  outputPadding: OutputPadding;
}

/**
 * Transposed convolution over time, images or volumes: each value spreads over a window of the output. Kernel
 * [...window, filters, channels]. Source: keras/src/layers/convolutional/conv*_transpose.py of 2.15.0 and 3.15.1.
 */
export class TransposedConvolution extends SlidingLayer<TransposedSettings> {
  static readonly className = 'CarryoverTransposedConvolution';
  private kernel!: LayerVariable;

  constructor(
    args: PlainArgs<TransposedSettings, 'kernelSize' | 'filters'> & {
      kernel?: WeightRuleArgs;
      bias?: WeightRuleArgs;
    },
  ) {
    super(args, {filters: undefined, outputPadding: null}, {kernel: initializers.glorotUniform({})});
  }

  protected override filtersOf(): number {
    return this.settings.filters;
  }

  protected override buildKernels(channels: number): void {
    this.kernel = this.weight('kernel', [...this.settings.kernelSize, this.settings.filters, channels]);
  }

  protected override spaceAfter(space: readonly (number | null)[]): (number | null)[] {
    const {kernelSize, padding, outputPadding} = this.settings;
    return space.map((n, k) => {
      const window = windowOf(k, kernelSize[k]!, this.sliding);
      return n == null ? null : transposedLength(n, window, padding, outputPadding?.[k]);
    });
  }

  protected override slide(x: tf.Tensor): tf.Tensor {
    return convolveTransposed(x, this.kernel.read(), this.sliding, this.settings.outputPadding);
  }
}
tf.serialization.registerClass(TransposedConvolution);

interface DepthwiseSettings extends SlidingSettings {
  /** Filters of each channel. */
  multiplier: number;
  /** Then so many sums of them all (`SeparableConv`); null: none. */
  filters: number | null;
}

/**
 * Each channel with filters of its own; a separable one mixes what they give. Kernels [...window, channels, multiplier]
 * and [1, ..., channels · multiplier, filters]. Over time or images.
 * Source: keras/src/layers/convolutional, depthwise_conv*.py and separable_conv*.py of 2.15.0 and 3.15.1.
 */
export class DepthwiseConvolution extends SlidingLayer<DepthwiseSettings> {
  static readonly className = 'CarryoverDepthwiseConvolution';
  private depthwise!: LayerVariable;
  private pointwise: LayerVariable | undefined;

  constructor(
    args: PlainArgs<DepthwiseSettings, 'kernelSize'> & {
      depthwise?: WeightRuleArgs;
      pointwise?: WeightRuleArgs;
      bias?: WeightRuleArgs;
    },
  ) {
    const start = initializers.glorotUniform({});
    super(args, {multiplier: 1, filters: null}, {depthwise: start, pointwise: start});
  }

  protected override filtersOf(channels: number | null): number | null {
    const {filters, multiplier} = this.settings;
    return filters ?? (channels === null ? null : channels * multiplier);
  }

  protected override buildKernels(channels: number): void {
    const {kernelSize, multiplier, filters} = this.settings;
    this.depthwise = this.weight('depthwise', [...kernelSize, channels, multiplier]);
    if (filters === null) return;
    const point = kernelSize.map(() => 1);
    this.pointwise = this.weight('pointwise', [...point, channels * multiplier, filters]);
  }

  protected override slide(x: tf.Tensor): tf.Tensor {
    const y = convolveDepthwise(x, this.depthwise.read(), this.sliding);
    if (this.pointwise === undefined) return y;
    const ones = this.settings.kernelSize.map(() => 1);
    return convolve(y, this.pointwise.read(), {strides: ones, dilation: ones, padding: 'valid'});
  }
}
tf.serialization.registerClass(DepthwiseConvolution);
