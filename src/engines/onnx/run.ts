import {clone, type Tensor} from '@tensorflow/tfjs-core';
import {type Recurrence, STATES} from '../../recurrence/types';
import type {ForwardOptions, ForwardResult, RecurrenceInputs} from '../types';
import {tensorOf, valuesOf} from '../values';
import {gathered, lastOutput, scattered, stepsOf, withoutSteps} from './masks';
import type {OnnxArray, OnnxSession, OnnxWanted} from './runtime';

/** What a call asks for; `h` is the last output. */
function wantedOf(r: Recurrence, {returns, states = true}: ForwardOptions): OnnxWanted {
  const wanted: Record<string, null> = returns === 'sequence' ? {y: null} : {h: null};
  if (states) for (const name of STATES[r.cell]) wanted[name] = null;
  return wanted;
}

/** A call without a mask: all steps of all rows. */
export function runWhole(
  session: OnnxSession,
  r: Recurrence,
  inputs: RecurrenceInputs,
  options: ForwardOptions,
): ForwardResult {
  const {x} = inputs;
  const [batch, time] = x.shape as [number, number];
  const feeds = {x: {data: valuesOf(x), dims: x.shape}, ...initialStates(r, inputs, batch)};
  const {returns, states: asked = true} = options;
  const results = session.run(feeds, wantedOf(r, options));
  const state = (name: string): Tensor => tensorOf(results[name]!.data, [batch, r.units]);
  const states = asked ? STATES[r.cell].map(state) : [];
  if (returns === 'last') return {y: states[0] ? clone(states[0]) : state('h'), states, reserve: []};
  return {y: tensorOf(results.y!.data, [batch, time, r.units]), states, reserve: []};
}

/** A call with a mask: the steps that count in each row, and their outputs put back where they belong. */
export function runMasked(
  session: OnnxSession,
  r: Recurrence,
  inputs: RecurrenceInputs,
  options: ForwardOptions,
): ForwardResult {
  const {x, mask, initial} = inputs;
  const [batch, time, features] = x.shape as [number, number, number];
  const steps = stepsOf(mask!);
  const whole = {data: valuesOf(x), time, size: features};
  const moved = steps.first ? whole : gathered(whole, steps);
  const {returns, states: asked = true} = options;
  const results = session.run(
    {
      x: {data: moved.data, dims: [batch, moved.time, features]},
      lengths: {data: steps.lengths, dims: [batch]},
      ...initialStates(r, inputs, batch),
    },
    wantedOf(r, options),
  );
  const given = (name: string): Float32Array | undefined => initial[name] && valuesOf(initial[name]);
  const final = (name: string): Float32Array => {
    const {data} = results[name]!;
    withoutSteps(data, steps, given(name));
    return data;
  };
  const states = asked ? STATES[r.cell].map(name => tensorOf(final(name), [batch, r.units])) : [];
  if (returns === 'last') {
    const last = lastOutput(r, final('h'), steps);
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
