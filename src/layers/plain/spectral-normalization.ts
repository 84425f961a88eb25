import * as tf from '@tensorflow/tfjs-core';
import {initializers, type LayerVariable, type layers} from '@tensorflow/tfjs-layers';
import {Around} from './around';
import type {Shapes} from './base';

/**
 * A layer whose kernel training divides by its largest singular value; a file has the kernel as training left it, which
 * this layer takes as it is, in training too. Inputs, output and mask are the layer's. Arrays: the layer's trained ones, its
 * others, and `vector_u` `[1, filters]`, with which training goes on.
 * Source: keras/src/layers/normalization/spectral_normalization.py of 2.15.0 and 3.15.1.
 */
export class SpectralNormalization extends Around {
  /** The name under which tfjs saves and finds it. */
  static readonly className = 'CarryoverSpectralNormalization';
  private vector: LayerVariable | undefined;

  /** The inner layer's, then the vector. */
  override get nonTrainableWeights(): layers.Layer['nonTrainableWeights'] {
    return [...super.nonTrainableWeights, ...(this.vector ? [this.vector] : [])];
  }

  override build(inputShape: Shapes): void {
    super.build(inputShape);
    const filters = this.layer.weights[0]?.shape.at(-1) ?? 1;
    const start = initializers.truncatedNormal({stddev: 0.02});
    this.vector ??= this.addWeight('vector_u', [1, filters], 'float32', start, undefined, false);
  }
}
tf.serialization.registerClass(
  SpectralNormalization as unknown as Parameters<typeof tf.serialization.registerClass>[0],
);
