import * as tf from '@tensorflow/tfjs-core';
import {initializers, type LayerVariable, layers, type Shape} from '@tensorflow/tfjs-layers';
import {
  type ActivationSetting,
  activatedShape,
  activationFunction,
  knownDim,
  type LayerArgs,
  onlyShape,
  type PlainArgs,
  PlainLayer,
  type Shapes,
} from './base';
import {ElementWise} from './element-wise';
import type {WeightRuleArgs} from './serial';

interface DenseSettings {
  units: number;
  activation: ActivationSetting;
  useBias: boolean;
}

export type DenseArgs = PlainArgs<DenseSettings, 'units'> & {kernel?: WeightRuleArgs; bias?: WeightRuleArgs};

/**
 * f(x·W + b) on the last axis, for functions that tfjs' own Dense cannot have: those with parameters. Masks pass.
 * Source: keras/src/layers/core/dense.py of 2.15.0 and 3.15.1.
 */
export class Dense extends PlainLayer<DenseSettings> {
  static readonly className = 'CarryoverDense';
  private kernel!: LayerVariable;
  private bias: LayerVariable | undefined;

  constructor(args: DenseArgs) {
    const starts = {kernel: initializers.glorotUniform({}), bias: initializers.zeros()};
    super(args, {units: undefined, activation: 'linear', useBias: true}, starts);
  }

  override build(inputShape: Shapes): void {
    const {units, useBias} = this.settings;
    this.kernel = this.weight('kernel', [knownDim(onlyShape(inputShape), -1, this.name), units]);
    if (useBias) this.bias = this.weight('bias', [units]);
    this.built = true;
  }

  override computeOutputShape(inputShape: Shapes): Shape {
    const {activation, units} = this.settings;
    return activatedShape(activation, [...onlyShape(inputShape).slice(0, -1), units]);
  }

  override compute(x: tf.Tensor): tf.Tensor {
    const {units, activation} = this.settings;
    const rows = tf.reshape(x, [-1, x.shape.at(-1)!]) as tf.Tensor2D;
    const product = tf.reshape(tf.matMul(rows, this.kernel.read() as tf.Tensor2D), [
      ...x.shape.slice(0, -1),
      units,
    ]);
    return activationFunction(activation)(this.bias ? tf.add(product, this.bias.read()) : product);
  }
}
tf.serialization.registerClass(Dense);

/** tfjs' own Dense where tfjs has the function, Carryover's elsewhere. */
export function denseWith({kernel, bias, ...args}: DenseArgs): layers.Layer {
  if (typeof args.activation === 'object' && args.activation !== null)
    return new Dense({kernel, bias, ...args});
  return layers.dense({...args, ...tfjsRule('kernel', kernel), ...tfjsRule('bias', bias)} as Parameters<
    typeof layers.dense
  >[0]);
}

/** tfjs' own Activation where tfjs has the function, Carryover's elsewhere. */
export function activationWith(activation: ActivationSetting, args: LayerArgs): layers.Layer {
  if (typeof activation === 'object') return new ElementWise({...args, ...activation});
  return layers.activation({...args, activation} as Parameters<typeof layers.activation>[0]);
}

/** How a weight starts, what it costs and what holds it, as tfjs' own layers take it. */
export function tfjsRule(name: string, rule: WeightRuleArgs | undefined): object {
  return {
    [`${name}Initializer`]: rule?.initializer,
    [`${name}Regularizer`]: rule?.regularizer,
    [`${name}Constraint`]: rule?.constraint,
  };
}
