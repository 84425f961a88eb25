import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import {onnxEngine} from '../src/engines/onnx/engine';
import type {OnnxRuntime} from '../src/engines/onnx/runtime';
import {opsEngine} from '../src/engines/ops/engine';
import {registerEngine, setEngine} from '../src/engines/registry';
import type {RecurrenceInputs} from '../src/engines/types';
import {keras2, tf1} from '../src/index';
import {useBackend} from '../src/node/backend';
import type {Recurrence} from '../src/recurrence/types';

const RECURRENCE: Recurrence = {
  cell: 'simple',
  units: 1,
  activations: {h: {kind: 'tanh'}},
  mask: 'holdZero',
  direction: 'forward',
  outputOrder: 'processed',
  bias: false,
  input: 'features',
};

test.before(() => useBackend('cpu'));

for (const threads of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
  test(`${threads} threads are refused`, t => {
    const error = t.throws(() => setEngine('ops', {threads}), {message: /whole number of 1 or more/});
    t.like(error, {code: 'E_USAGE'});
  });
}

test('sessions of the onnx engine have the threads that were asked for, and are made anew for others', t => {
  const made: (number | undefined)[] = [];
  let released = 0;
  const one = {data: Float32Array.of(0), dims: [1, 1, 1]};
  const runtime: OnnxRuntime = {
    createSession: (_model, threads) => {
      made.push(threads);
      return {run: () => ({y: one, h: one}), release: () => void released++};
    },
  };
  const engine = onnxEngine(() => runtime);
  const weight = tf.ones([1, 1]);
  const inputs: RecurrenceInputs = {
    // More rows than one thread would do as well.
    x: tf.ones([8, 1, 1]),
    initial: {},
    weights: {kernel: weight, recurrentKernel: weight},
    dropout: {},
  };
  const run = (): unknown => engine.forward(RECURRENCE, inputs, {returns: 'sequence', save: false});
  run();
  engine.configure!({threads: 1});
  run();
  engine.configure!({threads: 1});
  run();
  engine.configure!({threads: 2});
  run();
  engine.configure!({});
  run();
  t.deepEqual(made, [undefined, 1, 2, undefined]);
  t.is(released, 3);
});

test('small steps of a few rows run in sessions of one thread on onnx, whatever the time', t => {
  const made: (number | undefined)[] = [];
  const one = {data: Float32Array.of(0), dims: [1, 1, 1]};
  const runtime: OnnxRuntime = {
    createSession: (_model, threads) => {
      made.push(threads);
      return {run: () => ({y: one, h: one}), release: () => {}};
    },
  };
  const engine = onnxEngine(() => runtime);
  const run = (units: number, shape: [number, number, number]): void => {
    const weights = {kernel: tf.ones([shape[2], units]), recurrentKernel: tf.ones([units, units])};
    const inputs: RecurrenceInputs = {x: tf.ones(shape), initial: {}, weights, dropout: {}};
    for (let k = 0; k < 2; k++)
      engine.forward({...RECURRENCE, units}, inputs, {returns: 'last', save: false});
  };
  run(256, [1, 5, 256]);
  run(256, [4, 500, 256]);
  run(256, [5, 5, 256]);
  run(257, [1, 5, 256]);
  run(256, [1, 5, 257]);
  t.deepEqual(made, [1, 1, undefined, undefined, undefined]);
});

test('of the outputs of a model onnx fetches those that a call asks for', t => {
  const fetched: string[][] = [];
  const one = {data: Float32Array.of(0), dims: [1, 1, 1]};
  const runtime: OnnxRuntime = {
    createSession: () => ({
      run: (_feeds, wanted) => {
        fetched.push(Object.keys(wanted));
        return {y: one, h: one};
      },
      release: () => {},
    }),
  };
  const engine = onnxEngine(() => runtime);
  const weight = tf.ones([1, 1]);
  const inputs: RecurrenceInputs = {
    x: tf.ones([1, 1, 1]),
    initial: {},
    weights: {kernel: weight, recurrentKernel: weight},
    dropout: {},
  };
  const kinds = [
    {returns: 'sequence'},
    {returns: 'sequence', states: false},
    {returns: 'last'},
    {returns: 'last', states: false},
  ] as const;
  const given = kinds.map(kind => engine.forward(RECURRENCE, inputs, {...kind, save: false}).states.length);
  t.deepEqual(fetched, [['y', 'h'], ['y'], ['h'], ['h']]);
  t.deepEqual(given, [1, 0, 1, 0]);
});

test.serial('layers hand engines the same recurrence at every call of the same kind', t => {
  const seen = new Set<Recurrence>();
  const refuses = (recurrence: Recurrence): string => {
    seen.add(recurrence);
    return 'it only looks';
  };
  registerEngine({...opsEngine, name: 'looks', refuses});
  setEngine('looks');
  const x = tf.ones([1, 2, 3]);
  const layer = keras2.lstm({units: 2, dropout: 0.5, recurrentDropout: 0.5, implementation: 1});
  const cell = tf1.basicLSTMCell({numUnits: 2});
  const kinds = [
    () => layer.apply(x),
    () => layer.apply(x, {training: true}),
    () => cell.runSequence(x, {}),
    () => cell.runSequence(x, {backwards: true}),
  ];
  cell.build(x.shape);
  for (const call of kinds) {
    seen.clear();
    for (let k = 0; k < 3; k++) call();
    t.is(seen.size, 1);
  }
});
