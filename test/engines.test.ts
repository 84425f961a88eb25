import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import fc from 'fast-check';
import {runRecurrence} from '../src/engines/kernel';
import {isBlockLstm} from '../src/engines/native/block-graph';
import {sessionCount} from '../src/engines/native/session';
import {disposeEngines, setEngine, takeUsedEngines} from '../src/engines/registry';
import type {EngineOptions, RecurrenceInputs} from '../src/engines/types';
import {BUILDS} from '../src/engines/wasm/run/kernel';
import {runtime, useBuilds} from '../src/engines/wasm/run/runtime';
import {countUnitShards, shardFrom} from '../src/engines/wasm/run/sharding';
import {limitChunks} from '../src/engines/wasm/run/time-chunks';
import {keras2} from '../src/libraries/all';
import {useBackend} from '../src/node/backend';
import {loadNativeBackend} from '../src/node/native';
import {useOnnx} from '../src/node/onnx';
import type {Activation} from '../src/recurrence/activations';
import {recordOf} from '../src/recurrence/records';
import {recordStep} from '../src/recurrence/step';
import {type CellKind, GATES, outputSize, type Recurrence, STATES, stateSize} from '../src/recurrence/types';
import {weightShape, weightsOf} from '../src/recurrence/weights';
import {threadsStarted} from './support/threads';

/** Every engine is held against `ops`, over random recurrences of all kinds and odd sizes. */

const RUNS = Number(process.env.CARRYOVER_RUNS ?? 150);

const native = await loadNativeBackend();
const available = native.available;

test('the native backend is there in CI', t => {
  if (!available && process.env.CI) t.fail(native.reason);
  if (!available) t.log(`engines are not compared: ${native.reason}`);
  t.pass();
});

const ELEMENTARY: readonly Activation[] = [
  {kind: 'linear'},
  {kind: 'tanh'},
  {kind: 'sigmoid'},
  {kind: 'relu'},
  {kind: 'softplus'},
  {kind: 'softsign'},
  {kind: 'hardSigmoid', slope: 0.2, offset: 0.5},
  {kind: 'hardSigmoid', slope: 1 / 6, offset: 0.5},
  {kind: 'elu', alpha: 0.7, scale: 1.1},
  {kind: 'leakyRelu', alpha: 0.3},
  {kind: 'scaledTanh', in: 0.5, out: 1.2},
  {kind: 'cappedRelu', limit: 0.8},
];

/** Made of elementary ones; ONNX has none of them. */
const COMPOSITE: readonly Activation[] = [
  {kind: 'swish'},
  {kind: 'mish'},
  {kind: 'hardSwish'},
  {kind: 'tanhGelu'},
  {kind: 'logSigmoid'},
  {kind: 'tanhShrink'},
  {kind: 'hardTanh'},
  {kind: 'softShrink', threshold: 0.2},
];

const activation = fc.oneof(
  {weight: 9, arbitrary: fc.constantFrom(...ELEMENTARY)},
  {weight: 1, arbitrary: fc.constantFrom(...COMPOSITE)},
);

const cell = fc.constantFrom<CellKind>('lstm', 'gru', 'simple', 'mut1', 'mut2', 'mut3', 'ugrnn', 'nas');
const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(value, {nil: undefined});
const peephole = maybe(
  fc.record({rule: fc.constantFrom('add', 'replace'), reads: fc.constantFrom('previous', 'new')} as const),
);

interface Case {
  readonly recurrence: Recurrence;
  readonly batch: number;
  readonly time: number;
  readonly features: number;
  readonly masked: boolean;
  readonly initial: boolean;
  readonly returns: 'sequence' | 'last';
  readonly seed: number;
}

