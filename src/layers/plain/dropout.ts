import * as tf from '@tensorflow/tfjs-core';
import {type LayerArgs, PlainLayer} from './base';

/**
 * Dropout of Keras before 0.3: in training a share `rate` of the values is set to 0 and the rest left as they
 * are; otherwise everything is multiplied by 1 − rate. Source: keras/layers/core.py of 0.2.0, Dropout.
 */
export class UnscaledDropout extends PlainLayer {
  static readonly className = 'CarryoverUnscaledDropout';
  private readonly rate: number;

  constructor(args: LayerArgs & {rate: number}) {
    super(args);
    this.rate = args.rate;
  }

  override compute(x: tf.Tensor, training: boolean): tf.Tensor {
    if (this.rate <= 0) return x.clone();
    return training ? tf.mul(tf.dropout(x, this.rate), 1 - this.rate) : tf.mul(x, 1 - this.rate);
  }

  override ownConfig(): tf.serialization.ConfigDict {
    return {rate: this.rate};
  }
}
tf.serialization.registerClass(UnscaledDropout);

/**
 * Dropout that draws once for all positions along `sharedAxes` (batch is axis 0), so that whole feature maps go.
 * Source: SpatialDropout1D, SpatialDropout2D, and `noise_shape` of Dropout, Keras 1.2.2 and 2.3.1.
 */
export class SharedDropout extends PlainLayer {
  static readonly className = 'CarryoverSharedDropout';
  private readonly rate: number;
  private readonly sharedAxes: number[];

  constructor(args: LayerArgs & {rate: number; sharedAxes: number[]}) {
    super(args);
    this.rate = args.rate;
    this.sharedAxes = args.sharedAxes;
  }

  override compute(x: tf.Tensor, training: boolean): tf.Tensor {
    if (!training || this.rate <= 0 || this.rate >= 1) return x.clone();
    const noise = x.shape.map((n, axis) => (this.sharedAxes.includes(axis) ? 1 : n));
    return tf.mul(x, tf.dropout(tf.ones(noise), this.rate));
  }

  override ownConfig(): tf.serialization.ConfigDict {
    return {rate: this.rate, sharedAxes: this.sharedAxes};
  }
}
tf.serialization.registerClass(SharedDropout);
