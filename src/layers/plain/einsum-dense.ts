import * as tf from '@tensorflow/tfjs-core';
import {initializers, type LayerVariable, type Shape} from '@tensorflow/tfjs-layers';
import {CarryoverError} from '../../errors';
import {
  type ActivationSetting,
  activatedShape,
  activationFunction,
  knownDim,
  onlyShape,
  type PlainArgs,
  type Shapes,
  UnmaskedLayer,
} from './base';
import {type Equation, einsum, parseEquation} from './einsum';
import type {WeightRuleArgs} from './serial';

interface EinsumDenseSettings {
  /** `abc,cd->abd`: the axes of the input, of the kernel, and of the output. */
  equation: string;
  /** The output's shape without the batch; null where it follows from the input. */
  target: (number | null)[];
  /** The axes of the output that have a bias each; null: none. */
  biasAxes: string | null;
  activation: ActivationSetting;
}

/**
 * f(einsum(equation, x, W) + b). Masks stop. Source: keras/src/layers/core/einsum_dense.py of 2.15.0 and 3.15.1.
 */
export class EinsumDense extends UnmaskedLayer<EinsumDenseSettings> {
  static readonly className = 'CarryoverEinsumDense';
  private kernel!: LayerVariable;
  private bias: LayerVariable | undefined;

  constructor(
    args: PlainArgs<EinsumDenseSettings, 'equation' | 'target'> & {
      kernel?: WeightRuleArgs;
      bias?: WeightRuleArgs;
    },
  ) {
    const defaults = {equation: undefined, target: undefined, biasAxes: null, activation: 'linear'} as const;
    super(args, defaults, {kernel: initializers.glorotUniform({}), bias: initializers.zeros()});
  }

  private equationFor(rank: number): Equation {
    return parseEquation(this.settings.equation, rank, `layer '${this.name}'`);
  }

  /** The output's axes and their sizes: from the input where it has them, else as told. */
  private sizesOf(shape: Shape): {equation: Equation; after: Shape} {
    const equation = this.equationFor(shape.length);
    const {target} = this.settings;
    const {left, result} = equation;
    const offset = result.length - target.length;
    const after = result.map((axis, k) => {
      const from = left.indexOf(axis);
      return from < 0 ? (target[k - offset] ?? null) : (shape[from] ?? target[k - offset] ?? null);
    });
    return {equation, after};
  }

  override build(inputShape: Shapes): void {
    const shape = onlyShape(inputShape);
    const {equation, after} = this.sizesOf(shape);
    const {left, right, result} = equation;
    const sizeOf = (axis: string): number => {
      const from = left.indexOf(axis);
      if (from >= 0) return knownDim(shape, from, this.name);
      return knownDim(after, result.indexOf(axis), this.name);
    };
    this.kernel = this.weight('kernel', right.map(sizeOf));
    const {biasAxes} = this.settings;
    if (biasAxes !== null) this.bias = this.weight('bias', biasShape(biasAxes, result, after, this.name));
    this.built = true;
  }

  override computeOutputShape(inputShape: Shapes): Shape {
    return activatedShape(this.settings.activation, this.sizesOf(onlyShape(inputShape)).after);
  }

  override compute(x: tf.Tensor): tf.Tensor {
    const y = einsum(this.equationFor(x.rank), x, this.kernel.read());
    return activationFunction(this.settings.activation)(this.bias ? tf.add(y, this.bias.read()) : y);
  }
}
tf.serialization.registerClass(EinsumDense);

/** One value for each place of some axes of the output, broadcast over those between and before them. */
function biasShape(axes: string, result: readonly string[], after: Shape, name: string): number[] {
  const first = Math.min(...[...axes].map(axis => result.indexOf(axis)));
  if (first < 0) {
    throw new CarryoverError(
      'E_ARCHITECTURE',
      `layer '${name}': bias_axes is '${axes}'; expected letters of the output, ${result.join('')}`,
    );
  }
  return result.slice(first).map((axis, k) => (axes.includes(axis) ? knownDim(after, first + k, name) : 1));
}
