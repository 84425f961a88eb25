import * as tf from '@tensorflow/tfjs-core';
import {largest, smallest} from '../largest';
import type {Arguments, Operation, Operations} from './arguments';
import {asBool, asFloat, asNumber} from './element-wise';

/* What makes one value of several along axes. */

type Reduce = (x: tf.Tensor, axes: number[], keep: boolean) => tf.Tensor;

const along =
  (reduce: Reduce, as: (x: tf.Tensor) => tf.Tensor = asNumber): Operation =>
  args => {
    const x = as(args.tensor('x'));
    return reduce(x, args.axes('axis', x.rank), args.flag('keepdims'));
  };

const deviations: Reduce = (x, axes, keep) =>
  tf.mean(tf.square(tf.sub(x, tf.mean(x, axes, true))), axes, keep);

/** The place of the largest or smallest value; of all values where no axis is said. */
const place =
  (find: (x: tf.Tensor, axis: number) => tf.Tensor): Operation =>
  args => {
    const x = asNumber(args.tensor('x'));
    if (!args.has('axis')) return find(tf.reshape(x, [-1]), 0);
    const axis = args.axis('axis', x.rank);
    const found = find(x, axis);
    return args.flag('keepdims') ? tf.expandDims(found, axis) : found;
  };

/** Of no axis Keras and numpy sum up the flattened values. */
function cumulative(args: Arguments, product: boolean): tf.Tensor {
  const given = asNumber(args.tensor('x'));
  const x = args.has('axis') ? given : tf.reshape(given, [-1]);
  const axis = args.axis('axis', x.rank, 0);
  const [exclusive, reverse] = [args.flag('exclusive'), args.flag('reverse')];
  return product ? tf.cumprod(x, axis, exclusive, reverse) : tf.cumsum(x, axis, exclusive, reverse);
}

const softmaxed = (args: Arguments, log: boolean): tf.Tensor => {
  const x = asFloat(args.tensor('x'));
  const axes = args.has('axis') ? args.axes('axis', x.rank) : [x.rank - 1];
  const moved = tf.sub(x, tf.max(x, axes, true));
  const sum = tf.sum(tf.exp(moved), axes, true);
  return log ? tf.sub(moved, tf.log(sum)) : tf.div(tf.exp(moved), sum);
};

function euclidean(args: Arguments): void {
  const order = args.get('order') ?? 2;
  if (order !== 2 && order !== 'euclidean') throw args.odd('order', "2 or 'euclidean'");
}

export const REDUCTIONS: Operations = {
  sum: along((x, axes, keep) => tf.sum(x, axes, keep)),
  mean: along((x, axes, keep) => tf.mean(x, axes, keep), asFloat),
  max: along((x, axes, keep) => largest(x, axes, keep)),
  min: along((x, axes, keep) => smallest(x, axes, keep)),
  prod: along((x, axes, keep) => tf.prod(x, axes, keep)),
  any: along((x, axes, keep) => tf.any(x, axes, keep), asBool),
  all: along((x, axes, keep) => tf.all(x, axes, keep), asBool),
  variance: along(deviations, asFloat),
  std: along((x, axes, keep) => tf.sqrt(deviations(x, axes, keep)), asFloat),
  logSumExp: along((x, axes, keep) => tf.logSumExp(x, axes, keep), asFloat),
  norm: args => {
    euclidean(args);
    return along((x, axes, keep) => tf.sqrt(tf.sum(tf.square(x), axes, keep)), asFloat)(args);
  },
  countNonzero: along((x, axes, keep) => tf.sum(tf.cast(x, 'int32'), axes, keep), asBool),
  argmax: place((x, axis) => tf.argMax(x, axis)),
  argmin: place((x, axis) => tf.argMin(x, axis)),
  cumsum: args => cumulative(args, false),
  cumprod: args => cumulative(args, true),
  softmax: args => softmaxed(args, false),
  logSoftmax: args => softmaxed(args, true),
  /** As `keras.ops.normalize`: the norm is at least epsilon, not its square. */
  normalize: args => {
    euclidean(args);
    const x = asFloat(args.tensor('x'));
    const axes = args.has('axis') ? args.axes('axis', x.rank) : [x.rank - 1];
    const inverse = tf.rsqrt(tf.sum(tf.square(x), axes, true));
    return tf.mul(x, tf.minimum(inverse, 1 / args.number('epsilon', 1e-12)));
  },
  l2Normalize: args => {
    euclidean(args);
    const x = asFloat(args.tensor('x'));
    const axes = args.axes('axis', x.rank);
    const sum = tf.sum(tf.square(x), axes, true);
    return tf.div(x, tf.sqrt(tf.maximum(sum, args.number('epsilon', 1e-12))));
  },
};