const cases: fc.Arbitrary<Case> = fc
  .record({
    cell,
    units: fc.integer({min: 1, max: 5}),
    activations: fc.array(activation, {minLength: 5, maxLength: 5}),
    mask: fc.constantFrom('holdRepeat', 'holdZero', 'holdState', 'forget'),
    direction: fc.constantFrom('forward', 'backward'),
    outputOrder: fc.constantFrom('processed', 'time'),
    bias: fc.boolean(),
    forgetBias: fc.constantFrom(0, 1, -0.5),
    coupled: fc.boolean(),
    peepholes: fc.record({i: peephole, f: peephole, o: peephole}),
    cellClip: maybe(fc.constant(0.4)),
    projection: maybe(fc.integer({min: 1, max: 4})),
    projectionClip: maybe(fc.constant(0.3)),
    layerNorm: maybe(fc.constant({epsilon: 1e-3})),
    recurrent: fc.constantFrom('matrix', 'diagonal'),
    reset: fc.constantFrom('before', 'after'),
    updateGate: fc.constantFrom('keeps', 'takes'),
    recurrentDropout: maybe(fc.constantFrom('shared', 'perGate', 'state')),
    steps: maybe(fc.integer({min: 1, max: 4})),
    clip: maybe(fc.constant(0.2)),
    norm: maybe(fc.constant(0.5)),
    input: fc.constantFrom('features', 'preactivations'),
    batch: fc.integer({min: 1, max: 3}),
    time: fc.integer({min: 1, max: 5}),
    features: fc.integer({min: 1, max: 4}),
    masked: fc.boolean(),
    initial: fc.boolean(),
    returns: fc.constantFrom('sequence', 'last'),
    seed: fc.integer({min: 1, max: 1e6}),
  } as const)
  .map(
    ({
      batch,
      time,
      features,
      masked,
      initial,
      returns,
      seed,
      steps,
      clip,
      norm,
      activations,
      peepholes,
      ...own
    }) => {
      const lstm = own.cell === 'lstm';
      // A gate that normalizes cannot be told from its inputs when there is one unit: nothing is left of them.
      const layerNorm = lstm && own.units > 2 ? own.layerNorm : undefined;
      const projected = lstm || own.cell === 'nas';
      const projection = projected && own.recurrent === 'matrix' ? own.projection : undefined;
      const names = [...GATES[own.cell], 'h'];
      const recurrence: Recurrence = {
        ...own,
        activations: Object.fromEntries(names.map((name, k) => [name, activations[k % 5]!])),
        peepholes: lstm
          ? {
              i: peepholes.i && {...peepholes.i, reads: 'previous'},
              f: peepholes.f && {...peepholes.f, reads: 'previous'},
              o: peepholes.o,
            }
          : undefined,
        layerNorm,
        projection,
        coupled: lstm && own.coupled,
        bptt: {steps, clip, norm},
      };
      return {recurrence, batch, time, features, masked, initial, returns, seed};
    },
  );

/** Random tensors of a call, small enough that no activation runs away. */
function inputsOf({recurrence: r, batch, time, features, masked, initial, seed}: Case): RecurrenceInputs {
  let next = seed;
  const random = (shape: number[]): tf.Tensor => tf.randomUniform(shape, -0.6, 0.6, 'float32', next++);
  const width = GATES[r.cell].length * r.units;
  const specs = weightsOf(r);
  const weights = recordOf(
    specs.map(({name}) => name),
    (_, k) => random(weightShape(specs[k]!, r, features)),
  );
  const dropped = r.recurrentDropout === 'perGate' ? GATES[r.cell] : ['all'];
  return {
    x: random([batch, time, r.input === 'features' ? features : width]),
    mask: masked ? tf.cast(tf.greater(random([batch, time]), -0.2), 'float32') : undefined,
    initial: initial ? recordOf(STATES[r.cell], name => random([batch, stateSize(r, name)])) : {},
    weights,
    dropout: r.recurrentDropout
      ? Object.fromEntries(dropped.map(gate => [gate, tf.abs(random([batch, outputSize(r)]))]))
      : {},
  };
}

