import * as tf from '@tensorflow/tfjs-core';
import {activate} from '../engines/activations';
import {tfjsArithmetic} from '../engines/ops/arithmetic';
import type {Activation} from '../recurrence/activations';
import {composed, type Primitives} from '../recurrence/composite';

const TENSORS: Primitives<tf.Tensor> = {
  add: tf.add,
  mul: tf.mul,
  negate: tf.neg,
  offset: tf.add,
  clip: (x, limit) => tf.clipByValue(x, -limit, limit),
  activate: (x, f) => activate(tfjsArithmetic, f, x),
  normalCdf: x => tf.mul(tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1), 0.5),
  softmax: x => tf.softmax(x),
};

/** A function of a cell on a tensor, of any shape; softmax works along the last axis. */
export const onTensor = (f: Activation, x: tf.Tensor): tf.Tensor => composed(TENSORS, f, x);
