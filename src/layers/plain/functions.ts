import * as tf from '@tensorflow/tfjs-core';
import {knownFunction} from './lookup';
import {withoutGradient} from './without-gradient';

/** Parameters of a function, by name; null and absent: its own default. */
export type FunctionParameters = Readonly<Record<string, number | readonly number[] | null>>;

type Apply = (x: tf.Tensor, parameters: FunctionParameters) => tf.Tensor;

/** What comparisons tell of x. */
export const told = (x: tf.Tensor, tell: (x: tf.Tensor) => tf.Tensor): tf.Tensor =>
  withoutGradient([x], ([value]) => tell(value!));

/** A tensor that no gradient goes back from: masks, which comparisons make. tfjs has no word for that. */
export function untracked(x: tf.Tensor): tf.Tensor {
  const apart = tf.customGrad(() => ({value: x.clone(), gradFunc: () => tf.scalar(0)}));
  return apart(tf.scalar(0));
}

/** What takes the place of infinity where a mask takes a score away, so that rows without any valid one stay finite. */
export const LARGE = 1e9;

const numberIn = (value: FunctionParameters[string] | undefined, fallback: number): number =>
  typeof value === 'number' ? value : fallback;

/** Axes of a tensor, from one or several that may count from its end. */
export function axesIn(rank: number, value: FunctionParameters[string] | undefined): number[] {
  const given = value == null ? [-1] : [value].flat();
  return (given as number[]).map(axis => (axis < 0 ? rank + axis : axis));
}

/** x where it is above a number, another tensor elsewhere. */
const above = (x: tf.Tensor, from: number, otherwise: tf.Tensor): tf.Tensor =>
  tf.where(
    told(x, value => tf.greater(value, from)),
    x,
    otherwise,
  );

const elu = (x: tf.Tensor, alpha: number, slope = 1): tf.Tensor =>
  tf.add(tf.relu(x), tf.mul(alpha, tf.expm1(tf.mul(slope, tf.minimum(x, 0)))));

/** Keras ≥ 2.2: max value above, x down to the threshold, slope·(x − threshold) below. */
const relu: Apply = (x, {maxValue, negativeSlope, threshold}) => {
  const from = numberIn(threshold, 0);
  const kept = from === 0 ? tf.relu(x) : above(x, from, tf.zerosLike(x));
  const capped = typeof maxValue === 'number' ? tf.clipByValue(kept, 0, maxValue) : kept;
  const slope = numberIn(negativeSlope, 0);
  return slope ? tf.sub(capped, tf.mul(slope, tf.relu(tf.sub(from, x)))) : capped;
};

/** relu6(x + 3) / 6 */
export const hardSigmoid = (x: tf.Tensor): tf.Tensor => tf.div(tf.clipByValue(tf.add(x, 3), 0, 6), 6);

/** Of several axes at once, too; tfjs' own takes the last axis only. */
export const softmax = (x: tf.Tensor, axes: readonly number[]): tf.Tensor => {
  if (axes.length === 1 && axes[0] === x.rank - 1) return tf.softmax(x);
  const shifted = tf.exp(tf.sub(x, tf.max(x, [...axes], true)));
  return tf.div(shifted, tf.sum(shifted, [...axes], true));
};

/**
 * Values less a threshold, or 0. As Keras has it: the threshold adds up the running sums of the values that stay, where
 * the paper takes the last of those sums (`tau` in `sparsemax` of keras/src/backend/jax/nn.py, 3.15.1). How often a value
 * is in those sums is told by comparisons.
 */
function sparsemax(x: tf.Tensor, axis: number): tf.Tensor {
  const order = x.shape.map((_, k) => (k === axis ? x.rank - 1 : k === x.rank - 1 ? axis : k));
  const z = tf.transpose(x, order);
  const times = told(z, value => {
    const [mine, others] = [tf.expandDims(value, -1), tf.expandDims(value, -2)];
    const places = tf.range(0, value.shape.at(-1)!);
    const isEarlier = tf.less(tf.expandDims(places, 0), tf.expandDims(places, 1));
    const isBefore = tf.logicalOr(tf.greater(others, mine), tf.logicalAnd(tf.equal(others, mine), isEarlier));
    const before = tf.cast(isBefore, 'float32');
    const rank = tf.add(tf.sum(before, -1), 1);
    const sum = tf.add(tf.sum(tf.mul(before, others), -1), value);
    const stays = tf.cast(tf.greater(tf.sub(value, tf.div(tf.sub(sum, 1), rank)), 0), 'float32');
    return tf.mul(stays, tf.add(tf.sub(tf.sum(stays, -1, true), rank), 1));
  });
  const count = told(times, value => tf.max(value, -1, true));
  const threshold = tf.div(tf.sub(tf.sum(tf.mul(z, times), -1, true), 1), count);
  return tf.transpose(tf.relu(tf.sub(z, threshold)), order);
}

