import * as tf from '@tensorflow/tfjs-core';
import {initializers, type LayerVariable, layers} from '@tensorflow/tfjs-layers';
import {trainedOf, untrainedOf} from '../inner-weights';
import type {Kwargs, LayerArgs, Masks, Shapes, Tensors} from './base';
import {revive, write} from './serial';

type Layer = layers.Layer;

/** What a SpectralNormalization layer is made of. */
export interface SpectralNormalizationArgs extends LayerArgs {
  /** The layer whose kernel is normalised, or what `getConfig` made of it. */
  layer: Layer | tf.serialization.ConfigDict;
}

/**
 * A layer whose kernel training divides by its largest singular value; a file has the kernel as training left it, which
 * this layer takes as it is, in training too. Inputs, output and mask are the layer's. Arrays: the layer's trained ones, its
 * others, and `vector_u` `[1, filters]`, with which training goes on.
 * Source: keras/src/layers/normalization/spectral_normalization.py of 2.15.0 and 3.15.1.
 */
export class SpectralNormalization extends layers.Layer {
  /** The name under which tfjs saves and finds it. */
  static readonly className = 'CarryoverSpectralNormalization';
  /** The layer whose kernel is normalised. */
  readonly layer: Layer;
  private vector: LayerVariable | undefined;

  constructor({layer, ...others}: SpectralNormalizationArgs) {
    super(others);
    this.layer = revive<Layer>(layer)!;
    this.supportsMasking = true;
  }

  override get trainableWeights(): Layer['trainableWeights'] {
    return trainedOf(this.trainable, [this.layer]);
  }

  override get nonTrainableWeights(): Layer['nonTrainableWeights'] {
    return [...untrainedOf(this.trainable, [this.layer]), ...(this.vector ? [this.vector] : [])];
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
    const filters = this.layer.weights[0]?.shape.at(-1) ?? 1;
    const start = initializers.truncatedNormal({stddev: 0.02});
    this.vector ??= this.addWeight('vector_u', [1, filters], 'float32', start, undefined, false);
    this.built = true;
  }

  override computeOutputShape(inputShape: Shapes): Shapes {
    return this.layer.computeOutputShape(inputShape);
  }

  override call(inputs: Tensors, kwargs: Kwargs): Tensors {
    return this.layer.call(inputs, kwargs);
  }

  override computeMask(inputs: Tensors, mask?: Masks): Tensors {
    return this.layer.supportsMasking
      ? this.layer.computeMask(inputs, mask as tf.Tensor)
      : (null as unknown as tf.Tensor);
  }

  override getConfig(): tf.serialization.ConfigDict {
    return {layer: write(this.layer), ...super.getConfig()};
  }
}
tf.serialization.registerClass(
  SpectralNormalization as unknown as Parameters<typeof tf.serialization.registerClass>[0],
);
