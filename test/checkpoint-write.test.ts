import {mkdirSync, readdirSync, rmSync} from 'node:fs';
import {basename, join} from 'node:path';
import test from 'ava';
import type {NdArray} from '../converters/arrays';
import {writeCheckpointV2} from '../converters/checkpoint/bundle-writer';
import {writeCheckpointV1} from '../converters/checkpoint/v1-writer';
import {writeCheckpointFile} from '../src/node/files/write-checkpoint';
import {readWeights} from '../src/node/load';
import {arraysOf, readAll, shown, temporary} from './checkpoint-helpers';

const SAMPLE: readonly (readonly [string, NdArray])[] = [
  [
    'b/kernel',
    {dtype: 'float32', shape: [300, 500], values: Float32Array.from({length: 150_000}, (_, k) => k / 7)},
  ],
  ['a', {dtype: 'int64', shape: [], values: BigInt64Array.of(-(2n ** 60n))}],
  ['c', {dtype: 'string', shape: [2, 2], values: ['', '\u017elu\u0165', 'x'.repeat(300), 'y']}],
  ['d', {dtype: 'bool', shape: [2], values: Uint8Array.of(1, 0)}],
  ['e', {dtype: 'float64', shape: [0, 2], values: new Float64Array(0)}],
  [
    '\u00e9t\u00e9\0',
    {dtype: 'uint16', shape: [70_000], values: Uint16Array.from({length: 70_000}, (_, k) => k)},
  ],
  ['f', {dtype: 'int8', shape: [2], values: Int8Array.of(-128, 127)}],
];

test('what is written is read again: V1, and V2 in any number of files', async t => {
  const arrays = new Map(SAMPLE);
  const written = [
    writeCheckpointV1('m', arrays),
    ...[1, 2, 9].map(shards => writeCheckpointV2('m', arrays, {shards})),
  ];
  t.deepEqual(
    written.map(({size}) => size),
    [1, 2, 3, 10],
  );
  for (const files of written)
    t.deepEqual(await readAll(Object.fromEntries(files), 'm'), Object.fromEntries(SAMPLE));
});

test('float32 values are rounded to the nearest float16 and bfloat16', async t => {
  const values = Float32Array.of(
    0.1,
    1 / 3,
    65519,
    65520,
    6e-8,
    2 ** -25,
    1.5 * 2 ** -24,
    -0,
    1 + 2 ** -11,
    2049,
  );
  const shape = [values.length];
  const files = writeCheckpointV2('m', new Map([['half', {dtype: 'float16', shape, values}]]));
  t.deepEqual(shown((await readAll(Object.fromEntries(files), 'm')).half!), [
    0.0999755859375,
    0.333251953125,
    65504,
    Number.POSITIVE_INFINITY,
    2 ** -24,
    0,
    2 ** -23,
    -0,
    1,
    2048,
  ]);
  const wide = Float32Array.of(1 + 2 ** -8, 1 + 3 * 2 ** -8, 3.4e38, Number.NaN, -2.5);
  const brain = writeCheckpointV2('m', new Map([['b', {dtype: 'bfloat16', shape: [5], values: wide}]]));
  t.deepEqual(shown((await readAll(Object.fromEntries(brain), 'm')).b!), [
    1,
    1 + 2 ** -6,
    Number.POSITIVE_INFINITY,
    Number.NaN,
    -2.5,
  ]);
});

test('what a format has no words for is refused before anything is written', t => {
  const one = (dtype: 'bfloat16' | 'float32') =>
    new Map([['x', {dtype, shape: [1], values: Float32Array.of(1)} satisfies NdArray]]);
  t.throws(() => writeCheckpointV1('m', one('bfloat16')), {
    message: /'x': a V1 checkpoint cannot hold bfloat16/,
  });
  t.throws(() => writeCheckpointV2('m', new Map([['', one('float32').get('x')!]])), {
    message: /no name for a variable/,
  });
  t.throws(() => writeCheckpointV2('m', new Map([['x', {...one('float32').get('x')!, shape: [2]}]])), {
    message: /'x': 1 values for shape \(2,\)/,
  });
});

test('files are written whole or not at all, and replace nothing unasked', async t => {
  const folder = temporary();
  const prefix = join(folder, 'model.ckpt');
  const good = new Map(SAMPLE);
  t.deepEqual(
    writeCheckpointFile(prefix, good, {shards: 2}).map(path => basename(path)),
    ['model.ckpt.data-00000-of-00002', 'model.ckpt.data-00001-of-00002', 'model.ckpt.index'],
  );
  const before = readdirSync(folder);
  t.throws(() => writeCheckpointFile(prefix, good, {shards: 2}), {message: /exists already; give --force/});
  t.throws(() => writeCheckpointFile(prefix, good, {version: 1}), {
    message: /a V2 checkpoint has this prefix/,
  });
  const bad = new Map([
    ...SAMPLE,
    ['z', {dtype: 'float32', shape: [3], values: Float32Array.of(1)} as NdArray],
  ] as const);
  t.throws(() => writeCheckpointFile(prefix, bad, {shards: 2, force: true}), {
    message: /'z': 1 values for shape/,
  });
  t.deepEqual(readdirSync(folder), before);
  const file = await readWeights(prefix);
  t.deepEqual(
    Object.fromEntries(arraysOf(file).map(array => [array.name, array.read()])),
    Object.fromEntries(SAMPLE),
  );
  mkdirSync(join(folder, 'copy'));
  writeCheckpointFile(
    join(folder, 'copy', 'model.ckpt'),
    new Map(arraysOf(file).map(array => [array.name, array])),
  );
  t.is(arraysOf(await readWeights(join(folder, 'copy'))).length, SAMPLE.length);
  file.close();
  t.throws(() => arraysOf(file)[0]!.read(), {message: /the file has been closed/});
  rmSync(folder, {recursive: true});
});
