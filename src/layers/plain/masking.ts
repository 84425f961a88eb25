import * as tf from '@tensorflow/tfjs-core';
import {type Masks, only, type PlainArgs, PlainLayer, type Tensors} from './base';

interface MaskingSettings {
  /** A time step whose features all have this value is masked. Default 0. */
  maskValue: number;
}

/**
 * Masks time steps and sets them to zero. Input and output `[batch, time, ...]`. As tfjs' Masking, but x has a
 * gradient: tfjs' own stops at a comparison that has none.
 *
 * Source: keras/layers/core.py, Masking, of 0.2.0 to 2.3.1.
 */
export class Masking extends PlainLayer<MaskingSettings> {
  static readonly className = 'CarryoverMasking';

  constructor(args: PlainArgs<MaskingSettings> = {}) {
    super(args, {maskValue: 0});
  }

  override compute(x: tf.Tensor): tf.Tensor {
    const masked = tf.customGrad((data, save) => {
      const steps = tf.cast(this.stepsOf(data as tf.Tensor, true), 'float32');
      (save as tf.GradSaveFunc)([steps]);
      const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]): tf.Tensor => tf.mul(dy, saved[0]!);
      return {value: tf.mul(data as tf.Tensor, steps), gradFunc};
    });
    return masked(x);
  }

  override computeMask(inputs: Tensors, _mask?: Masks): tf.Tensor {
    return tf.tidy(() => this.stepsOf(only(inputs), false));
  }

  /** True at the steps that count. */
  private stepsOf(x: tf.Tensor, keepDims: boolean): tf.Tensor {
    return tf.any(tf.notEqual(x, this.settings.maskValue), -1, keepDims);
  }
}
tf.serialization.registerClass(Masking);
