import * as tf from '@tensorflow/tfjs-core';
import {keyed} from '../../recurrence/memo';
import {entriesOf} from '../../recurrence/records';
import {type Gate, type Recurrence, STATES, type StateName} from '../../recurrence/types';
import type {WeightName} from '../../recurrence/weights';
import {float32} from '../float32';
import type {RecurrenceInputs, Saved} from '../types';

/** What a graph can be fed with: tensors of a call, gradients and kept values of its outputs, a number of steps. */
export type FeedName =
  | 'x'
  | 'mask'
  | 'dy'
  | 'steps'
  | `weight.${WeightName}`
  | `initial.${StateName}`
  | `dropout.${Gate | 'all'}`
  | `dstate.${StateName}`
  | `saved.${number}`;

/** The tensors that a graph may be fed with. */
export type Feeds = Map<FeedName, tf.Tensor>;

/** A call's tensors, by the names under which graphs ask for them. */
export function feedsOf({x, mask, weights, initial, dropout}: RecurrenceInputs): Feeds {
  const feeds: Feeds = new Map([['x', x]]);
  if (mask) feeds.set('mask', float32(mask));
  for (const [name, tensor] of entriesOf(weights)) feeds.set(`weight.${name}`, tensor!);
  for (const [name, tensor] of entriesOf(initial)) feeds.set(`initial.${name}`, tensor!);
  for (const [gate, tensor] of entriesOf(dropout)) feeds.set(`dropout.${gate}`, tensor!);
  return feeds;
}

/** The same, and what a backward pass starts from: what the forward pass saved, gradients of outputs and states, a limit. */
export function backwardFeedsOf(
  r: Recurrence,
  inputs: RecurrenceInputs,
  {reserve, dy, dStates}: Saved,
): Feeds {
  const feeds = feedsOf(inputs).set('dy', dy);
  for (const [k, name] of STATES[r.cell].entries()) feeds.set(`dstate.${name}`, dStates[k]!);
  for (const [k, tensor] of reserve.entries()) feeds.set(`saved.${k}`, tensor);
  const {steps} = r.bptt ?? {};
  return steps === undefined ? feeds : feeds.set('steps', tf.scalar(steps, 'int32'));
}

const open = (size: number | undefined): number | undefined => (size === undefined ? undefined : 0);

/** What graphs of recurrences have in common when nothing but sizes and numbers of steps is different, as a key. */
const structure = keyed(r => ({
  ...r,
  units: 0,
  projection: open(r.projection),
  bptt: {...r.bptt, steps: open(r.bptt?.steps)},
}));

/** A graph's key: the structure, and what else it depends on. */
export function graphKey(
  r: Recurrence,
  inputs: RecurrenceInputs,
  ...others: readonly (string | boolean)[]
): string {
  const {mask, initial, weights} = inputs;
  return [structure(r), mask !== undefined, Object.keys(initial), Object.keys(weights), others].join(' ');
}
