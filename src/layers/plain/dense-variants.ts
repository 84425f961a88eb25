import * as tf from '@tensorflow/tfjs-core';
import {initializers, type LayerVariable, type Shape} from '@tensorflow/tfjs-layers';
import {
  type ActivationSetting,
  activationFunction,
  knownDim,
  onlyShape,
  type PlainArgs,
  PlainLayer,
  type Shapes,
} from './base';
import type {WeightRuleArgs} from './serial';

interface MaxoutDenseSettings {
  units: number;
  /** Linear maps whose maximum is taken; 4 by default. */
  pieces: number;
  useBias: boolean;
}

/**
 * max over pieces k of x·W[k] + b[k]. [batch, features] in, [batch, units] out; W [pieces, features, units],
 * b [pieces, units]. Source: keras/layers/core.py of 0.2.0, 0.3.3, 1.2.2, MaxoutDense.
 */
export class MaxoutDense extends PlainLayer<MaxoutDenseSettings> {
  static readonly className = 'CarryoverMaxoutDense';
  private kernel!: LayerVariable;
  private bias: LayerVariable | undefined;

  constructor(
    args: PlainArgs<MaxoutDenseSettings, 'units'> & {kernel?: WeightRuleArgs; bias?: WeightRuleArgs},
  ) {
    super(
      args,
      {units: undefined, pieces: 4, useBias: true},
      {kernel: initializers.glorotUniform({}), bias: initializers.zeros()},
    );
  }

  override build(inputShape: Shapes): void {
    const {units, pieces, useBias} = this.settings;
    const features = knownDim(onlyShape(inputShape), 1, this.name);
    this.kernel = this.weight('kernel', [pieces, features, units]);
    if (useBias) this.bias = this.weight('bias', [pieces, units]);
    this.built = true;
  }

  override computeOutputShape(inputShape: Shapes): Shape {
    return [onlyShape(inputShape)[0]!, this.settings.units];
  }

  override compute(x: tf.Tensor): tf.Tensor {
    const {units, pieces} = this.settings;
    const [batch, features] = x.shape as [number, number];
    const flat = tf.reshape(tf.transpose(this.kernel.read(), [1, 0, 2]), [features, pieces * units]);
    const product = tf.reshape(tf.matMul(x as tf.Tensor2D, flat as tf.Tensor2D), [batch, pieces, units]);
    return tf.max(this.bias === undefined ? product : tf.add(product, this.bias.read()), 1);
  }
}
tf.serialization.registerClass(MaxoutDense);

interface HighwaySettings {
  activation: ActivationSetting;
  useBias: boolean;
  /** The order of the arrays: W, W_carry, b, b_carry (Keras ≥ 1.1.1) instead of W, b, W_carry, b_carry. */
  kernelsFirst: boolean;
}

type HighwayWeight = 'kernel' | 'carryKernel' | 'bias' | 'carryBias';

/**
 * t ∘ f(x·W + b) + (1 − t) ∘ x with t = sigmoid(x·W_carry + b_carry). [batch, features] in and out.
 * Source: keras/layers/core.py of 0.3.3, 1.0.8, 1.2.2, Highway.
 */
export class Highway extends PlainLayer<HighwaySettings> {
  static readonly className = 'CarryoverHighway';
  private readonly variables: Partial<Record<HighwayWeight, LayerVariable>> = {};

  constructor(args: PlainArgs<HighwaySettings> & {[K in HighwayWeight]?: WeightRuleArgs}) {
    super(
      args,
      {activation: 'linear', useBias: true, kernelsFirst: false},
      {
        kernel: initializers.glorotUniform({}),
        carryKernel: initializers.glorotUniform({}),
        bias: initializers.zeros(),
        carryBias: initializers.ones(),
      },
    );
  }

  override build(inputShape: Shapes): void {
    const {useBias, kernelsFirst} = this.settings;
    const features = knownDim(onlyShape(inputShape), 1, this.name);
    const order = kernelsFirst
      ? (['kernel', 'carryKernel', 'bias', 'carryBias'] as const)
      : (['kernel', 'bias', 'carryKernel', 'carryBias'] as const);
    for (const role of order) {
      const isBias = role === 'bias' || role === 'carryBias';
      if (isBias && !useBias) continue;
      this.variables[role] = this.weight(role, isBias ? [features] : [features, features]);
    }
    this.built = true;
  }

  override compute(x: tf.Tensor): tf.Tensor {
    const affine = (kernel: HighwayWeight, bias: HighwayWeight): tf.Tensor => {
      const product = tf.matMul(x as tf.Tensor2D, this.variables[kernel]!.read() as tf.Tensor2D);
      const added = this.variables[bias];
      return added === undefined ? product : tf.add(product, added.read());
    };
    const transform = tf.sigmoid(affine('carryKernel', 'carryBias'));
    const output = activationFunction(this.settings.activation)(affine('kernel', 'bias'));
    return tf.add(tf.mul(output, transform), tf.mul(tf.sub(1, transform), x));
  }
}
tf.serialization.registerClass(Highway);
