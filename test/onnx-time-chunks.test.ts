import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import fc from 'fast-check';
import {runRecurrence} from '../src/engines/kernel';
import {onnxEngine} from '../src/engines/onnx/engine';
import type {OnnxRuntime} from '../src/engines/onnx/runtime';
import {timeChunksOf} from '../src/engines/onnx/time-chunks';
import {registerEngine, setEngine, takeUsedEngines} from '../src/engines/registry';
import type {RecurrenceInputs} from '../src/engines/types';
import {useBackend} from '../src/node/backend';
import {loadOnnx} from '../src/node/onnx';
import {GATES, type Recurrence, STATES} from '../src/recurrence/types';

/** Calls that ONNX Runtime gets chunk by chunk, held against `ops`. */

/** Bytes; a step of the rows and sizes below takes 24 to 900. */
const SCRATCH = 1500;

const runtime = loadOnnx() as OnnxRuntime;
let runs = 0;
const counted: OnnxRuntime = {
  createSession: (...args) => {
    const session = runtime.createSession(...args);
    const run: typeof session.run = (...call) => {
      runs += 1;
      return session.run(...call);
    };
    return {run, release: () => session.release()};
  },
};

test.before(async () => {
  await useBackend('cpu');
  registerEngine({...onnxEngine(() => counted, {mostScratch: SCRATCH}), name: 'segmented'});
});

const sigmoid = {kind: 'sigmoid'} as const;
const tanh = {kind: 'tanh'} as const;

const recurrence: fc.Arbitrary<Recurrence> = fc.record({
  cell: fc.constantFrom('lstm', 'gru', 'simple'),
  units: fc.integer({min: 1, max: 6}),
  activations: fc.constant({i: sigmoid, f: sigmoid, o: sigmoid, z: sigmoid, r: sigmoid, c: tanh, h: tanh}),
  mask: fc.constantFrom('holdRepeat', 'holdZero', 'holdState'),
  direction: fc.constantFrom('forward', 'backward'),
  outputOrder: fc.constantFrom('processed', 'time'),
  bias: fc.constant(false),
  reset: fc.constantFrom('before', 'after'),
  input: fc.constant('features'),
});

interface Case {
  readonly recurrence: Recurrence;
  readonly batch: number;
  readonly features: number;
  /** How many steps beyond the ones that go at once. */
  readonly beyond: number;
  readonly chunks: number;
  readonly mask: 'none' | 'lengths' | 'any';
  readonly initial: boolean;
  readonly returns: 'sequence' | 'last';
  readonly seed: number;
}

const cases: fc.Arbitrary<Case> = fc.record({
  recurrence,
  batch: fc.integer({min: 1, max: 4}),
  features: fc.integer({min: 1, max: 5}),
  beyond: fc.integer({min: -1, max: 1}),
  chunks: fc.integer({min: 1, max: 3}),
  mask: fc.constantFrom('none', 'lengths', 'any'),
  initial: fc.boolean(),
  returns: fc.constantFrom('sequence', 'last'),
  seed: fc.nat(),
});

/** As many steps as go at once. */
function stepsAtOnce(r: Recurrence, batch: number, features: number): number {
  let steps = 1;
  while (timeChunksOf(r, {batch, time: steps + 1, features}, SCRATCH).length === 1) steps++;
  return steps;
}

function inputsOf(c: Case, time: number): RecurrenceInputs {
  const {recurrence: r, batch, features, seed} = c;
  const random = (shape: number[], k: number): tf.Tensor =>
    tf.randomUniform(shape, -0.7, 0.7, 'float32', seed + k);
  const width = GATES[r.cell].length * r.units;
  const states = c.initial ? STATES[r.cell] : [];
  const ends = tf.mul(tf.add(random([batch, 1], 5), 0.7), time);
  const masks = {
    none: () => undefined,
    lengths: () => tf.less(tf.expandDims(tf.range(0, time), 0), ends),
    any: () => tf.greater(random([batch, time], 6), 0),
  };
  return {
    x: random([batch, time, features], 1),
    mask: masks[c.mask](),
    initial: Object.fromEntries(states.map((name, k) => [name, random([batch, r.units], 7 + k)])),
    weights: {kernel: random([features, width], 2), recurrentKernel: random([r.units, width], 3)},
    dropout: {},
  };
}

/** Outputs and final states of an engine. */
function valuesOf(engine: string, {recurrence: r, returns}: Case, inputs: RecurrenceInputs): Float32Array[] {
  setEngine(engine);
  const {y, states} = runRecurrence(r, inputs, returns);
  return [y, ...STATES[r.cell].map(name => states[name]!)].map(t => Float32Array.from(t.dataSync()));
}

test.serial('chunks give what ops gives, around their ends, both ways, masked or not', t => {
  let inPieces = 0;
  fc.assert(
    fc.property(cases, c => {
      tf.tidy(() => {
        const {recurrence: r, batch, features} = c;
        const time = Math.max(1, c.chunks * stepsAtOnce(r, batch, features) + c.beyond);
        const inputs = inputsOf(c, time);
        const want = valuesOf('ops', c, inputs);
        takeUsedEngines();
        runs = 0;
        const got = valuesOf('segmented', c, inputs);
        t.deepEqual(takeUsedEngines(), ['segmented']);
        if (runs > 1) inPieces += 1;
        for (const [k, values] of got.entries())
          for (const [n, value] of values.entries())
            if (!(Math.abs(value - want[k]![n]!) < 1e-5))
              throw new Error(`${k}, ${n}: ${value} for ${want[k]![n]}`);
      });
    }),
    {numRuns: 300, seed: 1, includeErrorInReport: true},
  );
  t.true(inPieces > 150, `${inPieces} in chunks`);
});

test('chunks are in the order of processing, about equal, and cover all steps once', t => {
  const r = fc.sample(recurrence, {numRuns: 1, seed: 1})[0]!;
  const call = {batch: 2, time: 100, features: 3};
  const chunks = timeChunksOf({...r, direction: 'forward'}, call, SCRATCH);
  t.true(chunks.length > 1);
  t.deepEqual(
    chunks.flatMap(({from, steps}) => Array.from({length: steps}, (_, k) => from + k)),
    Array.from({length: 100}, (_, k) => k),
  );
  const back = timeChunksOf({...r, direction: 'backward'}, call, SCRATCH);
  t.is(back[0]!.from + back[0]!.steps, 100);
  t.is(back.at(-1)!.from, 0);
  for (const list of [chunks, back]) t.true(list.every(({steps}) => steps <= list[0]!.steps));
});
