import * as tf from '@tensorflow/tfjs-core';
import type {LayerVariable} from '@tensorflow/tfjs-layers';

const enforced = new WeakSet<LayerVariable>();

/**
 * Puts a constraint on after every update of a variable, as Keras does. tfjs does so only when weights are
 * set by hand: its optimizers assign to the variable itself.
 */
export function enforceConstraint(weight: LayerVariable): void {
  const {constraint} = weight;
  if (!constraint || enforced.has(weight)) return;
  enforced.add(weight);
  const variable = weight.read() as tf.Variable;
  variable.assign = value => {
    assignAsIs(variable, value);
    tf.tidy(() => assignAsIs(variable, constraint.apply(variable)));
  };
}

/** Assigns without any constraint: arrays from a file stay what they are, to the last bit. */
export function assignAsIs(variable: tf.Variable, value: tf.Tensor): void {
  tf.Variable.prototype.assign.call(variable, value);
}
