import * as tf from '@tensorflow/tfjs-core';
import type {layers} from '@tensorflow/tfjs-layers';
import {Around, type AroundArgs} from './around';
import type {Kwargs, Tensors} from './base';

/**
 * A layer that always does what it does in training: dropout draws, batch normalization takes the batch's own statistics.
 * It stands for `layer(x, training=True)`. Inputs, output and arrays are the layer's.
 *
 * Source: tf.keras 2.15, `base_layer.Layer.__call__`: `training` of a call comes before all else.
 */
export class InTraining extends Around {
  /** The name under which tfjs saves and finds it. */
  static readonly className = 'CarryoverInTraining';

  constructor(args: AroundArgs) {
    super(args);
    // A model resets the states of layers that say so, and does not free them in between.
    this._stateful = this.layer.stateful;
  }

  override call(inputs: Tensors, kwargs: Kwargs): Tensors {
    return super.call(inputs, {...kwargs, training: true});
  }

  override resetStates(): void {
    if ('resetStates' in this.layer) (this.layer as layers.Layer & {resetStates(): void}).resetStates();
  }
}
tf.serialization.registerClass(InTraining as unknown as Parameters<typeof tf.serialization.registerClass>[0]);
