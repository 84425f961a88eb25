import test from 'ava';
import {canShardUnits} from '../src/engines/wasm/compile/shardable';
import {batchShards, unitShards} from '../src/engines/wasm/run/shards';
import {differentiate} from '../src/recurrence/differentiate';
import {recordStep} from '../src/recurrence/step';
import {type CellKind, GATES, type Recurrence} from '../src/recurrence/types';

/** What the wasm engine may split among threads, and how. What shards compute is held against `ops` in engines.test.ts. */

const recurrence = (cell: CellKind, more: Partial<Recurrence> = {}): Recurrence => ({
  cell,
  units: 6,
  activations: Object.fromEntries([...GATES[cell], 'h'].map(gate => [gate, {kind: 'tanh'}])),
  mask: 'holdRepeat',
  direction: 'forward',
  outputOrder: 'processed',
  bias: true,
  input: 'features',
  ...more,
});
const step = (r: Recurrence) => recordStep(r, {masked: true, zeroInitial: false});
const shardable = (r: Recurrence): boolean => canShardUnits(r, step(r).nodes);

test('every cell can be split by units, masked, with peepholes, dropout or a diagonal recurrent kernel', t => {
  for (const cell of Object.keys(GATES) as CellKind[]) {
    for (const mask of ['holdRepeat', 'holdZero', 'holdState', 'forget'] as const)
      t.true(shardable(recurrence(cell, {mask})), `${cell} ${mask}`);
    t.true(shardable(recurrence(cell, {recurrentDropout: 'perGate'})), cell);
    t.true(shardable(recurrence(cell, {recurrent: 'diagonal'})), cell);
  }
  const peepholes = {i: {rule: 'add', reads: 'previous'}, o: {rule: 'add', reads: 'new'}} as const;
  t.true(shardable(recurrence('lstm', {peepholes, cellClip: 1, bptt: {clip: 1}})));
});

test('what mixes units elsewhere than in h·U is not split by them', t => {
  t.false(shardable(recurrence('lstm', {layerNorm: {epsilon: 1e-3}})));
  for (const cell of ['lstm', 'nas'] as const) {
    t.false(shardable(recurrence(cell, {projection: 4})));
    // Not even where a projection has as many outputs as there are units.
    t.false(shardable(recurrence(cell, {projection: 6})));
  }
  // The way back multiplies by the transpose, whose columns are not units.
  const r = recurrence('lstm');
  t.false(canShardUnits(r, differentiate(step(r)).nodes));
});

test('unit shards are whole vectors, and all of the units', t => {
  for (const [units, shards, lanes] of [
    [24, 3, 4],
    [13, 3, 4],
    [7, 2, 4],
    [5, 5, 1],
  ] as const) {
    const list = unitShards(units, shards, lanes, false);
    t.is(list.length, shards);
    let next = 0;
    for (const {first, count} of list) {
      t.is(first, next);
      t.true(first % lanes === 0 && count > 0);
      next += count;
    }
    t.is(next, units);
  }
});

test('batch shards are all rows of the batch, as many in each, give or take one', t => {
  for (const [batch, shards] of [
    [7, 3],
    [8, 8],
    [1, 1],
    [100, 7],
  ] as const) {
    const list = batchShards(batch, shards);
    t.is(
      list.reduce((sum, {rows}) => sum + rows, 0),
      batch,
    );
    t.true(list.every(({first}, k) => first === list.slice(0, k).reduce((sum, {rows}) => sum + rows, 0)));
    t.true(list.every(({rows}) => Math.abs(rows - batch / shards) < 1));
  }
});
