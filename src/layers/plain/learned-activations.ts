import * as tf from '@tensorflow/tfjs-core';
import {initializers, type LayerVariable} from '@tensorflow/tfjs-layers';
import {knownDim, onlyShape, type PlainArgs, PlainLayer, type Shapes} from './base';
import {knownFunction} from './lookup';
import type {WeightRuleArgs} from './serial';

interface Activation {
  readonly weights: readonly string[];
  readonly run: (x: tf.Tensor, weights: tf.Tensor[]) => tf.Tensor;
}

const ACTIVATIONS: Record<string, Activation> = {
  /** relu(x) + alpha·min(x, 0) */
  prelu: {
    weights: ['alphas'],
    run: (x, [alphas]) => tf.add(tf.relu(x), tf.mul(alphas!, tf.minimum(x, 0))),
  },
  /** alpha · log(1 + exp(beta·x)) */
  parametricSoftplus: {
    weights: ['alphas', 'betas'],
    run: (x, [alphas, betas]) => tf.mul(tf.softplus(tf.mul(betas!, x)), alphas!),
  },
  /**
   * Left of tLeft a line of slope aLeft, right of tLeft + |tRight| one of slope aRight. As the library runs it:
   * the centre is leakyRelu(x − tLeft) capped at |tRight|.
   */
  srelu: {
    weights: ['t_left', 'a_left', 't_right', 'a_right'],
    run: (x, [tLeft, aLeft, tRight, aRight]) => {
      const right = tf.add(tLeft!, tf.abs(tRight!));
      const shifted = tf.sub(x, tLeft!);
      const leaky = tf.add(tf.relu(shifted), tf.mul(aLeft!, tf.minimum(shifted, 0)));
      // tfjs' gradient of minimum does not broadcast.
      const cap = tf.add(tf.zerosLike(x), tf.abs(tRight!));
      const centre = tf.add(tLeft!, tf.minimum(leaky, cap));
      return tf.add(centre, tf.mul(tf.relu(tf.sub(x, right)), aRight!));
    },
  },
};

interface LearnedActivationSettings {
  /** `prelu`, `parametricSoftplus` or `srelu`. */
  fn: string;
  /** Axes, counted with the batch as 0, along which one parameter serves. */
  sharedAxes: number[];
}

/**
 * Activations with trained parameters, one per unit: each weight has the input's shape without the batch.
 * Source: keras/layers/advanced_activations.py of 0.2.0, 0.3.3, 1.2.2.
 */
export class LearnedActivation extends PlainLayer<LearnedActivationSettings> {
  static readonly className = 'CarryoverLearnedActivation';
  private variables: LayerVariable[] = [];

  /** @param args.rules how the weights start, in their order */
  constructor(args: PlainArgs<LearnedActivationSettings, 'fn'> & {rules?: WeightRuleArgs[]}) {
    const {weights} = knownFunction(ACTIVATIONS, args.fn);
    const rules = Object.fromEntries((args.rules ?? []).map((rule, k) => [`rule${k}`, rule]));
    const starts = Object.fromEntries(weights.map((_, k) => [`rule${k}`, initializers.zeros()]));
    super({...args, ...rules}, {fn: undefined, sharedAxes: []}, starts);
  }

  override build(inputShape: Shapes): void {
    const {fn, sharedAxes} = this.settings;
    const shape = onlyShape(inputShape);
    const dims = shape
      .slice(1)
      .map((_, k) => (sharedAxes.includes(k + 1) ? 1 : knownDim(shape, k + 1, this.name)));
    this.variables = ACTIVATIONS[fn]!.weights.map((name, k) => this.weight(name, dims, `rule${k}`));
    this.built = true;
  }

  override compute(x: tf.Tensor): tf.Tensor {
    return ACTIVATIONS[this.settings.fn]!.run(
      x,
      this.variables.map(variable => variable.read()),
    );
  }
}
tf.serialization.registerClass(LearnedActivation);
