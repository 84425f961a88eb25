import * as tf from '@tensorflow/tfjs-core';
import type {Id} from '../recurrence/expression';
import {keysOf} from '../recurrence/records';
import type {CarriedState, Recurrence} from '../recurrence/types';
import {type WeightName, weightOf} from '../recurrence/weights';
import {weightGradient} from './blocks';
import type {Plan} from './plan';
import type {Gradients, RecurrenceInputs} from './types';

/** What the loop backwards over the steps leaves: per step, what the gradients of weights and x are made of. */
export interface Unrolled {
  /** The time steps that carried gradient, in the order of the stacks below: one by one, up or down. */
  readonly steps: readonly number[];
  /** Gradient of the pre-activations, `[steps, batch, gates·units]`. */
  readonly dz: tf.Tensor;
  /** For each weight gradient of the backward graph: its dy, `[steps, batch, ·]`. */
  readonly dys: readonly tf.Tensor[];
  /** What the forward pass saved of these steps, `[steps, batch, ·]`. */
  saved(id: Id): tf.Tensor;
  /** Gradients of the initial states; those of a truncated pass are zero. */
  readonly initial: Readonly<Partial<Record<CarriedState, tf.Tensor>>>;
}

/** The products over all steps that weights and x need, each made when it is asked for. */
export function gradients(call: Plan, r: Recurrence, inputs: RecurrenceInputs, run: Unrolled): Gradients {
  const weight = (name: WeightName): tf.Tensor => gradientOfWeight(call, r, inputs, run, name);
  const limit = r.bptt?.norm;
  const limited =
    limit === undefined
      ? undefined
      : limitNorm(new Map(keysOf(inputs.weights).map(name => [name, weight(name)])), limit);
  const {steps} = run;
  const turns = steps.length > 1 && steps[1]! < steps[0]!;
  const dz = (): tf.Tensor => (turns ? tf.reverse(run.dz, 0) : run.dz);
  return {
    x: () => gradientOfX(call, r, inputs, {dz: dz(), first: Math.min(...steps)}),
    initial: state => run.initial[state] ?? tf.zerosLike(inputs.initial[state]!),
    weight: name => limited?.get(name) ?? weight(name),
  };
}

/** All weights' gradients, scaled together where their norm is above the limit. */
export function limitNorm<K>(gradients: ReadonlyMap<K, tf.Tensor>, limit: number): Map<K, tf.Tensor> {
  const norm = tf.sqrt(tf.addN([...gradients.values()].map(g => tf.sum(tf.square(g)))));
  const scale = tf.minimum(1, tf.div(limit, tf.maximum(norm, 1e-16)));
  return new Map([...gradients].map(([name, g]) => [name, tf.mul(g, scale)]));
}

/**
 * The gradient of x, `[batch, time, features]`.
 * @param dz gradient of the pre-activations, `[steps, batch, gates·units]` in time order, from step `first` on
 */
export function gradientOfX(
  call: Plan,
  r: Recurrence,
  inputs: RecurrenceInputs,
  {dz, first}: {readonly dz: tf.Tensor; readonly first: number},
): tf.Tensor {
  const steps = dz.shape[0]!;
  const own =
    r.input === 'preactivations'
      ? dz
      : tf.reshape(tf.matMul(rows(dz), inputs.weights.kernel!, false, true), [
          steps,
          call.batch,
          inputs.x.shape[2]!,
        ]);
  const none = (count: number): tf.Tensor[] =>
    count > 0 ? [tf.zeros([count, call.batch, own.shape[2]!])] : [];
  const blocks = [...none(first), own, ...none(call.time - first - steps)];
  return tf.transpose(blocks.length === 1 ? own : tf.concat(blocks), [1, 0, 2]);
}

function gradientOfWeight(
  call: Plan,
  r: Recurrence,
  inputs: RecurrenceInputs,
  run: Unrolled,
  name: WeightName,
): tf.Tensor {
  const whole = inputs.weights[name]!;
  const {acts, rows: height} = weightOf(r, name)!;
  if (acts === 'input') {
    if (height === 'vector') return tf.sum(run.dz, [0, 1]);
    const x = tf.gather(inputs.x, tf.tensor1d([...run.steps], 'int32'), 1);
    return tf.matMul(rows(tf.transpose(x, [1, 0, 2])), rows(run.dz), true);
  }
  const axis = whole.rank - 1;
  return weightGradient(r.cell, call.backward, name, {
    product: (gradient, w) => {
      const dy = run.dys[w]!;
      if (gradient.kind === 'vector') return tf.sum(dy, [0, 1]);
      return tf.matMul(rows(run.saved(gradient.x)), rows(dy), true);
    },
    add: tf.add,
    none: () => tf.zeros([...whole.shape.slice(0, axis), r.units]),
    concat: blocks => tf.concat([...blocks], axis),
    zeros: () => tf.zerosLike(whole),
  });
}

/** Steps and rows of the batch in one: `[steps·batch, ·]`. */
function rows(x: tf.Tensor): tf.Tensor2D {
  return tf.reshape(x, [-1, x.shape[x.rank - 1]!]) as tf.Tensor2D;
}
