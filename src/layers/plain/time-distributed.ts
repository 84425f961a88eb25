import * as tf from '@tensorflow/tfjs-core';
import {layers, type Shape} from '@tensorflow/tfjs-layers';
import {lossesOf} from '../inner-weights';
import {
  type Kwargs,
  type LayerArgs,
  type Masks,
  NO_MASK,
  only,
  onlyShape,
  type Shapes,
  type Tensors,
  takeMask,
} from './base';
import {revive, write} from './serial';

type Layer = layers.Layer;

/** What a TimeDistributed layer is made of. */
export interface TimeDistributedArgs extends LayerArgs {
  /** The layer for one step, or what `getConfig` made of it. */
  layer: Layer | tf.serialization.ConfigDict;
  /** Tells the inner layer when it trains. Keras 0.3 never did: dropout inside was idle. Default true. */
  trainInner?: boolean;
}

/**
 * The same layer at every step: [batch, time, ...] is seen by it as [batch · time, ...], in one call.
 * A mask [batch, time] passes through; one of higher rank is the inner layer's, whose own mask comes out.
 * Source: keras/layers/wrappers.py of 0.3.3, 1.2.2, 2.3.1, TimeDistributed.
 */
export class TimeDistributed extends layers.Layer {
  /** The name under which tfjs saves and finds it. */
  static readonly className = 'CarryoverTimeDistributed';
  /** The layer that sees each step. */
  readonly layer: Layer;
  private readonly trainInner: boolean;

  constructor(args: TimeDistributedArgs) {
    const {layer, trainInner, ...rest} = args;
    super(rest);
    this.layer = revive<Layer>(layer)!;
    this.trainInner = trainInner ?? true;
    this.supportsMasking = true;
    if (rest.trainable != null) this.layer.trainable = rest.trainable;
  }

  /** Whether training changes the inner layer. The base constructor sets it before there is a layer. */
  override get trainable(): boolean {
    return this.layer?.trainable ?? true;
  }

  /** Whether training changes the inner layer. */
  override set trainable(value: boolean) {
    if (this.layer) this.layer.trainable = value;
  }

  /** The inner layer's. */
  override get trainableWeights(): Layer['trainableWeights'] {
    return this.layer.trainableWeights;
  }

  /** The inner layer's. */
  override get nonTrainableWeights(): Layer['nonTrainableWeights'] {
    return this.layer.nonTrainableWeights;
  }

  /** The inner layer's. */
  override get losses(): Layer['losses'] {
    return lossesOf([this.layer]);
  }

  override getWeights(trainableOnly?: boolean): tf.Tensor[] {
    return this.layer.getWeights(trainableOnly);
  }

  override setWeights(weights: tf.Tensor[]): void {
    this.layer.setWeights(weights);
  }

  override setFastWeightInitDuringBuild(value: boolean): void {
    super.setFastWeightInitDuringBuild(value);
    this.layer?.setFastWeightInitDuringBuild(value);
  }

  override build(inputShape: Shapes): void {
    if (!this.layer.built) {
      this.layer.build(stepShape(onlyShape(inputShape)));
      this.layer.built = true;
    }
    this.built = true;
  }

  override computeOutputShape(inputShape: Shapes): Shape {
    const shape = onlyShape(inputShape);
    const inner = onlyShape(this.layer.computeOutputShape(stepShape(shape)));
    return [shape[0]!, shape[1]!, ...inner.slice(1)];
  }

  override call(inputs: Tensors, kwargs: Kwargs): tf.Tensor {
    const mask = takeMask(kwargs);
    return tf.tidy(() => {
      this.invokeCallHook(inputs, kwargs);
      const x = only(inputs);
      const inner: Kwargs = {training: this.trainInner && kwargs?.training === true};
      if (mask !== undefined && mask.rank > 2) inner.mask = perStep(mask);
      const y = only(this.layer.call(perStep(x), inner));
      return tf.reshape(y, [x.shape[0]!, x.shape[1]!, ...y.shape.slice(1)]);
    });
  }

  override computeMask(inputs: Tensors, masks?: Masks): tf.Tensor {
    const mask = only(masks as tf.Tensor) as tf.Tensor | null | undefined;
    if (mask != null && mask.rank === 2) return mask;
    return tf.tidy(() => {
      const x = only(inputs);
      const given = mask == null ? NO_MASK : perStep(mask);
      const made = this.layer.supportsMasking ? only(this.layer.computeMask(perStep(x), given)) : null;
      if (made != null) return tf.reshape(made, [x.shape[0]!, x.shape[1]!, ...made.shape.slice(1)]);
      if (mask == null) return NO_MASK;
      return tf.any(
        mask,
        mask.shape.slice(2).map((_, k) => k + 2),
      );
    });
  }

  override getConfig(): tf.serialization.ConfigDict {
    return {layer: write(this.layer), trainInner: this.trainInner, ...super.getConfig()};
  }
}
tf.serialization.registerClass(TimeDistributed);

function stepShape(shape: Shape): Shape {
  return [shape[0]!, ...shape.slice(2)];
}

function perStep(x: tf.Tensor): tf.Tensor {
  const [batch, time, ...rest] = x.shape;
  return tf.reshape(x, [batch! * time!, ...rest]);
}
