import * as tf from '@tensorflow/tfjs-core';
import type {Arithmetic} from '../arithmetic';

const float = (x: tf.Tensor): tf.Tensor => tf.cast(x, 'float32');

/** Arithmetic with tfjs ops, on whatever backend is in use. */
export const tfjsArithmetic: Arithmetic<tf.Tensor> = {
  scalar: value => tf.scalar(value),
  add: tf.add,
  sub: tf.sub,
  mul: tf.mul,
  div: tf.div,
  minimum: tf.minimum,
  maximum: tf.maximum,
  greater: (a, b) => float(tf.greater(a, b)),
  less: (a, b) => float(tf.less(a, b)),
  lessEqual: (a, b) => float(tf.lessEqual(a, b)),
  neg: tf.neg,
  abs: tf.abs,
  square: tf.square,
  exp: tf.exp,
  expm1: tf.expm1,
  rsqrt: tf.rsqrt,
  tanh: tf.tanh,
  sigmoid: tf.sigmoid,
  relu: tf.relu,
  softplus: tf.softplus,
  leakyRelu: tf.leakyRelu,
  erf: tf.erf,
  softmax: x => tf.softmax(x),
  rowSum: x => tf.sum(x, 1, true),
  rowMean: x => tf.mean(x, 1, true),
  product: (x, w, transposed) => tf.matMul(x, w, false, transposed),
  split: (x, count) => tf.split(x, count, 1),
  concat: parts => tf.concat([...parts], 1),
  zerosLike: tf.zerosLike,
};
