import {clone, type Tensor} from '@tensorflow/tfjs-core';
import {entriesOf, recordOf} from '../../recurrence/records';
import {type Recurrence, runsAgainstTime, STATES, type StateName} from '../../recurrence/types';
import type {ForwardOptions, ForwardResult, RecurrenceInputs} from '../types';
import {tensorOf, valuesOf} from '../values';
import {gathered, hold, lastOutput, lengthsIn, type Steps, scatter, withoutSteps} from './masks';
import type {OnnxArray, OnnxFeed, OnnxOutput, OnnxSession, OnnxWanted} from './runtime';
import {cut, insert, type Scratch, type Sequence, scratchFor, type TimeChunk} from './time-chunks';

type States = Partial<Record<StateName, Float32Array>>;
type Feeds = Partial<Record<OnnxFeed, OnnxArray>>;
type Results = ReturnType<OnnxSession['run']>;

/** What a call asks for; `h` is the last output. */
function wantedOf(r: Recurrence, {returns, states = true}: ForwardOptions): OnnxWanted {
  const wanted: Partial<Record<OnnxOutput, null>> = returns === 'sequence' ? {y: null} : {h: null};
  if (states) for (const name of STATES[r.cell]) wanted[name] = null;
  return wanted;
}

/** A call without a mask: all steps of all rows, at once. */
export function runWhole(
  session: OnnxSession,
  r: Recurrence,
  inputs: RecurrenceInputs,
  options: ForwardOptions,
): ForwardResult {
  const {x} = inputs;
  const [batch, time] = x.shape as [number, number];
  const initial = initialStates(r, inputs);
  const feeds = {x: {data: valuesOf(x), dims: x.shape}, ...(initial && feedsOf(initial, r, batch))};
  const {returns, states: asked = true} = options;
  const results = session.run(feeds, wantedOf(r, options));
  const state = (name: StateName): Tensor => tensorOf(results[name]!.data, [batch, r.units]);
  const states = asked ? STATES[r.cell].map(state) : [];
  if (returns === 'last') return {y: states[0] ? clone(states[0]) : state('h'), states, reserve: []};
  return {y: tensorOf(results.y!.data, [batch, time, r.units]), states, reserve: []};
}

/** A call without a mask, chunk by chunk. */
export function runInChunks(
  session: OnnxSession,
  r: Recurrence,
  inputs: RecurrenceInputs,
  options: ForwardOptions,
  chunks: readonly TimeChunk[],
): ForwardResult {
  const {batch, x, scratch, y} = sequencesOf(r, inputs, options, chunks);
  const {time, size: features} = x;
  const turned = runsAgainstTime(r);
  const final = chain(session, r, inputs, options, chunks, {
    feeds: chunk => ({x: {data: cut(x, chunk, scratch), dims: [batch, chunk.steps, features]}}),
    done: (chunk, results) => {
      const {from, steps} = chunk;
      if (y) insert(y, turned ? {from: time - from - steps, steps} : chunk, results.y!.data);
    },
  });
  return resultOf(r, batch, final, y ?? final.h!, options);
}

/** A call with a mask: the steps that count in each row, and their outputs put back where they belong. */
export function runMasked(
  session: OnnxSession,
  r: Recurrence,
  inputs: RecurrenceInputs,
  options: ForwardOptions,
  steps: Steps,
  chunks: readonly TimeChunk[],
): ForwardResult {
  const {batch, x, scratch, y} = sequencesOf(r, inputs, options, chunks);
  const given = inputs.initial.h && valuesOf(inputs.initial.h);
  const final = chain(session, r, inputs, options, chunks, {
    feeds: chunk => ({
      x: {
        data: steps.first ? cut(x, chunk, scratch) : gathered(x, steps, chunk, scratch),
        dims: [batch, chunk.steps, x.size],
      },
      lengths: {data: lengthsIn(steps, chunk), dims: [batch]},
    }),
    done: (chunk, results, before) => {
      const lengths = lengthsIn(steps, chunk);
      for (const name of STATES[r.cell])
        if (results[name]) withoutSteps(results[name].data, lengths, before?.[name]);
      if (y) scatter(r, y, steps, chunk, results.y!.data);
    },
  });
  if (y) hold(r, y, steps, given);
  return resultOf(r, batch, final, y ?? lastOutput(r, final.h!, steps), options);
}

/** Runs chunks one after the other, each from the states in which the one before ended; gives the last ones. */
function chain(
  session: OnnxSession,
  r: Recurrence,
  inputs: RecurrenceInputs,
  options: ForwardOptions,
  chunks: readonly TimeChunk[],
  {
    feeds,
    done,
  }: {
    feeds(chunk: TimeChunk): Feeds;
    done(chunk: TimeChunk, results: Results, before: States | undefined): void;
  },
): States {
  const batch = inputs.x.shape[0]!;
  const names = STATES[r.cell];
  const goesOn = chunks.length > 1;
  const wanted = wantedOf(r, goesOn ? {...options, states: true} : options);
  let states = initialStates(r, inputs);
  if (goesOn) states ??= recordOf(names, () => new Float32Array(batch * r.units));
  for (const chunk of chunks) {
    const results = session.run({...feeds(chunk), ...(states && feedsOf(states, r, batch))}, wanted);
    done(chunk, results, states);
    states = {};
    for (const name of names) if (results[name]) states[name] = results[name].data;
  }
  return states!;
}

/** x, scratch memory for a chunk of it, and a buffer for all outputs, unless the last one alone is asked for. */
function sequencesOf(
  {units}: Recurrence,
  {x}: RecurrenceInputs,
  {returns}: ForwardOptions,
  chunks: readonly TimeChunk[],
): {batch: number; x: Sequence; scratch: Scratch; y: Sequence | undefined} {
  const [batch, time, size] = x.shape as [number, number, number];
  const y =
    returns === 'last' ? undefined : {data: new Float32Array(batch * time * units), time, size: units};
  return {batch, x: {data: valuesOf(x), time, size}, scratch: scratchFor(chunks, batch, size), y};
}

/** @param y all outputs, or the last one's data */
function resultOf(
  {cell, units}: Recurrence,
  batch: number,
  final: States,
  y: Sequence | Float32Array,
  {states = true}: ForwardOptions,
): ForwardResult {
  return {
    y: y instanceof Float32Array ? tensorOf(y, [batch, units]) : tensorOf(y.data, [batch, y.time, units]),
    states: states ? STATES[cell].map(name => tensorOf(final[name]!, [batch, units])) : [],
    reserve: [],
  };
}

/** The initial states, where any is given; the others are zero. */
function initialStates(r: Recurrence, {x, initial}: RecurrenceInputs): States | undefined {
  if (Object.keys(initial).length === 0) return undefined;
  const states: States = {};
  for (const name of STATES[r.cell]) {
    const state = initial[name];
    states[name] = state ? valuesOf(state) : new Float32Array(x.shape[0]! * r.units);
  }
  return states;
}

function feedsOf(states: States, {units}: Recurrence, batch: number): Feeds {
  const feeds: Feeds = {};
  for (const [name, data] of entriesOf(states)) feeds[`initial_${name}`] = {data, dims: [1, batch, units]};
  return feeds;
}
