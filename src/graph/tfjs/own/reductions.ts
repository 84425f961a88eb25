import * as tf from '@tensorflow/tfjs-core';
import {attribute, type GraphNode} from '../../../../converters/graph-def/node';
import type {Operation} from '../operation';
import {numberIn, numbersIn, type OwnOperations} from './types';

type Running = (x: tf.Tensor, axis: number, exclusive: boolean, reverse: boolean) => tf.Tensor;

/** Sums and products along axes. */
export const reductionOperations: OwnOperations = {
  Mean:
    node =>
    ([x, axes]) => [mean(x!, numbersIn(axes!), keepsAxes(node))],
  EuclideanNorm:
    node =>
    ([x, axes]) => [tf.sqrt(tf.sum(tf.square(x!), numbersIn(axes!), keepsAxes(node)))],
  Cumsum: node => running(node, tf.cumsum),
  Cumprod: node => running(node, tf.cumprod),
};

const keepsAxes = (node: GraphNode): boolean => attribute(node, 'keep_dims')?.bool === true;

/** Of whole numbers: a whole number, towards zero. */
function mean(x: tf.Tensor, axes: readonly number[], keep: boolean): tf.Tensor {
  if (axes.length === 0) return tf.clone(x);
  if (x.dtype !== 'int32') return tf.mean(x, [...axes], keep);
  const sum = tf.sum(x, [...axes], keep);
  return tf.mul(tf.floorDiv(tf.abs(sum), tf.scalar(x.size / sum.size, 'int32')), tf.sign(sum));
}

/** TensorFlow.js takes no negative axis where the sum is exclusive. */
function running(node: GraphNode, sum: Running): Operation {
  const [exclusive, reverse] = ['exclusive', 'reverse'].map(name => attribute(node, name)?.bool === true);
  return ([x, at]) => {
    const axis = numberIn(at!);
    return [sum(x!, axis < 0 ? axis + x!.rank : axis, exclusive!, reverse!)];
  };
}
