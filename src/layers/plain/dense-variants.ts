import * as tf from '@tensorflow/tfjs-core';
import {initializers, type LayerVariable, type Shape} from '@tensorflow/tfjs-layers';
import {activationFunction, knownDim, type LayerArgs, onlyShape, PlainLayer, type Shapes} from './base';
import {reviveRule, type WeightRule, type WeightRuleArgs, writeRule} from './serial';

export interface MaxoutDenseArgs extends LayerArgs {
  units: number;
  /** Linear maps whose maximum is taken; 4 by default. */
  pieces?: number;
  useBias?: boolean;
  kernel?: WeightRuleArgs;
  bias?: WeightRuleArgs;
}

/**
 * max over pieces k of x·W[k] + b[k]. [batch, features] in, [batch, units] out; W [pieces, features, units],
 * b [pieces, units]. Source: keras/layers/core.py of 0.2.0, 0.3.3, 1.2.2, MaxoutDense.
 */
export class MaxoutDense extends PlainLayer {
  static readonly className = 'CarryoverMaxoutDense';
  private readonly units: number;
  private readonly pieces: number;
  private readonly useBias: boolean;
  private readonly rules: {kernel: WeightRule; bias: WeightRule};
  private kernel!: LayerVariable;
  private bias: LayerVariable | undefined;

  constructor(args: MaxoutDenseArgs) {
    super(args);
    this.units = args.units;
    this.pieces = args.pieces ?? 4;
    this.useBias = args.useBias ?? true;
    this.rules = {
      kernel: reviveRule(args.kernel, initializers.glorotUniform({})),
      bias: reviveRule(args.bias, initializers.zeros()),
    };
  }

  override build(inputShape: Shapes): void {
    const features = knownDim(onlyShape(inputShape), 1, this.name);
    const {kernel, bias} = this.rules;
    const shape = [this.pieces, features, this.units];
    this.kernel = this.addWeight(
      'kernel',
      shape,
      'float32',
      kernel.initializer,
      kernel.regularizer,
      true,
      kernel.constraint,
    );
    if (this.useBias) {
      const size = [this.pieces, this.units];
      this.bias = this.addWeight(
        'bias',
        size,
        'float32',
        bias.initializer,
        bias.regularizer,
        true,
        bias.constraint,
      );
    }
    this.built = true;
  }

  override computeOutputShape(inputShape: Shapes): Shape {
    return [onlyShape(inputShape)[0]!, this.units];
  }

  override compute(x: tf.Tensor): tf.Tensor {
    const [batch, features] = x.shape as [number, number];
    const flat = tf.reshape(tf.transpose(this.kernel.read(), [1, 0, 2]), [
      features,
      this.pieces * this.units,
    ]);
    const product = tf.reshape(tf.matMul(x as tf.Tensor2D, flat as tf.Tensor2D), [
      batch,
      this.pieces,
      this.units,
    ]);
    return tf.max(this.bias === undefined ? product : tf.add(product, this.bias.read()), 1);
  }

  override ownConfig(): tf.serialization.ConfigDict {
    const {units, pieces, useBias} = this;
    return {units, pieces, useBias, kernel: writeRule(this.rules.kernel), bias: writeRule(this.rules.bias)};
  }
}
tf.serialization.registerClass(MaxoutDense);

export interface HighwayArgs extends LayerArgs {
  activation?: string;
  useBias?: boolean;
  /** The order of the arrays: W, W_carry, b, b_carry (Keras ≥ 1.1.1) instead of W, b, W_carry, b_carry. */
  kernelsFirst?: boolean;
  kernel?: WeightRuleArgs;
  carryKernel?: WeightRuleArgs;
  bias?: WeightRuleArgs;
  carryBias?: WeightRuleArgs;
}

/**
 * t ∘ f(x·W + b) + (1 − t) ∘ x with t = sigmoid(x·W_carry + b_carry). [batch, features] in and out.
 * Source: keras/layers/core.py of 0.3.3, 1.0.8, 1.2.2, Highway.
 */
export class Highway extends PlainLayer {
  static readonly className = 'CarryoverHighway';
  private readonly activation: string;
  private readonly useBias: boolean;
  private readonly kernelsFirst: boolean;
  private readonly rules: Record<'kernel' | 'carryKernel' | 'bias' | 'carryBias', WeightRule>;
  private readonly variables: Partial<Record<keyof Highway['rules'], LayerVariable>> = {};

  constructor(args: HighwayArgs) {
    super(args);
    this.activation = args.activation ?? 'linear';
    this.useBias = args.useBias ?? true;
    this.kernelsFirst = args.kernelsFirst ?? false;
    this.rules = {
      kernel: reviveRule(args.kernel, initializers.glorotUniform({})),
      carryKernel: reviveRule(args.carryKernel, initializers.glorotUniform({})),
      bias: reviveRule(args.bias, initializers.zeros()),
      carryBias: reviveRule(args.carryBias, initializers.ones()),
    };
  }

  override build(inputShape: Shapes): void {
    const features = knownDim(onlyShape(inputShape), 1, this.name);
    const order = this.kernelsFirst
      ? (['kernel', 'carryKernel', 'bias', 'carryBias'] as const)
      : (['kernel', 'bias', 'carryKernel', 'carryBias'] as const);
    for (const role of order) {
      const isBias = role === 'bias' || role === 'carryBias';
      if (isBias && !this.useBias) continue;
      const {initializer, regularizer, constraint} = this.rules[role];
      const shape = isBias ? [features] : [features, features];
      this.variables[role] = this.addWeight(
        role,
        shape,
        'float32',
        initializer,
        regularizer,
        true,
        constraint,
      );
    }
    this.built = true;
  }

  override compute(x: tf.Tensor): tf.Tensor {
    const affine = (kernel: keyof Highway['rules'], bias: keyof Highway['rules']): tf.Tensor => {
      const product = tf.matMul(x as tf.Tensor2D, this.variables[kernel]!.read() as tf.Tensor2D);
      const added = this.variables[bias];
      return added === undefined ? product : tf.add(product, added.read());
    };
    const transform = tf.sigmoid(affine('carryKernel', 'carryBias'));
    const output = activationFunction(this.activation)(affine('kernel', 'bias'));
    return tf.add(tf.mul(output, transform), tf.mul(tf.sub(1, transform), x));
  }

  override ownConfig(): tf.serialization.ConfigDict {
    const {activation, useBias, kernelsFirst} = this;
    const rules = Object.fromEntries(
      Object.entries(this.rules).map(([role, rule]) => [role, writeRule(rule)]),
    );
    return {activation, useBias, kernelsFirst, ...rules};
  }
}
tf.serialization.registerClass(Highway);