/** Outputs, final states and all gradients, by name. */
function everything(c: Case, inputs: RecurrenceInputs): Map<string, number[]> {
  const result = new Map<string, number[]>();
  const put = (name: string, tensor: tf.Tensor): unknown => result.set(name, Array.from(tensor.dataSync()));
  const none = tf.variable(tf.scalar(0));
  tf.tidy(() => {
    const {y, states} = runRecurrence(c.recurrence, inputs, c.returns);
    put('y', y);
    for (const [name, state] of Object.entries(states)) put(`state ${name}`, state);
    const given = [inputs.x, ...Object.values(inputs.weights), ...Object.values(inputs.initial)];
    const names = [
      'x',
      ...Object.keys(inputs.weights),
      ...Object.keys(inputs.initial).map(name => `initial ${name}`),
    ];
    const weigh = (t: tf.Tensor): tf.Tensor =>
      tf.sum(tf.mul(t, tf.add(tf.sin(tf.reshape(tf.range(0, t.size), t.shape)), 0.3)));
    const loss = (...tensors: tf.Tensor[]): tf.Scalar => {
      const [plain, ...rest] = tensors as [tf.Tensor, ...tf.Tensor[]];
      // Of data and of what depends on variables: gradients of x are made in two ways.
      const x = c.seed % 2 === 0 ? plain : tf.add(plain, none);
      const count = Object.keys(inputs.weights).length;
      const weights = Object.fromEntries(Object.keys(inputs.weights).map((name, k) => [name, rest[k]!]));
      const initial = Object.fromEntries(
        Object.keys(inputs.initial).map((name, k) => [name, rest[count + k]!]),
      );
      const run = runRecurrence(c.recurrence, {...inputs, x, weights, initial}, c.returns);
      return tf.addN([run.y, ...Object.values(run.states)].map(weigh)) as tf.Scalar;
    };
    for (const [k, gradient] of tf.grads(loss)(given).entries()) put(`gradient of ${names[k]}`, gradient);
  });
  none.dispose();
  return result;
}

/** Throws where an engine's results are not those of the reference. */
function expectAlike(want: Map<string, number[]>, got: Map<string, number[]>): void {
  for (const [name, values] of want) {
    const largest = Math.max(1, ...values.map(Math.abs));
    const other = got.get(name)!;
    const off = Math.max(...values.map((value, k) => Math.abs(value - other[k]!)));
    if (!(off <= 1e-4 * largest)) throw new Error(`${name} is off by ${off} of ${largest}`);
  }
}

/** Outputs and final states, by name. */
function outputsOf({recurrence, returns}: Case, inputs: RecurrenceInputs): Map<string, number[]> {
  const {y, states} = runRecurrence(recurrence, inputs, returns);
  const values = (tensor: tf.Tensor): number[] => Array.from(tensor.dataSync());
  return new Map([
    ['y', values(y)],
    ...Object.entries(states).map(([name, state]): [string, number[]] => [`state ${name}`, values(state)]),
  ]);
}

const onnx = useOnnx();

test('onnxruntime-node is there, which the project installs', t => {
  t.true(onnx.available, onnx.available ? '' : onnx.reason);
});

/** Recurrences with less of what ONNX lacks than there is in others; many of them it can run. */
const plainer = cases.map((c): Case => {
  const {recurrence: r} = c;
  const cell = (['lstm', 'gru', 'simple'] as const)[c.seed % 3]!;
  const [gate, ...others] = Object.values(r.activations).map(f =>
    COMPOSITE.includes(f) ? ELEMENTARY[1]! : f,
  ) as [Activation, ...(Activation | undefined)[]];
  const activations = {
    i: gate,
    f: gate,
    o: gate,
    z: gate,
    r: gate,
    c: others[0] ?? gate,
    h: others[1] ?? gate,
  };
  const coupled = cell === 'lstm' && c.seed % 4 === 0;
  const plain = {cell, activations, coupled, input: 'features'} as const;
  const rest = {cellClip: undefined, projection: undefined, projectionClip: undefined, layerNorm: undefined};
  const peepholes = cell === 'lstm' && c.seed % 2 ? ({o: {rule: 'add', reads: 'new'}} as const) : undefined;
  const more = {recurrent: 'matrix', recurrentDropout: undefined, peepholes} as const;
  return {...c, recurrence: {...r, ...plain, ...rest, ...more}};
});

