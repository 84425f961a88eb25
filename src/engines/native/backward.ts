import * as tf from '@tensorflow/tfjs-core';
import {keysOf} from '../../recurrence/records';
import type {Recurrence} from '../../recurrence/types';
import type {WeightName} from '../../recurrence/weights';
import {limitNorm} from '../gradients';
import {plan} from '../plan';
import type {ForwardOptions, Gradients, RecurrenceInputs, Saved} from '../types';
import {backwardGraph} from './backward-graph';
import {backwardFeedsOf, graphKey} from './feeds';
import {runGraph} from './session';

/** Back-propagation through time and all gradients of weights in one native call. */
export function backward(
  r: Recurrence,
  inputs: RecurrenceInputs,
  options: ForwardOptions,
  saved: Saved,
): Gradients {
  const call = plan(r, inputs);
  const {step, backward: graph, time} = call;
  const names = keysOf(inputs.weights);
  const feeds = backwardFeedsOf(r, inputs, saved);
  const run = (weights: readonly WeightName[], x: boolean): tf.Tensor[] =>
    runGraph(
      graphKey(r, inputs, 'backward', options.returns, weights.length > 0, x),
      () => backwardGraph(r, {step, backward: graph, returns: options.returns, weights, x}),
      feeds,
    );
  // Where x is plain data its gradient costs a tenth of the pass, for nothing; who asks for it pays for a second one.
  const early = options.traced ?? true;
  const results = run(names, early);
  const initial = new Map(step.carried.map((name, k) => [name, results[k]!]));
  const weights = new Map(
    names.map((name, k) => [name, results[step.carried.length + (early ? 1 : 0) + k]!]),
  );
  const limit = r.bptt?.norm;
  const limited = limit === undefined ? weights : limitNorm(weights, limit);
  const count = Math.min(time, r.bptt?.steps ?? time);
  return {
    x: () => (early ? results : run([], true))[step.carried.length]!,
    // A truncated pass never reaches the initial state.
    initial: state => (count === time ? initial.get(state)! : tf.zerosLike(inputs.initial[state]!)),
    weight: name => limited.get(name)!,
  };
}
