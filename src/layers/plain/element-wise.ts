import * as tf from '@tensorflow/tfjs-core';
import {knownFunction, type PlainArgs, PlainLayer} from './base';

type Parameters_ = Readonly<Record<string, number | null>>;

const FUNCTIONS: Record<string, (x: tf.Tensor, p: Parameters_) => tf.Tensor> = {
  /** x where x > 0, alpha·x elsewhere. */
  leakyRelu: (x, {alpha}) => tf.leakyRelu(x, alpha ?? 0.3),
  /** x where x > 0, alpha·(eˣ − 1) elsewhere. */
  elu: (x, {alpha}) => {
    const negative = tf.minimum(x, 0);
    return tf.add(tf.relu(x), tf.mul(alpha ?? 1, tf.expm1(negative)));
  },
  /** x where x > theta, 0 elsewhere. */
  thresholdedRelu: (x, {theta}) => tf.where(tf.greater(x, theta ?? 1), x, tf.zerosLike(x)),
  /** 0 where |x| < theta, x elsewhere. */
  thresholdedLinear: (x, {theta}) => tf.where(tf.less(tf.abs(x), theta ?? 1), tf.zerosLike(x), x),
  /** Keras ≥ 2.2: max value above, x down to the threshold, slope·(x − threshold) below. */
  relu: (x, {maxValue, negativeSlope, threshold}) => {
    const from = threshold ?? 0;
    const kept = from === 0 ? tf.relu(x) : tf.where(tf.greater(x, from), x, tf.zerosLike(x));
    const capped = maxValue == null ? kept : tf.clipByValue(kept, 0, maxValue);
    return negativeSlope ? tf.sub(capped, tf.mul(negativeSlope, tf.relu(tf.sub(from, x)))) : capped;
  },
  softmax: (x, {axis}) => softmaxAlong(x, axis ?? -1),
};

/** tfjs' softmax takes the last axis only. */
function softmaxAlong(x: tf.Tensor, axis: number): tf.Tensor {
  const from = axis < 0 ? x.rank + axis : axis;
  if (from === x.rank - 1) return tf.softmax(x);
  const shifted = tf.exp(tf.sub(x, tf.max(x, from, true)));
  return tf.div(shifted, tf.sum(shifted, from, true));
}

interface ElementWiseSettings {
  /** `leakyRelu`, `elu`, `thresholdedRelu`, `thresholdedLinear`, `relu` or `softmax`. */
  fn: string;
  parameters: Parameters_;
}

/**
 * Activations with fixed parameters; masks pass through, which tfjs' own LeakyReLU, ELU, ThresholdedReLU and
 * Softmax refuse. Any shape in, the same out.
 * Source: keras/layers/advanced_activations.py of 0.3.3, 1.2.2, 2.3.1.
 */
export class ElementWise extends PlainLayer<ElementWiseSettings> {
  static readonly className = 'CarryoverElementWise';

  constructor(args: PlainArgs<ElementWiseSettings, 'fn'>) {
    super(args, {fn: undefined, parameters: {}});
    knownFunction(FUNCTIONS, args.fn);
  }

  override compute(x: tf.Tensor): tf.Tensor {
    const {fn, parameters} = this.settings;
    return knownFunction(FUNCTIONS, fn)(x, parameters);
  }
}
tf.serialization.registerClass(ElementWise);
