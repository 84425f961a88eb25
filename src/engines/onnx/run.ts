import {clone} from '@tensorflow/tfjs-core';
import {type Recurrence, STATES} from '../../recurrence/types';
import type {ForwardOptions, ForwardResult, RecurrenceInputs} from '../types';
import {tensorOf, valuesOf} from '../values';
import {gathered, lastOutput, scattered, stepsOf, withoutSteps} from './masks';
import type {OnnxArray, OnnxSession} from './runtime';

type Returns = ForwardOptions['returns'];

/** A call without a mask: all steps of all rows. */
export function runWhole(
  session: OnnxSession,
  r: Recurrence,
  inputs: RecurrenceInputs,
  returns: Returns,
): ForwardResult {
  const {x} = inputs;
  const [batch, time] = x.shape as [number, number];
  const feeds = {x: {data: valuesOf(x), dims: x.shape}, ...initialStates(r, inputs, batch)};
  const results = session.run(feeds);
  const states = STATES[r.cell].map(name => tensorOf(results[name]!.data, [batch, r.units]));
  const y = returns === 'last' ? clone(states[0]!) : tensorOf(results.y!.data, [batch, time, r.units]);
  return {y, states, reserve: []};
}

/** A call with a mask: the steps that count in each row, and their outputs put back where they belong. */
export function runMasked(
  session: OnnxSession,
  r: Recurrence,
  inputs: RecurrenceInputs,
  returns: Returns,
): ForwardResult {
  const {x, mask, initial} = inputs;
  const [batch, time, features] = x.shape as [number, number, number];
  const steps = stepsOf(mask!);
  const whole = {data: valuesOf(x), time, size: features};
  const moved = steps.first ? whole : gathered(whole, steps);
  const results = session.run({
    x: {data: moved.data, dims: [batch, moved.time, features]},
    lengths: {data: steps.lengths, dims: [batch]},
    ...initialStates(r, inputs, batch),
  });
  const given = (name: string): Float32Array | undefined => initial[name] && valuesOf(initial[name]);
  const states = STATES[r.cell].map(name => {
    const {data} = results[name]!;
    withoutSteps(data, steps, given(name));
    return tensorOf(data, [batch, r.units]);
  });
  if (returns === 'last') {
    const last = lastOutput(r, results.h!.data, steps);
    return {y: tensorOf(last, [batch, r.units]), states, reserve: []};
  }
  const y = scattered(r, {data: results.y!.data, time: moved.time, size: r.units}, steps, time, given('h'));
  return {y: tensorOf(y, [batch, time, r.units]), states, reserve: []};
}

/** Feeds of the initial states, where any is given; the others are zero. */
function initialStates(r: Recurrence, {initial}: RecurrenceInputs, batch: number): Record<string, OnnxArray> {
  const feeds: Record<string, OnnxArray> = {};
  if (Object.keys(initial).length === 0) return feeds;
  for (const name of STATES[r.cell]) {
    const state = initial[name];
    const data = state ? valuesOf(state) : new Float32Array(batch * r.units);
    feeds[`initial_${name}`] = {data, dims: [1, batch, r.units]};
  }
  return feeds;
}
