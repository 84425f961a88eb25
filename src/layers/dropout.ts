import * as tf from '@tensorflow/tfjs-core';
import type {DropoutRule} from '../dialects/dialect';
import type {RecurrenceInputs} from '../engines/types';
import {recordOf} from '../recurrence/records';
import {GATES, outputSize, type Recurrence} from '../recurrence/types';
import {variant} from '../recurrence/variant';

/**
 * A training call's recurrence and inputs: masks drawn once for the whole sequence (Gal & Ghahramani 2015),
 * kept values scaled up. Where each gate has an input mask of its own, the pre-activations are made here.
 */
export function dropped(
  r: Recurrence,
  inputs: RecurrenceInputs,
  rule: DropoutRule,
): [Recurrence, RecurrenceInputs] {
  let recurrence = r;
  let result = inputs;
  if (rule.input > 0 && rule.input < 1) {
    [recurrence, result] =
      rule.masks === 'perGate' ? dropPerGate(r, inputs, rule.input) : [r, dropInput(inputs, rule.input)];
  }
  if (rule.recurrent > 0 && rule.recurrent < 1) {
    const names = rule.masks === 'perGate' ? GATES[r.cell] : (['all'] as const);
    const like = tf.ones([inputs.x.shape[0]!, outputSize(r)]);
    const dropout = recordOf(names, () => tf.dropout(like, rule.recurrent));
    recurrence = variant(recurrence, {recurrentDropout: rule.masks});
    result = {...result, dropout};
  }
  return [recurrence, result];
}

function inputMask(x: tf.Tensor, rate: number): tf.Tensor {
  return tf.dropout(tf.ones([x.shape[0]!, 1, x.shape[2]!]), rate);
}

function dropInput(inputs: RecurrenceInputs, rate: number): RecurrenceInputs {
  return {...inputs, x: tf.mul(inputs.x, inputMask(inputs.x, rate))};
}

function dropPerGate(r: Recurrence, inputs: RecurrenceInputs, rate: number): [Recurrence, RecurrenceInputs] {
  const {x, weights} = inputs;
  const [batch, time, features] = x.shape as [number, number, number];
  const {kernel, bias, ...others} = weights;
  const perGate = GATES[r.cell].map((_, gate) => {
    const thinned = tf.reshape(tf.mul(x, inputMask(x, rate)), [batch * time, features]);
    return tf.matMul(
      thinned as tf.Tensor2D,
      tf.slice(kernel as tf.Tensor2D, [0, gate * r.units], [features, r.units]),
    );
  });
  const joined = perGate.length === 1 ? perGate[0]! : tf.concat(perGate, 1);
  const z = tf.reshape(bias ? tf.add(joined, bias) : joined, [batch, time, perGate.length * r.units]);
  return [variant(r, {input: 'preactivations'}), {...inputs, x: z, weights: others}];
}
