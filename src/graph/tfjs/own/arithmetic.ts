import * as tf from '@tensorflow/tfjs-core';
import {attribute} from '../../../../converters/graph-def/node';
import {numbersIn, type OwnOperations} from './types';

/** Towards zero; of floating-point numbers the quotient itself. */
function divided(a: tf.Tensor, b: tf.Tensor): tf.Tensor {
  if (a.dtype !== 'int32') return tf.div(a, b);
  const size = tf.floorDiv(tf.abs(a), tf.abs(b));
  return tf.mul(size, tf.mul(tf.sign(a), tf.sign(b)));
}

/** What is left has the sign of the dividend, as in C. TensorFlow.js gives it that of the divisor. */
function remainder(a: tf.Tensor, b: tf.Tensor): tf.Tensor {
  return tf.mul(tf.mod(tf.abs(a), tf.abs(b)), tf.sign(a));
}

/** Zero where `x` is, whatever the other is. */
const zeroWith = (x: tf.Tensor, value: tf.Tensor): tf.Tensor =>
  tf.where(tf.equal(tf.broadcastTo(x, value.shape), 0), tf.zerosLike(value), value);

/** How many boundaries are no greater than each number. Source: core/kernels/bucketize_op.cc. */
function bucketized(x: tf.Tensor, boundaries: readonly number[]): tf.Tensor {
  const buckets = numbersIn(x).map(value => boundaries.filter(boundary => boundary <= value).length);
  return tf.tensor(buckets, x.shape, 'int32');
}

/** Operations element by element. */
export const arithmeticOperations: OwnOperations = {
  Softsign:
    () =>
    ([x]) => [tf.div(x!, tf.add(tf.abs(x!), 1))],
  Inv:
    () =>
    ([x]) => [tf.reciprocal(x!)],
  Rint:
    () =>
    ([x]) => [tf.round(x!)],
  L2Loss:
    () =>
    ([x]) => [tf.div(tf.sum(tf.square(x!)), 2)],
  Sign:
    () =>
    ([x]) => [tf.where(tf.isNaN(x!), x!, tf.sign(x!))],
  Div:
    () =>
    ([a, b]) => [divided(a!, b!)],
  TruncateDiv:
    () =>
    ([a, b]) => [divided(a!, b!)],
  Mod:
    () =>
    ([a, b]) => [remainder(a!, b!)],
  TruncateMod:
    () =>
    ([a, b]) => [remainder(a!, b!)],
  FloorDiv:
    () =>
    ([a, b]) => [a!.dtype === 'int32' ? tf.floorDiv(a!, b!) : tf.floor(tf.div(a!, b!))],
  Xlogy:
    () =>
    ([x, y]) => [zeroWith(x!, tf.mul(x!, tf.log(y!)))],
  Xdivy:
    () =>
    ([x, y]) => [zeroWith(x!, tf.div(x!, y!))],
  ApproximateEqual: node => {
    const tolerance = attribute(node, 'tolerance')?.float ?? 1e-5;
    return ([a, b]) => [tf.less(tf.abs(tf.sub(a!, b!)), tolerance)];
  },
  ClipByValue:
    () =>
    ([x, least, most]) => [tf.maximum(tf.minimum(x!, most!), least!)],
  Bucketize: node => {
    const boundaries = node.attributes.get('boundaries')?.list?.f ?? [];
    return ([x]) => [bucketized(x!, Array.from(boundaries))];
  },
  Select:
    () =>
    ([condition, yes, no]) => [tf.where(rowsOf(condition!, yes!.rank), yes!, no!)],
};

/** A condition of rank 1 picks whole rows, where TensorFlow.js would pick columns. */
function rowsOf(condition: tf.Tensor, rank: number): tf.Tensor {
  if (condition.rank !== 1 || rank < 2) return condition;
  return tf.reshape(condition, [condition.size, ...Array(rank - 1).fill(1)]);
}
