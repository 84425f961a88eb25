import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import test from 'ava';
import {dot, nonNegativeLeastSquares} from '../bench/fit/least-squares';
import {logScale} from '../bench/report/svg';
import {ratios, spread, takeTurns} from '../src/cli/bench/turns';
import {milliseconds} from '../src/engines/cost';
import {opsEngine} from '../src/engines/ops/engine';
import {registerEngine, setEngine} from '../src/engines/registry';
import {type Choice, traceChoices} from '../src/engines/trace';
import {keras2} from '../src/libraries/all';

// The benchmark's arithmetic, with made-up times.

/** Contestants that take what they say, and a record of who was asked for what. */
function actors(takes: Readonly<Record<string, number>>) {
  const asked: string[] = [];
  const contestants = Object.entries(takes).map(([name, ms]) => ({
    name,
    block: (calls: number) => {
      asked.push(`${name} ${calls}`);
      return ms;
    },
  }));
  return {asked, contestants};
}

const OPTIONS = {rounds: 3, blockMs: 60, pauseMs: 0};

test('contestants take turns, who is first moves on, and each has a call to itself before its block', async t => {
  const {asked, contestants} = actors({a: 20, b: 30});
  t.deepEqual(await takeTurns(contestants, OPTIONS), [
    [20, 20, 20],
    [30, 30, 30],
  ]);
  t.deepEqual(asked.slice(4), [
    ...['a 1', 'a 3', 'b 1', 'b 2'],
    ...['b 1', 'b 2', 'a 1', 'a 3'],
    ...['a 1', 'a 3', 'b 1', 'b 2'],
  ]);
});

test('a slow contestant has one call, in every third round', async t => {
  const {asked, contestants} = actors({slow: 5000, quick: 60});
  const [slow, quick] = await takeTurns(contestants, {...OPTIONS, rounds: 4});
  t.deepEqual(slow, [5000, undefined, undefined, 5000]);
  t.deepEqual(quick, [60, 60, 60, 60]);
  t.is(asked.filter(what => what === 'slow 1').length, 3);
});

test('ratios are of the same round, and the spread leaves out rounds without a time', t => {
  t.deepEqual(ratios([2, undefined, 9], [1, 1, 3]), [2, undefined, 3]);
  t.deepEqual(spread([5, undefined, 1, 3]), {median: 3, p10: 1, p90: 5});
  t.true(Number.isNaN(spread([undefined]).median));
});

test('prices come out of times that were made with them, and none is negative', t => {
  const work = [
    [1, 10, 3],
    [1, 2, 40],
    [1, 50, 7],
    [1, 30, 90],
    [1, 1, 1],
  ];
  const prices = [4, 0.5, 0.25];
  const fitted = nonNegativeLeastSquares(
    work,
    work.map(row => dot(row, prices)),
  );
  for (const [k, price] of prices.entries()) t.true(Math.abs(fitted[k]! - price) < 1e-9);
  const odd = nonNegativeLeastSquares(
    work,
    work.map(row => dot(row, [4, -0.01, 0.25])),
  );
  t.true(odd.every(price => price >= 0));
  t.is(odd[1], 0);
});

test('a logarithmic axis has its decades at equal distances', t => {
  const {at, ticks} = logScale([0.1, 1000], 0, 100);
  t.deepEqual(ticks, [0.1, 1, 10, 100, 1000]);
  const steps = ticks.slice(1).map((tick, k) => at(tick) - at(ticks[k]!));
  for (const step of steps) t.true(Math.abs(step - steps[0]!) < 1e-9);
});

test.serial('auto leaves an engine alone that has no prices, and the trace tells of it', async t => {
  await tf.setBackend('cpu');
  const name = 'unmeasured';
  registerEngine({
    ...opsEngine,
    name,
    estimate: (r, call) => milliseconds(name, r, call, {backends: ['cpu']}),
  });
  setEngine('auto');
  const choices: Choice[] = [];
  traceChoices(choice => choices.push(choice));
  const layer = keras2.lstm({units: 2});
  layer.apply(tf.ones([1, 3, 2]));
  traceChoices(undefined);
  layer.apply(tf.ones([1, 3, 2]));
  t.is(choices.length, 1);
  const [{engine, call, candidates}] = choices as [Choice];
  t.not(engine, name);
  t.deepEqual([call.batch, call.time, call.features], [1, 3, 2]);
  t.is(candidates.find(candidate => candidate.engine === name)?.estimate, Infinity);
});
