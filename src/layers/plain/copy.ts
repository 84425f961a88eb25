import * as tf from '@tensorflow/tfjs-core';
import {type LayerArgs, PlainLayer} from './base';

/**
 * Its input again, as a tensor of its own; a mask passes. tfjs 4.22 frees a tensor too early that a layer takes twice
 * (`multiply(x, x)`): the second time it takes this.
 */
export class Copy extends PlainLayer {
  static readonly className = 'CarryoverCopy';

  constructor(args: LayerArgs = {}) {
    super(args, {});
  }

  override compute(x: tf.Tensor): tf.Tensor {
    return tf.clone(x);
  }
}
tf.serialization.registerClass(Copy);