test.serial('onnx gives what ops gives, for any recurrence that it does not refuse', async t => {
  await useBackend('cpu');
  const runs = {onnx: 0, others: 0};
  fc.assert(
    fc.property(plainer, c => {
      tf.tidy(() => {
        const inputs = inputsOf(c);
        setEngine('ops');
        const want = outputsOf(c, inputs);
        setEngine('onnx');
        takeUsedEngines();
        const got = outputsOf(c, inputs);
        runs[takeUsedEngines().includes('onnx') ? 'onnx' : 'others'] += 1;
        expectAlike(want, got);
      });
    }),
    {numRuns: 2 * RUNS, seed: 20150327, includeErrorInReport: true},
  );
  t.log(`${runs.onnx} on onnx, ${runs.others} elsewhere`);
  t.true(runs.onnx > 100);
});

/** Outputs, states and gradients of an engine against those of the reference, over random recurrences. */
function expectOps(
  engine: string,
  recurrences: fc.Arbitrary<Case>,
  numRuns: number,
  options: EngineOptions = {},
): void {
  fc.assert(
    fc.property(recurrences, c => {
      tf.tidy(() => {
        const inputs = inputsOf(c);
        setEngine('ops', options);
        const want = everything(c, inputs);
        setEngine(engine, options);
        expectAlike(want, everything(c, inputs));
      });
    }),
    {numRuns, seed: 20150327, includeErrorInReport: true},
  );
}

for (const build of BUILDS) {
  test.serial(`wasm (${build}) gives what ops gives, for any recurrence`, async t => {
    await useBackend('cpu');
    t.timeout(10 * 60_000);
    useBuilds([build]);
    if (!runtime()) {
      t.log(`not run: this release of Node has no build '${build}'`);
      t.pass();
      return;
    }
    expectOps('wasm', cases, Number(process.env.CARRYOVER_RUNS ?? 300));
    useBuilds(BUILDS);
    t.pass();
  });
}

/** The same at sizes where vectors, tiles, blocks and iterations of the kernel are full, and left over. */
const larger = fc
  .record({
    c: cases,
    units: fc.integer({min: 3, max: 40}),
    batch: fc.integer({min: 1, max: 17}),
    time: fc.integer({min: 1, max: 70}),
  })
  .map(
    ({c, units, batch, time}): Case => ({
      ...c,
      batch,
      time,
      features: 1 + (c.seed % 30),
      recurrence: {...c.recurrence, units, activations: bounded(c.recurrence.activations)},
    }),
  );

/** Nothing that grows from step to step. */
function bounded(activations: Recurrence['activations']): Recurrence['activations'] {
  const tame = ['tanh', 'sigmoid', 'softsign', 'hardSigmoid', 'scaledTanh', 'cappedRelu'];
  return Object.fromEntries(
    Object.entries(activations).map(([gate, f]): [string, Activation] => [
      gate,
      tame.includes(f.kind) ? f : {kind: 'tanh'},
    ]),
  );
}

test.serial('wasm gives what ops gives at larger sizes', async t => {
  await useBackend(available ? 'tensorflow' : 'cpu');
  t.timeout(10 * 60_000);
  expectOps('wasm', larger, Number(process.env.CARRYOVER_RUNS ?? 40));
  t.pass();
});

test.serial('wasm gives what ops gives where a sequence goes through its memory in time chunks', async t => {
  await useBackend('cpu');
  t.timeout(10 * 60_000);
  for (const fewest of [1, 7]) {
    limitChunks({bytes: 0, fewest});
    disposeEngines();
    expectOps('wasm', larger, Number(process.env.CARRYOVER_RUNS ?? 40));
  }
  limitChunks();
  t.pass();
});

