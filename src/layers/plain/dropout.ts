import * as tf from '@tensorflow/tfjs-core';
import {type PlainArgs, PlainLayer} from './base';

/**
 * Dropout of Keras before 0.3: in training a share `rate` of the values is set to 0 and the rest left as they
 * are; otherwise everything is multiplied by 1 − rate. Source: keras/layers/core.py of 0.2.0, Dropout.
 */
export class UnscaledDropout extends PlainLayer<{rate: number}> {
  static readonly className = 'CarryoverUnscaledDropout';

  constructor(args: PlainArgs<{rate: number}, 'rate'>) {
    super(args, {rate: undefined});
  }

  override compute(x: tf.Tensor, training: boolean): tf.Tensor {
    const {rate} = this.settings;
    if (rate <= 0) return x.clone();
    return training ? tf.mul(tf.dropout(x, rate), 1 - rate) : tf.mul(x, 1 - rate);
  }
}
tf.serialization.registerClass(UnscaledDropout);

interface SharedDropoutSettings {
  rate: number;
  /** Batch is axis 0. */
  sharedAxes: number[];
}

/**
 * Dropout that draws once for all positions along `sharedAxes`, so that whole feature maps go.
 * Source: SpatialDropout1D, SpatialDropout2D, and `noise_shape` of Dropout, Keras 1.2.2 and 2.3.1.
 */
export class SharedDropout extends PlainLayer<SharedDropoutSettings> {
  static readonly className = 'CarryoverSharedDropout';

  constructor(args: PlainArgs<SharedDropoutSettings, 'rate' | 'sharedAxes'>) {
    super(args, {rate: undefined, sharedAxes: undefined});
  }

  override compute(x: tf.Tensor, training: boolean): tf.Tensor {
    const {rate, sharedAxes} = this.settings;
    if (!training || rate <= 0 || rate >= 1) return x.clone();
    const noise = x.shape.map((n, axis) => (sharedAxes.includes(axis) ? 1 : n));
    return tf.mul(x, tf.dropout(tf.ones(noise), rate));
  }
}
tf.serialization.registerClass(SharedDropout);
