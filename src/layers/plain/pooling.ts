import * as tf from '@tensorflow/tfjs-core';
import type {Shape} from '@tensorflow/tfjs-layers';
import {onlyShape, type PlainArgs, type Shapes, UnmaskedLayer} from './base';
import {toChannelsFirst, toChannelsLast} from './convolution';
import {type Padding, paddingOf, windowCount} from './windows';

interface PoolingSettings {
  /** `max`, or `average` of the values inside the input (padding does not count). */
  mode: 'max' | 'average';
  /** [length] over time, [rows, columns] over images. */
  poolSize: number[];
  /** Default: `poolSize`. */
  strides: number[];
  padding: Padding;
  channelsFirst: boolean;
}

/**
 * Pooling over time ([batch, time, channels]) or images, with Theano's ways of padding beside TensorFlow's.
 * Source: pool2d of keras/backend/theano_backend.py, 0.3.3, 1.2.2, 2.3.1; MaxPooling of 0.2.0.
 */
export class Pooling extends UnmaskedLayer<PoolingSettings> {
  static readonly className = 'CarryoverPooling';

  constructor(args: PlainArgs<PoolingSettings, 'mode' | 'poolSize'>) {
    super(args, {
      mode: undefined,
      poolSize: undefined,
      strides: args.poolSize,
      padding: 'valid',
      channelsFirst: false,
    });
  }

  private window(k: number): {size: number; stride: number; dilation: number} {
    return {size: this.settings.poolSize[k]!, stride: this.settings.strides[k]!, dilation: 1};
  }

  override computeOutputShape(inputShape: Shapes): Shape {
    const {channelsFirst, poolSize, padding} = this.settings;
    const shape = [...onlyShape(inputShape)];
    poolSize.forEach((_, k) => {
      const axis = k + (channelsFirst ? 2 : 1);
      const n = shape[axis];
      shape[axis] = n == null ? null : windowCount(n, this.window(k), padding);
    });
    return shape;
  }

  override compute(x: tf.Tensor): tf.Tensor {
    const {channelsFirst, poolSize} = this.settings;
    const overTime = poolSize.length === 1;
    let images = channelsFirst ? toChannelsLast(x) : x;
    if (overTime) images = tf.expandDims(images, 2);
    const pooled = this.pool(images as tf.Tensor4D);
    const y = overTime ? tf.squeeze(pooled, [2]) : pooled;
    return channelsFirst ? toChannelsFirst(y) : y;
  }

  private pool(images: tf.Tensor4D): tf.Tensor4D {
    const {mode, padding, poolSize, strides} = this.settings;
    const pads = poolSize.map((_, k) => paddingOf(images.shape[k + 1]!, this.window(k), padding));
    const margins: [number, number][] = [[0, 0], pads[0]!, pads[1] ?? [0, 0], [0, 0]];
    const isPadded = margins.some(([before, after]) => before + after > 0);
    const size: [number, number] = [poolSize[0]!, poolSize[1] ?? 1];
    const step: [number, number] = [strides[0]!, strides[1] ?? 1];
    if (mode === 'max') {
      const padded = isPadded ? (tf.pad(images, margins, Number.NEGATIVE_INFINITY) as tf.Tensor4D) : images;
      return tf.maxPool(padded, size, step, 'valid');
    }
    if (!isPadded) return tf.avgPool(images, size, step, 'valid');
    const inside = tf.pad(tf.ones([1, images.shape[1], images.shape[2], 1]), margins) as tf.Tensor4D;
    const share = tf.avgPool(inside, size, step, 'valid');
    return tf.div(tf.avgPool(tf.pad(images, margins) as tf.Tensor4D, size, step, 'valid'), share);
  }
}
tf.serialization.registerClass(Pooling);

interface GlobalPoolingSettings {
  mode: 'max' | 'average';
  channelsFirst: boolean;
  /** The average leaves masked steps out, as Keras ≥ 2.2 does; before, the mask is refused there. */
  useMask: boolean;
  /** Space stays, with one step or pixel: [batch, 1, channels]. Default false. */
  keepDims: boolean;
}

/**
 * Maximum or average over all steps or pixels: [batch, ...space, channels] in, [batch, channels] out.
 * Source: keras/layers/pooling.py of 1.2.2, 2.3.1; keras/src/layers/pooling of 2.15.0.
 */
export class GlobalPooling extends UnmaskedLayer<GlobalPoolingSettings> {
  static readonly className = 'CarryoverGlobalPooling';

  constructor(args: PlainArgs<GlobalPoolingSettings, 'mode'>) {
    super(args, {mode: undefined, channelsFirst: false, useMask: false, keepDims: false});
  }

  override computeOutputShape(inputShape: Shapes): Shape {
    const {channelsFirst, keepDims} = this.settings;
    const shape = onlyShape(inputShape);
    const channels = channelsFirst ? 1 : shape.length - 1;
    if (keepDims) return shape.map((n, axis) => (axis === 0 || axis === channels ? n : 1));
    return [shape[0]!, shape[channels]!];
  }

  override compute(x: tf.Tensor, _training: boolean, mask: tf.Tensor | undefined): tf.Tensor {
    const {mode, channelsFirst, useMask, keepDims} = this.settings;
    const space = x.shape.map((_, k) => k).slice(channelsFirst ? 2 : 1, channelsFirst ? x.rank : -1);
    if (mode === 'max') return tf.max(x, space, keepDims);
    if (mask === undefined || !useMask) return tf.mean(x, space, keepDims);
    const weights = tf.expandDims(tf.cast(mask, 'float32'), channelsFirst ? 1 : 2);
    return tf.div(tf.sum(tf.mul(x, weights), space, keepDims), tf.sum(weights, space, keepDims));
  }
}
tf.serialization.registerClass(GlobalPooling);