test.serial('wasm gives what ops gives where threads run unit shards', async t => {
  await useBackend('cpu');
  t.timeout(10 * 60_000);
  const threads = 3;
  const few = larger.map((c): Case => ({...c, batch: 1, time: Math.min(c.time, 40)}));
  setEngine('wasm', {threads});
  shardFrom(0);
  limitChunks({bytes: 0, fewest: 9});
  await threadsStarted(threads);
  let sharded = 0;
  const counted = few.map(c => {
    const extent = {batch: 1, time: c.time, width: c.features, save: false};
    const step = () => recordStep(c.recurrence, {masked: c.masked, zeroInitial: !c.initial});
    sharded += countUnitShards(runtime()!, c.recurrence, step, extent) > 1 ? 1 : 0;
    return c;
  });
  expectOps('wasm', counted, Number(process.env.CARRYOVER_RUNS ?? 100), {threads});
  t.log(`${sharded} in unit shards`);
  t.true(sharded > 30);
  shardFrom();
  limitChunks();
});

if (available) {
  test.serial('native gives what ops gives, for any recurrence', async t => {
    await useBackend('tensorflow');
    t.timeout(10 * 60_000);
    expectOps('native', cases, RUNS);
    t.pass();
  });

  /** Recurrences that TensorFlow's BlockLSTM can say, most of them. */
  const blocks = cases.map((c): Case => {
    const {recurrence: r, seed} = c;
    const [sigmoid, tanh] = [{kind: 'sigmoid'}, {kind: 'tanh'}] as const;
    const plain = {cell: 'lstm', coupled: false, input: 'features', recurrent: 'matrix'} as const;
    const rest = {projection: undefined, projectionClip: undefined, layerNorm: undefined};
    const peepholes = Object.fromEntries(
      ['i', 'f', 'o']
        .filter((_, k) => (seed >> k) % 2)
        .map(gate => [gate, {rule: 'add', reads: gate === 'o' ? 'new' : 'previous'}]),
    );
    const activations = {i: sigmoid, f: sigmoid, c: tanh, o: sigmoid, h: tanh};
    const recurrence = {...r, ...plain, ...rest, activations, peepholes, recurrentDropout: undefined};
    return {...c, masked: seed % 5 === 0, recurrence};
  });

  test.serial('native gives what ops gives where TensorFlow has one operation for it', async t => {
    await useBackend('tensorflow');
    let inOne = 0;
    fc.assert(
      fc.property(blocks, c => {
        tf.tidy(() => {
          const inputs = inputsOf(c);
          setEngine('ops');
          const want = outputsOf(c, inputs);
          setEngine('native');
          expectAlike(want, outputsOf(c, inputs));
          if (isBlockLstm(c.recurrence) && !c.masked) inOne += 1;
        });
      }),
      {numRuns: RUNS, seed: 20150327, includeErrorInReport: true},
    );
    t.log(`${inOne} of ${RUNS} in one operation`);
    t.true(inOne > RUNS / 2);
  });

  test.serial(
    'a thousand predictions and a hundred training steps leak no tensors and load no further graphs',
    t => {
      setEngine('native');
      const layer = keras2.lstm({units: 4, returnSequences: true});
      const x = tf.ones([2, 5, 3]);
      const predict = (): void => (layer.apply(x) as tf.Tensor).dispose();
      const train = (): void => {
        const {value, grads} = tf.variableGrads(() => tf.sum(layer.apply(x) as tf.Tensor) as tf.Scalar);
        tf.dispose([value, grads]);
      };
      predict();
      train();
      const [tensors, graphs] = [tf.memory().numTensors, sessionCount()];
      for (let k = 0; k < 1000; k++) predict();
      for (let k = 0; k < 100; k++) train();
      t.is(tf.memory().numTensors, tensors);
      t.is(sessionCount(), graphs);
    },
  );
}
