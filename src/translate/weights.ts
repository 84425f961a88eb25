import * as tf from '@tensorflow/tfjs-core';
import type {Canonical as Weights} from '../dialects/arrays';
import {isPointSymmetric} from '../recurrence/activations';
import {entriesOf} from '../recurrence/records';
import {GATES, type Semantics} from '../recurrence/types';
import {weightsOf} from '../recurrence/weights';

/** A layer in canonical form: what it means, and its weights. */
export interface Canonical {
  readonly recurrence: Semantics;
  readonly weights: Readonly<Weights>;
}

/** A forget bias that is added at run time, put into the bias array: the same sum, taken earlier. */
export function foldForgetBias({recurrence, weights}: Canonical): Canonical {
  const {forgetBias = 0, cell, units} = recurrence;
  if (forgetBias === 0) return {recurrence, weights};
  const gates = GATES[cell];
  const bias = weights.bias ?? tf.zeros([gates.length * units]);
  const kept = cell === 'lstm' ? 'f' : 'z';
  const added = tf.concat(gates.map(gate => tf.fill([units], gate === kept ? forgetBias : 0)));
  return {
    recurrence: {...recurrence, forgetBias: 0, bias: true},
    weights: {...weights, bias: tf.add(bias, added)},
  };
}

/**
 * z keeps where it took: with its columns negated, 1 − z is what z was. Exact, for signs cost no precision.
 * @returns undefined where the gate's function has no such symmetry
 */
export function turnUpdateGate({recurrence, weights}: Canonical): Canonical | undefined {
  const {z} = recurrence.activations;
  if (!z || !isPointSymmetric(z)) return undefined;
  const {cell, units} = recurrence;
  const signs = tf.concat(GATES[cell].map(gate => tf.fill([units], gate === 'z' ? -1 : 1)));
  const gated = weightsOf(recurrence).filter(({gates}) => gates.includes('z'));
  const turned = entriesOf(weights).map(([name, weight]) => [
    name,
    gated.some(spec => spec.name === name) ? tf.mul(weight, signs) : weight,
  ]);
  const updateGate = recurrence.updateGate === 'takes' ? 'keeps' : 'takes';
  return {recurrence: {...recurrence, updateGate}, weights: Object.fromEntries(turned)};
}

/** Two biases that are added up anyway, as one; the candidate's own stays where it is. */
export function mergeGateBiases({recurrence, weights}: Canonical): Canonical {
  const {recurrentBias, bias, ...others} = weights;
  if (!recurrentBias) return {recurrence, weights};
  const {cell, units} = recurrence;
  const gates = GATES[cell];
  const ofGates = tf.concat(gates.map(gate => tf.fill([units], gate === 'h' ? 0 : 1)));
  const moved = tf.mul(recurrentBias, ofGates);
  const merged = bias ? tf.add(bias, moved) : moved;
  return {recurrence, weights: {...others, bias: merged, recurrentBias: tf.sub(recurrentBias, moved)}};
}

/** Whether any value of a weight is not zero. */
export function isUsed(weight: tf.Tensor): boolean {
  return tf.tidy(() => tf.max(tf.abs(weight)).dataSync()[0]! > 0);
}
