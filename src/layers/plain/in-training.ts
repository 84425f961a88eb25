import * as tf from '@tensorflow/tfjs-core';
import {layers} from '@tensorflow/tfjs-layers';
import {trainedOf, untrainedOf} from '../inner-weights';
import type {Kwargs, LayerArgs, Masks, Shapes, Tensors} from './base';
import {revive, write} from './serial';

type Layer = layers.Layer;

/** What an InTraining layer is made of. */
export interface InTrainingArgs extends LayerArgs {
  /** The layer, or what `getConfig` made of it. */
  layer: Layer | tf.serialization.ConfigDict;
}

/**
 * A layer that always does what it does in training: dropout draws, batch normalization takes the batch's own statistics.
 * It stands for `layer(x, training=True)`. Inputs, output and arrays are the layer's.
 *
 * Source: tf.keras 2.15, `base_layer.Layer.__call__`: `training` of a call comes before all else.
 */
export class InTraining extends layers.Layer {
  /** The name under which tfjs saves and finds it. */
  static readonly className = 'CarryoverInTraining';
  /** The layer that is always in training. */
  readonly layer: Layer;

  constructor({layer, ...others}: InTrainingArgs) {
    super(others);
    this.layer = revive<Layer>(layer)!;
    this.supportsMasking = true;
  }

  override get trainableWeights(): Layer['trainableWeights'] {
    return trainedOf(this.trainable, [this.layer]);
  }

  override get nonTrainableWeights(): Layer['nonTrainableWeights'] {
    return untrainedOf(this.trainable, [this.layer]);
  }

  override setFastWeightInitDuringBuild(value: boolean): void {
    super.setFastWeightInitDuringBuild(value);
    this.layer?.setFastWeightInitDuringBuild(value);
  }

  override build(inputShape: Shapes): void {
    if (!this.layer.built) {
      this.layer.build(inputShape);
      this.layer.built = true;
    }
    this.built = true;
  }

  override computeOutputShape(inputShape: Shapes): Shapes {
    return this.layer.computeOutputShape(inputShape);
  }

  override call(inputs: Tensors, kwargs: Kwargs): Tensors {
    return this.layer.call(inputs, {...kwargs, training: true});
  }

  override computeMask(inputs: Tensors, mask?: Masks): Tensors {
    return this.layer.computeMask(inputs, mask as tf.Tensor);
  }

  override resetStates(): void {
    if ('resetStates' in this.layer) (this.layer as Layer & {resetStates(): void}).resetStates();
  }

  override getConfig(): tf.serialization.ConfigDict {
    return {layer: write(this.layer), ...super.getConfig()};
  }
}
tf.serialization.registerClass(InTraining as unknown as Parameters<typeof tf.serialization.registerClass>[0]);
