import * as tf from '@tensorflow/tfjs-core';
import type {Shape} from '@tensorflow/tfjs-layers';

/** Axes of the two operands that are summed over, batch being 0. */
export type AxisPairs = readonly [readonly number[], readonly number[]];

const product = (values: readonly number[]): number => values.reduce((a, b) => a * b, 1);

function others(rank: number, axes: readonly number[]): number[] {
  return Array.from({length: rank}, (_, k) => k).filter(k => k > 0 && !axes.includes(k));
}

/** Shape of `contract`'s result. */
export function contractedShape(a: Shape, b: Shape, [axesA, axesB]: AxisPairs): Shape {
  return [a[0]!, ...others(a.length, axesA).map(k => a[k]!), ...others(b.length, axesB).map(k => b[k]!)];
}

/**
 * For each sample, the tensor product of a and b summed over pairs of axes: [batch, ...rest of a, ...rest of b].
 * What Theano calls batched_tensordot.
 */
export function contract(a: tf.Tensor, b: tf.Tensor, axes: AxisPairs): tf.Tensor {
  const [axesA, axesB] = axes;
  const [restA, restB] = [others(a.rank, axesA), others(b.rank, axesB)];
  const summed = product(axesA.map(k => a.shape[k]!));
  const [rowsA, rowsB] = [product(restA.map(k => a.shape[k]!)), product(restB.map(k => b.shape[k]!))];
  const batch = a.shape[0]!;
  const left = tf.reshape(tf.transpose(a, [0, ...restA, ...axesA]), [batch, rowsA, summed]);
  const right = tf.reshape(tf.transpose(b, [0, ...axesB, ...restB]), [batch, summed, rowsB]);
  return tf.reshape(tf.matMul(left, right), contractedShape(a.shape, b.shape, axes) as number[]);
}
