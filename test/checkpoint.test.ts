import {cpSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {gunzipSync} from 'node:zlib';
import test from 'ava';
import type {NdArray} from '../converters/arrays';
import {crc32c, maskCrc} from '../converters/checkpoint/crc32c';
import {isCheckpoint} from '../converters/checkpoint/find';
import {openCheckpoint} from '../converters/checkpoint/open';
import {readCheckpointState, writeCheckpointState} from '../converters/checkpoint/state';
import {memoryFiles} from '../converters/files';
import {Source} from '../converters/format';
import {openAny} from '../converters/open';
import {CarryoverError} from '../src/errors';
import {diskFiles} from '../src/node/files/disk';
import {readWeights} from '../src/node/load';
import {arraysOf, byName, GOOD, inMemory, shown, temporary} from './checkpoint-helpers';

const isMeant = async (path: string) => isCheckpoint(await Source.look(diskFiles, path));

type Expected = Record<string, {dtype: string; shape: number[]; values: unknown[] | {sum: number}}>;
const expected = JSON.parse(readFileSync(`${GOOD}/expected.json`, 'utf8')) as Record<string, Expected>;

for (const [prefix, variables] of Object.entries(expected)) {
  test(`${prefix}: every variable is what TensorFlow reads`, async t => {
    const file = await readWeights(join(GOOD, prefix));
    t.deepEqual(
      arraysOf(file)
        .map(({name}) => name)
        .sort(),
      Object.keys(variables).sort(),
    );
    for (const array of arraysOf(file)) {
      const want = variables[array.name]!;
      const got = array.read();
      t.is(array.dtype, want.dtype as NdArray['dtype']);
      t.deepEqual([...got.shape], want.shape, array.name);
      if (Array.isArray(want.values)) t.deepEqual(shown(got), want.values, array.name);
      else
        t.is(
          (got.values as Float32Array).reduce((sum, value) => sum + value, 0),
          want.values.sum,
          array.name,
        );
    }
    file.close();
  });
}

test('formats are told apart, and facts say how many files there are', async t => {
  const told = async (folder: string) => {
    const {format, facts} = await readWeights(join(GOOD, folder));
    return [format, facts.shards];
  };
  t.deepEqual(await told('v1_sharded'), ['tf-checkpoint-v1', '2']);
  t.deepEqual(await told('v2_sharded'), ['tf-checkpoint-v2', '2']);
  t.deepEqual(await told('all_types_v1'), ['tf-checkpoint-v1', '1']);
  t.deepEqual(await told('object'), ['tf-checkpoint-object', '1']);
});

test('float16 and bfloat16 say so in the file and are float32 once read', async t => {
  const file = await readWeights(`${GOOD}/all_types_v2`);
  t.is(byName(file, 'types/bfloat16').dtype, 'bfloat16');
  t.is(byName(file, 'types/bfloat16').read().dtype, 'float32');
  t.is(byName(file, 'types/float16').read().dtype, 'float32');
});

for (const folder of ['blocks_v1', 'blocks_v2']) {
  test(`${folder}: any part of a variable cut along both axes can be read`, async t => {
    const grid = byName(await readWeights(join(GOOD, folder)), 'grid');
    const [tall, wide] = grid.shape as [number, number];
    t.deepEqual([tall, wide], [5, 7]);
    // -1 means: to the end.
    const sizes = [
      [1, 1],
      [-1, 2],
      [2, -1],
      [-1, -1],
    ] as const;
    for (const [rows, columns] of sizes) {
      for (let corner = 0; corner < tall * wide; corner++) {
        const [top, left] = [Math.floor(corner / wide), corner % wide];
        const height = rows === -1 ? tall - top : Math.min(rows, tall - top);
        const width = columns === -1 ? wide - left : Math.min(columns, wide - left);
        const got = grid.slice!([top, left], [rows === -1 ? -1 : height, columns === -1 ? -1 : width]);
        t.deepEqual([...got.shape], [height, width]);
        const place = (k: number): number => (top + Math.floor(k / width)) * wide + left + (k % width);
        t.deepEqual(
          [...(got.values as Float64Array)],
          Array.from({length: height * width}, (_, k) => place(k)),
        );
      }
    }
  });
}

test('parts of whole variables, of strings and of scalars are read', async t => {
  const file = await readWeights(`${GOOD}/all_types_v2`);
  t.deepEqual(shown(byName(file, 'types/int64').slice!([0, 1], [2, 1])), ['0', '3']);
  t.deepEqual(shown(byName(file, 'strings').slice!([0, 1], [-1, -1])), ['', 'x'.repeat(200)]);
  t.deepEqual(shown(byName(file, 'scalar/step').slice!([], [])), ['1234567890123']);
  t.deepEqual(shown(byName(file, 'large').slice!([39, 98], [1, 2])), [3998, 3999]);
  const error = t.throws(() => byName(file, 'large').slice!([39, 98], [2, 2]), {instanceOf: CarryoverError});
  t.regex(error.message, /'large': begin \[39, 98\] and size \[2, 2\] are not within shape \(40, 100\)/);
});

test('an object-based checkpoint names its variables by key, by program name and by path', async t => {
  const {objects} = await openCheckpoint(`${GOOD}/object/model.ckpt`, diskFiles);
  const key = 'net/cell/kernel/.ATTRIBUTES/VARIABLE_VALUE';
  t.like(objects!.find('net', 'cell', 'kernel'), {
    key,
    fullName: 'lstm/kernel',
    path: ['net', 'cell', 'kernel'],
  });
  t.is(objects!.find('net', 'alias', 'kernel')?.key, objects!.find('net', 'cell', 'kernel')?.key);
  t.is(objects!.find('net', 'layers', '0')?.fullName, 'bias');
  t.is(objects!.find('net', 'nothing'), undefined);
  t.deepEqual(
    objects!.variables.flatMap(({slot}) => (slot ? [slot] : [])),
    [{name: 'momentum', of: objects!.find('net', 'cell', 'kernel')!.key}],
  );
});

test('a folder or a state file leads to the latest checkpoint, also after both were moved', async t => {
  const step = async (path: string) => shown(byName(await readWeights(path), 'step').read());
  t.deepEqual(await step(`${GOOD}/state`), [30]);
  t.deepEqual(await step(`${GOOD}/state/checkpoint`), [30]);
  t.deepEqual(await step(`${GOOD}/state/model-2`), [20]);
  const folder = temporary();
  cpSync(`${GOOD}/state`, folder, {recursive: true});
  const state = readCheckpointState(readFileSync(join(folder, 'checkpoint'), 'utf8'), 'checkpoint');
  t.deepEqual(state, {latest: 'model-3', all: ['model-2', 'model-3']});
  writeFileSync(
    join(folder, 'checkpoint'),
    writeCheckpointState({latest: '/home/somebody/model-2', all: ['/home/somebody/model-2']}),
  );
  t.deepEqual(await step(folder), [20]);
  writeFileSync(join(folder, 'checkpoint'), 'model_checkpoint_path: "model-9"\n');
  const error = await t.throwsAsync(readWeights(folder), {instanceOf: CarryoverError});
  t.regex(error.message, /checkpoint: names 'model-9' as the latest checkpoint, which is not there/);
  rmSync(join(folder, 'checkpoint'));
  const several = await t.throwsAsync(readWeights(folder), {instanceOf: CarryoverError});
  t.regex(several.message, /several checkpoints \('model-2', 'model-3'\) and no state file/);
  rmSync(folder, {recursive: true});
});

test('paths in a state file come back as they were, whatever is in them', t => {
  const paths = {latest: 'a "b"\\c\n\u017elu\u0165', all: ['x', 'a "b"\\c\n\u017elu\u0165']};
  t.deepEqual(readCheckpointState(writeCheckpointState(paths), 'checkpoint'), paths);
});

test('any file of a checkpoint stands for it', async t => {
  for (const name of ['model.ckpt', 'model.ckpt.index', 'model.ckpt.data-00001-of-00002']) {
    t.is(arraysOf(await readWeights(join(GOOD, 'v2_sharded', name))).length, 2, name);
  }
  for (const name of ['model.ckpt', 'model.ckpt-00001-of-00002', 'model.ckpt-?????-of-00002']) {
    t.is(arraysOf(await readWeights(join(GOOD, 'v1_sharded', name))).length, 2, name);
    t.true(await isMeant(join(GOOD, 'v1_sharded', name)));
  }
  t.true(await isMeant(join(GOOD, 'state')));
  t.false(await isMeant(GOOD));
  // Meant as a checkpoint, so that its own error is given.
  t.true(await isMeant(join(GOOD, 'state', 'model-7')));
  t.true(await isMeant('fixtures/hostile/checkpoint/truncated'));
  t.false(await isMeant(join(GOOD, 'state', 'weights.h5')));
  t.false(await isMeant('nothing-here'));
  const folder = temporary();
  const cut = join(folder, 'model.ckpt');
  writeFileSync(cut, readFileSync(`${GOOD}/partitioned_v1/model.ckpt`).subarray(0, 900));
  t.true(await isMeant(cut));
  writeFileSync(cut, readFileSync('fixtures/hostile/truncated.h5'));
  t.false(await isMeant(cut));
  rmSync(folder, {recursive: true});
  t.false(await isMeant('package.json'));
});

test('a wrong prefix is told together with those that are there', async t => {
  const error = await t.throwsAsync(readWeights(`${GOOD}/state/model-7`), {
    instanceOf: CarryoverError,
  });
  t.is((error as CarryoverError).code, 'E_FILE');
  t.regex(
    error.message,
    /state\/model-7: no checkpoint with this prefix; expected .*model-7\.index .*model-2', '.*model-3'/,
  );
});

test('CRC-32C is that of RFC 3720, whole or continued', t => {
  const cases: [Uint8Array, number][] = [
    [new Uint8Array(32), 0x8a9136aa],
    [new Uint8Array(32).fill(0xff), 0x62a8ab43],
    [Uint8Array.from({length: 32}, (_, k) => k), 0x46dd794e],
    [new TextEncoder().encode('123456789'), 0xe3069283],
  ];
  for (const [bytes, sum] of cases) {
    t.is(crc32c(bytes), sum);
    t.is(crc32c(bytes.subarray(5), crc32c(bytes.subarray(0, 5))), sum);
  }
  t.is(maskCrc(0), 0xa282ead8);
});

test('a V1 checkpoint in one file goes by its own name, by its .meta and by its folder', async t => {
  const graph = gunzipSync(readFileSync('fixtures/graphs/tf0.12-rnn-gru.meta.gz'));
  const files = {...inMemory(`${GOOD}/all_types_v1`), 'model.ckpt.meta': graph};
  const set = memoryFiles(new Map(Object.entries(files).map(([name, bytes]) => [`kept/${name}`, bytes])));
  for (const name of ['kept/model.ckpt', 'kept/model.ckpt.meta', 'kept']) {
    const file = await openAny(set, name);
    t.is(file.format, 'tf-checkpoint-v1');
    t.is((await file.findGraph!())!.name, 'kept/model.ckpt.meta');
    file.close();
  }
});