/** Half of an axis times the sigmoid of its other half. */
function glu(x: tf.Tensor, axis: number): tf.Tensor {
  const [a, b] = tf.split(x, 2, axis) as [tf.Tensor, tf.Tensor];
  return tf.mul(a, tf.sigmoid(b));
}

/** x ± threshold outside of ±threshold, 0 inside. */
const softShrink = (x: tf.Tensor, threshold: number): tf.Tensor =>
  tf.sub(tf.relu(tf.sub(x, threshold)), tf.relu(tf.sub(tf.neg(x), threshold)));

/** 0 to −1, (x + 1)² / 4 to 1, then x. */
const sparsePlus = (x: tf.Tensor): tf.Tensor =>
  tf.add(tf.div(tf.square(tf.clipByValue(tf.add(x, 1), 0, 2)), 4), tf.relu(tf.sub(x, 1)));

/**
 * Functions of layers outside of cells, by name. Source: keras/activations.py and
 * keras/layers/advanced_activations.py of 0.2.0 to 2.15.0, keras/src/activations and keras/src/ops/nn.py of 3.15.1.
 */
const FUNCTIONS: Readonly<Record<string, Apply>> = {
  /** x where x > 0, alpha·x elsewhere. */
  leakyRelu: (x, {alpha}) => tf.leakyRelu(x, numberIn(alpha, 0.3)),
  /** x where x > 0, alpha·(eˣ − 1) elsewhere. */
  elu: (x, {alpha}) => elu(x, numberIn(alpha, 1)),
  /** x where x > 0, alpha·(e^(x/alpha) − 1) elsewhere. */
  celu: (x, {alpha}) => elu(x, numberIn(alpha, 1), 1 / numberIn(alpha, 1)),
  /** x where x > theta, 0 elsewhere. */
  thresholdedRelu: (x, {theta}) => above(x, numberIn(theta, 1), tf.zerosLike(x)),
  /** 0 where |x| < theta, x elsewhere. */
  thresholdedLinear: (x, {theta}) =>
    tf.where(
      told(x, value => tf.less(tf.abs(value), numberIn(theta, 1))),
      tf.zerosLike(x),
      x,
    ),
  relu,
  softmax: (x, {axis}) => softmax(x, axesIn(x.rank, axis)),
  sparsemax: (x, {axis}) => sparsemax(x, axesIn(x.rank, axis)[0]!),
  glu: (x, {axis}) => glu(x, axesIn(x.rank, axis)[0]!),
  hardSwish: x => tf.mul(x, hardSigmoid(x)),
  hardTanh: x => tf.clipByValue(x, -1, 1),
  /** 0 where |x| ≤ threshold, x elsewhere. */
  hardShrink: (x, {threshold}) =>
    tf.where(
      told(x, value => tf.greater(tf.abs(value), numberIn(threshold, 0.5))),
      x,
      tf.zerosLike(x),
    ),
  softShrink: (x, {threshold}) => softShrink(x, numberIn(threshold, 0.5)),
  tanhShrink: x => tf.sub(x, tf.tanh(x)),
  /** (x + √(x² + b)) / 2 */
  squareplus: (x, {b}) => tf.div(tf.add(x, tf.sqrt(tf.add(tf.square(x), numberIn(b, 4)))), 2),
  sparsePlus,
  /** 0 to −1, (x + 1) / 2 to 1, then 1. */
  sparseSigmoid: x => tf.div(tf.clipByValue(tf.add(x, 1), 0, 2), 2),
  logSigmoid: x => tf.neg(tf.softplus(tf.neg(x))),
};

/** The function of a name. */
export const functionOf = (name: string): Apply => knownFunction(FUNCTIONS, name);

/** A function, and its parameters. */
export interface FunctionSetting {
  readonly fn: string;
  readonly parameters: FunctionParameters;
}
