import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import test from 'ava';
import {milliseconds, type Prices, priceTable} from '../src/engines/cost';
import {engineFor, setEngine} from '../src/engines/registry';
import type {Call} from '../src/engines/types';
import {useWorkers} from '../src/engines/wasm/run/runtime';
import {nodeWorkers} from '../src/node/workers';
import type {Recurrence} from '../src/recurrence/types';

const sigmoid = {kind: 'sigmoid'} as const;
const tanh = {kind: 'tanh'} as const;

const lstm = (units: number): Recurrence => ({
  cell: 'lstm',
  units,
  activations: {i: sigmoid, f: sigmoid, c: tanh, o: sigmoid, h: tanh},
  mask: 'holdRepeat',
  direction: 'forward',
  outputOrder: 'time',
  bias: true,
  input: 'features',
});

const call = (batch: number, time: number, features: number, save: boolean): Call => ({
  batch,
  time,
  features,
  save,
  returns: 'sequence',
  masked: true,
  initial: false,
});

/** Batch, time, features, units: small, and those where `ops` takes minutes on tfjs' cpu backend. */
const SHAPES = [
  [1, 100, 64, 128],
  [8, 50, 32, 64],
  [32, 50, 300, 512],
  [32, 100, 128, 256],
  [64, 100, 256, 512],
  [256, 200, 300, 512],
  [1, 1, 4096, 2048],
] as const;

test.before(async () => {
  await tf.setBackend('cpu');
  useWorkers(nodeWorkers);
});

for (const threads of [undefined, 1, 2, 8]) {
  for (const save of [false, true]) {
    const what = `${save ? 'training' : 'forward'}, ${threads ?? 'all'} threads`;
    test.serial(`auto takes wasm on tfjs' cpu backend, where there is nothing native (${what})`, t => {
      setEngine('auto', {threads});
      for (const [batch, time, features, units] of SHAPES)
        t.is(
          engineFor(lstm(units), call(batch, time, features, save)).name,
          'wasm',
          `${[batch, time, features, units]}`,
        );
    });
  }
}

const rates = (call: number, multiply: number) => ({call, step: 0, element: 0, multiply, weight: 0});
const PRICES: Prices = {
  one: {cpu: {1: {forward: rates(1e6, 0)}}},
  two: {cpu: {2: {forward: rates(1e6, 0.5)}, 1: {forward: rates(1e6, 1)}}},
};

test('an engine without prices for a backend is infinitely slow there, unless those of another will do', t => {
  const table = priceTable(PRICES);
  const time = (engine: string, backends: readonly string[], save = false): number =>
    milliseconds(engine, lstm(4), call(1, 1, 1, save), {backends}, table);
  t.is(time('one', ['cpu']), 1);
  t.is(time('one', ['webgl']), Infinity);
  t.is(time('one', ['webgl', 'cpu']), 1);
  t.is(time('one', ['cpu'], true), Infinity, 'training was not measured');
  t.is(time('none', ['cpu']), Infinity);
});

test('threads share a part of the work and not the rest', t => {
  const r = lstm(1024);
  const size = call(1, 1, 1024, false);
  const multiplications = 4 * 1024 * 2048;
  const time = (threads?: number): number =>
    milliseconds('two', r, size, {backends: ['cpu'], threads}, priceTable(PRICES));
  const wanted = (threads: number): number => 1 + multiplications / threads / 1e6;
  for (const threads of [1, 2, 4, 8]) t.true(Math.abs(time(threads) - wanted(threads)) < 1e-9);
  t.is(time(), time(2), 'as many as were measured, where nobody says');
});
