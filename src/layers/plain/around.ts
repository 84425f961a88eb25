import type * as tf from '@tensorflow/tfjs-core';
import {layers} from '@tensorflow/tfjs-layers';
import {lossesOf, trainedOf, untrainedOf} from '../inner-weights';
import {type Kwargs, type LayerArgs, type Masks, NO_MASK, type Shapes, type Tensors} from './base';
import {revive, write} from './serial';

type Layer = layers.Layer;

/** What a layer around another one is made of. */
export interface AroundArgs extends LayerArgs {
  /** The layer inside, or what `getConfig` made of it. */
  layer: Layer | tf.serialization.ConfigDict;
}

/** A layer that does what the one inside of it does. Inputs, output, arrays and mask are that one's. */
export abstract class Around extends layers.Layer {
  /** The layer inside. */
  readonly layer: Layer;

  constructor({layer, ...others}: AroundArgs) {
    super(others);
    this.layer = revive<Layer>(layer)!;
    this.supportsMasking = true;
  }

  /** The inner layer's. */
  override get trainableWeights(): Layer['trainableWeights'] {
    return trainedOf(this.trainable, [this.layer]);
  }

  /** The inner layer's. */
  override get nonTrainableWeights(): Layer['nonTrainableWeights'] {
    return untrainedOf(this.trainable, [this.layer]);
  }

  /** What the inner weights cost. */
  override get losses(): Layer['losses'] {
    return lossesOf([this.layer]);
  }

  /** Whether weights start from zeros, which a file replaces. The base constructor asks before there is a layer. */
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
    return this.layer.call(inputs, kwargs);
  }

  /** A layer that knows no masks ends them, as tfjs has it where such a layer stands alone. */
  override computeMask(inputs: Tensors, mask?: Masks): Tensors {
    return this.layer.supportsMasking ? this.layer.computeMask(inputs, mask as tf.Tensor) : NO_MASK;
  }

  override getConfig(): tf.serialization.ConfigDict {
    return {layer: write(this.layer), ...super.getConfig()};
  }
}
