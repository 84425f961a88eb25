import * as tf from '@tensorflow/tfjs-core';
import type {Shape} from '@tensorflow/tfjs-layers';
import {onlyShape, type PlainArgs, type Shapes, UnmaskedLayer} from './base';
import {toChannelsFirst, toChannelsLast} from './convolve';
import {largest} from './largest';
import {type Padding, paddingOf, windowCount} from './windows';

type Volume = [number, number, number];

interface PoolingSettings {
  /** `max`, or `average` of the values inside the input (padding does not count). */
  mode: 'max' | 'average';
  /** [length] over time, [rows, columns] over images, [depth, rows, columns] over volumes. */
  poolSize: number[];
  /** Default: `poolSize`. */
  strides: number[];
  padding: Padding;
  channelsFirst: boolean;
}

/**
 * Pooling over time ([batch, time, channels]), images or volumes, with Theano's ways of padding beside TensorFlow's.
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
    const last = channelsFirst ? toChannelsLast(x) : x;
    const pooled = this.pool(overTime ? tf.expandDims(last, 2) : last);
    const y = overTime ? tf.squeeze(pooled, [2]) : pooled;
    return channelsFirst ? toChannelsFirst(y) : y;
  }

  private pool(images: tf.Tensor): tf.Tensor {
    const {mode, padding, poolSize} = this.settings;
    const space = images.shape.slice(1, -1);
    const pads = poolSize.map((_, k) => paddingOf(space[k]!, this.window(k), padding));
    const margins = [[0, 0], ...pads, ...space.slice(pads.length).map(() => [0, 0]), [0, 0]] as [
      number,
      number,
    ][];
    const isPadded = margins.some(([before, after]) => before + after > 0);
    if (mode === 'max') {
      return this.slide(isPadded ? tf.pad(images, margins, Number.NEGATIVE_INFINITY) : images);
    }
    if (!isPadded) return this.slide(images);
    const share = this.slide(tf.pad(tf.ones([1, ...space, 1]), margins));
    return tf.div(this.slide(tf.pad(images, margins)), share);
  }

  /** Windows over images, or over volumes where there are three sizes. */
  private slide(x: tf.Tensor): tf.Tensor {
    const {mode, poolSize, strides} = this.settings;
    if (poolSize.length === 3) {
      const volumes = x as tf.Tensor5D;
      const [size, step] = [poolSize as Volume, strides as Volume];
      return mode === 'max'
        ? tf.maxPool3d(volumes, size, step, 'valid')
        : tf.avgPool3d(volumes, size, step, 'valid');
    }
    const images = x as tf.Tensor4D;
    const size: [number, number] = [poolSize[0]!, poolSize[1] ?? 1];
    const step: [number, number] = [strides[0]!, strides[1] ?? 1];
    return mode === 'max' ? tf.maxPool(images, size, step, 'valid') : tf.avgPool(images, size, step, 'valid');
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
    if (mode === 'max') return largest(x, space, keepDims);
    if (mask === undefined || !useMask) return tf.mean(x, space, keepDims);
    const weights = tf.expandDims(tf.cast(mask, 'float32'), channelsFirst ? 1 : 2);
    return tf.div(tf.sum(tf.mul(x, weights), space, keepDims), tf.sum(weights, space, keepDims));
  }
}
tf.serialization.registerClass(GlobalPooling);
