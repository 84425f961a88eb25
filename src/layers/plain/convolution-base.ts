import * as tf from '@tensorflow/tfjs-core';
import {initializers, type LayerVariable, type Shape} from '@tensorflow/tfjs-layers';
import type {Initializer} from '../../keras';
import {
  type ActivationSetting,
  activatedShape,
  activationFunction,
  knownDim,
  type LayerArgs,
  onlyShape,
  type Shapes,
  UnmaskedLayer,
} from './base';
import {type Sliding, slidSpace, toChannelsFirst, toChannelsLast} from './convolve';
import type {Padding} from './windows';

/** What all layers with sliding kernels are told. */
export interface SlidingSettings {
  /** [length] over time, [rows, columns] over images, [depth, rows, columns] over volumes. */
  kernelSize: number[];
  strides: number[];
  dilation: number[];
  padding: Padding;
  /** [batch, channels, ...space] instead of [batch, ...space, channels]. */
  channelsFirst: boolean;
  activation: ActivationSetting;
  useBias: boolean;
}

/** Arguments of a layer with sliding kernels, its own settings and rules of its weights among them. */
export type SlidingArgs = LayerArgs & Pick<SlidingSettings, 'kernelSize'>;

/** A layer with a kernel that slides along `[batch, ...space, channels]`, a bias for each filter, and a function. */
export abstract class SlidingLayer<A extends SlidingSettings> extends UnmaskedLayer<A> {
  private bias: LayerVariable | undefined;

  constructor(
    args: SlidingArgs,
    own: {readonly [K in Exclude<keyof A, keyof SlidingSettings>]: A[K] | undefined},
    starts: Readonly<Record<string, Initializer>>,
  ) {
    const ones = args.kernelSize.map(() => 1);
    const shared: {readonly [K in keyof SlidingSettings]: SlidingSettings[K] | undefined} = {
      kernelSize: undefined,
      strides: ones,
      dilation: ones,
      padding: 'valid',
      channelsFirst: false,
      activation: 'linear',
      useBias: true,
    };
    const defaults = {...shared, ...own} as unknown as {readonly [K in keyof A]: A[K] | undefined};
    super(args, defaults, {...starts, bias: initializers.zeros()});
  }

  /** Makes the weights that slide. */
  protected abstract buildKernels(channels: number): void;
  /** How many filters there are, from the channels. */
  protected abstract filtersOf(channels: number | null): number | null;
  /** Slides along `[batch, ...space, channels]`. */
  protected abstract slide(x: tf.Tensor): tf.Tensor;

  protected get sliding(): Sliding {
    const {strides, dilation, padding} = this.settings;
    return {strides, dilation, padding};
  }

  protected spaceAfter(space: readonly (number | null)[]): (number | null)[] {
    return slidSpace(space, this.settings.kernelSize, this.sliding);
  }

  private channelAxis(rank: number): number {
    return this.settings.channelsFirst ? 1 : rank - 1;
  }

  override build(inputShape: Shapes): void {
    const shape = onlyShape(inputShape);
    const channels = knownDim(shape, this.channelAxis(shape.length), this.name);
    this.buildKernels(channels);
    if (this.settings.useBias) this.bias = this.weight('bias', [this.filtersOf(channels)!]);
    this.built = true;
  }

  override computeOutputShape(inputShape: Shapes): Shape {
    const shape = onlyShape(inputShape);
    const axis = this.channelAxis(shape.length);
    const filters = this.filtersOf(shape[axis]!);
    const space = this.spaceAfter(shape.filter((_, k) => k > 0 && k !== axis));
    const {channelsFirst, activation} = this.settings;
    const after = channelsFirst ? [shape[0]!, filters, ...space] : [shape[0]!, ...space, filters];
    return activatedShape(activation, after);
  }

  override compute(x: tf.Tensor): tf.Tensor {
    const {activation, channelsFirst} = this.settings;
    const slid = this.slide(channelsFirst ? toChannelsLast(x) : x);
    const y = this.bias === undefined ? slid : tf.add(slid, this.bias.read());
    // The library applies the activation in its own layout, which softmax notices.
    return activationFunction(activation)(channelsFirst ? toChannelsFirst(y) : y);
  }
}
