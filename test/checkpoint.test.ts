import {cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {basename, join} from 'node:path';
import test from 'ava';
import type {NamedArray, NdArray} from '../converters/arrays';
import {writeCheckpointV2} from '../converters/checkpoint/bundle-writer';
import {crc32c, maskCrc} from '../converters/checkpoint/crc32c';
import {type Checkpoint, openCheckpoint} from '../converters/checkpoint/open';
import {memoryFiles} from '../converters/checkpoint/source';
import {readCheckpointState, writeCheckpointState} from '../converters/checkpoint/state';
import {writeCheckpointV1} from '../converters/checkpoint/v1-writer';
import {CarryoverError} from '../src/errors';
import {isCheckpointPath, openCheckpointFile} from '../src/node/files/checkpoint';
import {writeCheckpointFile} from '../src/node/files/write-checkpoint';

const GOOD = 'fixtures/checkpoints';
const HOSTILE = 'fixtures/hostile/checkpoint';

type Expected = Record<string, {dtype: string; shape: number[]; values: unknown[] | {sum: number}}>;
const expected = JSON.parse(readFileSync(`${GOOD}/expected.json`, 'utf8')) as Record<string, Expected>;

const arraysOf = (file: Checkpoint) => file.groups[0]!.arrays;
const byName = (file: Checkpoint, name: string): NamedArray => arraysOf(file).find(a => a.name === name)!;

/** As make.py shows values. */
function shown({values}: NdArray): unknown[] {
  return Array.from<unknown>(values).map(value => (typeof value === 'bigint' ? String(value) : value));
}

/** All files of a folder in memory, by their names alone. */
function inMemory(folder: string): Record<string, Uint8Array> {
  return Object.fromEntries(readdirSync(folder).map(name => [name, readFileSync(join(folder, name))]));
}

async function readAll(
  files: Record<string, Uint8Array>,
  prefix = 'model.ckpt',
): Promise<Record<string, NdArray>> {
  const file = await openCheckpoint(prefix, memoryFiles(files));
  return Object.fromEntries(arraysOf(file).map(array => [array.name, array.read()]));
}

function temporary(): string {
  return mkdtempSync(join(tmpdir(), 'carryover-checkpoint-'));
}

for (const [prefix, variables] of Object.entries(expected)) {
  test(`${prefix}: every variable is what TensorFlow reads`, async t => {
    const file = await openCheckpointFile(join(GOOD, prefix));
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
    const {format, facts} = await openCheckpointFile(join(GOOD, folder));
    return [format, facts.shards];
  };
  t.deepEqual(await told('v1_sharded'), ['tf-checkpoint-v1', '2']);
  t.deepEqual(await told('v2_sharded'), ['tf-checkpoint-v2', '2']);
  t.deepEqual(await told('all_types_v1'), ['tf-checkpoint-v1', '1']);
  t.deepEqual(await told('object'), ['tf-checkpoint-object', '1']);
});

test('float16 and bfloat16 say so in the file and are float32 once read', async t => {
  const file = await openCheckpointFile(`${GOOD}/all_types_v2`);
  t.is(byName(file, 'types/bfloat16').dtype, 'bfloat16');
  t.is(byName(file, 'types/bfloat16').read().dtype, 'float32');
  t.is(byName(file, 'types/float16').read().dtype, 'float32');
});

for (const folder of ['blocks_v1', 'blocks_v2']) {
  test(`${folder}: any part of a variable cut along both axes can be read`, async t => {
    const grid = byName(await openCheckpointFile(join(GOOD, folder)), 'grid');
    for (let top = 0; top < 5; top++) {
      for (let left = 0; left < 7; left++) {
        for (const [rows, columns] of [
          [1, 1],
          [-1, 2],
          [2, -1],
          [-1, -1],
        ] as const) {
          const height = rows === -1 ? 5 - top : Math.min(rows, 5 - top);
          const width = columns === -1 ? 7 - left : Math.min(columns, 7 - left);
          const got = grid.slice!([top, left], [rows === -1 ? -1 : height, columns === -1 ? -1 : width]);
          t.deepEqual([...got.shape], [height, width]);
          t.deepEqual(
            Array.from(got.values as Float64Array),
            Array.from(
              {length: height * width},
              (_, k) => (top + Math.floor(k / width)) * 7 + left + (k % width),
            ),
          );
        }
      }
    }
  });
}

test('parts of whole variables, of strings and of scalars are read', async t => {
  const file = await openCheckpointFile(`${GOOD}/all_types_v2`);
  t.deepEqual(shown(byName(file, 'types/int64').slice!([0, 1], [2, 1])), ['0', '3']);
  t.deepEqual(shown(byName(file, 'strings').slice!([0, 1], [-1, -1])), ['', 'x'.repeat(200)]);
  t.deepEqual(shown(byName(file, 'scalar/step').slice!([], [])), ['1234567890123']);
  t.deepEqual(shown(byName(file, 'large').slice!([39, 98], [1, 2])), [3998, 3999]);
  const error = t.throws(() => byName(file, 'large').slice!([39, 98], [2, 2]), {instanceOf: CarryoverError});
  t.regex(error.message, /'large': begin \[39, 98\] and size \[2, 2\] are not within shape \(40, 100\)/);
});

test('an object-based checkpoint names its variables by key, by program name and by path', async t => {
  const {objects} = await openCheckpointFile(`${GOOD}/object/model.ckpt`);
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
  const step = async (path: string) => shown(byName(await openCheckpointFile(path), 'step').read());
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
  const error = await t.throwsAsync(openCheckpointFile(folder), {instanceOf: CarryoverError});
  t.regex(error.message, /checkpoint: names 'model-9' as the latest checkpoint, which is not there/);
  rmSync(join(folder, 'checkpoint'));
  const several = await t.throwsAsync(openCheckpointFile(folder), {instanceOf: CarryoverError});
  t.regex(several.message, /several checkpoints \('model-2', 'model-3'\) and no state file/);
  rmSync(folder, {recursive: true});
});

test('paths in a state file come back as they were, whatever is in them', t => {
  const paths = {latest: 'a "b"\\c\n\u017elu\u0165', all: ['x', 'a "b"\\c\n\u017elu\u0165']};
  t.deepEqual(readCheckpointState(writeCheckpointState(paths), 'checkpoint'), paths);
});

test('any file of a checkpoint stands for it', async t => {
  for (const name of ['model.ckpt', 'model.ckpt.index', 'model.ckpt.data-00001-of-00002']) {
    t.is(arraysOf(await openCheckpointFile(join(GOOD, 'v2_sharded', name))).length, 2, name);
  }
  for (const name of ['model.ckpt', 'model.ckpt-00001-of-00002', 'model.ckpt-?????-of-00002']) {
    t.is(arraysOf(await openCheckpointFile(join(GOOD, 'v1_sharded', name))).length, 2, name);
    t.true(isCheckpointPath(join(GOOD, 'v1_sharded', name)));
  }
  t.true(isCheckpointPath(join(GOOD, 'state')));
  t.false(isCheckpointPath(GOOD));
  t.false(isCheckpointPath('package.json'));
});

test('a wrong prefix is told together with those that are there', async t => {
  const error = await t.throwsAsync(openCheckpointFile(`${GOOD}/state/model-7`), {
    instanceOf: CarryoverError,
  });
  t.is((error as CarryoverError).code, 'E_FILE');
  t.regex(
    error.message,
    /state\/model-7: no checkpoint with this prefix; expected .*model-7\.index .*model-2', '.*model-3'/,
  );
});

test('a missing data file is a fact, and an error of the variables in it alone', async t => {
  const files = inMemory(`${GOOD}/v2_sharded`);
  delete files['model.ckpt.data-00001-of-00002'];
  const file = await openCheckpoint('model.ckpt', memoryFiles(files));
  t.is(file.facts.missing, 'model.ckpt.data-00001-of-00002');
  const errors = arraysOf(file).flatMap(array => {
    try {
      array.read();
      return [];
    } catch (error) {
      return [(error as Error).message];
    }
  });
  t.true(errors.length > 0 && errors.length < arraysOf(file).length);
  t.regex(
    errors[0]!,
    /^model\.ckpt\.data-00001-of-00002: '.+': there is no such file; put all 2 data files beside/,
  );
});

test('a missing V1 shard and a missing index are named', async t => {
  const v1 = inMemory(`${GOOD}/v1_sharded`);
  delete v1['model.ckpt-00001-of-00002'];
  await t.throwsAsync(openCheckpoint('model.ckpt', memoryFiles(v1)), {
    instanceOf: CarryoverError,
    message: /^model\.ckpt-00001-of-00002: no such file; the checkpoint has 2 shards/,
  });
  const v2 = inMemory(`${GOOD}/v2_sharded`);
  delete v2['model.ckpt.index'];
  await t.throwsAsync(openCheckpoint('model.ckpt', memoryFiles(v2)), {
    instanceOf: CarryoverError,
    message: /^model\.ckpt\.index: no such file, although model\.ckpt\.data-0000\d-of-00002 is there/,
  });
});

const BROKEN: Readonly<Record<string, RegExp>> = {
  'empty.index': /0 bytes; a TensorFlow checkpoint table has at least 48/,
  'text.index': /does not end as a TensorFlow checkpoint table does/,
  'truncated.index': /does not end as a TensorFlow checkpoint table does/,
  'beheaded.index': /metaindex block: damaged: CRC-32C/,
  'handle-outside.index': /metaindex block: 14 bytes at 1099511627776 are not within the file's 48/,
  'snappy-bomb.index': /block 1 of 1: damaged snappy data: 25 packed bytes cannot hold 4294967295/,
  'snappy-garbage.index': /damaged snappy data: a literal of 242 bytes, 2 left/,
  'snappy-copy.index': /damaged snappy data: a copy from 5 bytes back at byte 0/,
  'compression-2.index': /compression 2; expected 0 \(none\) or 1 \(snappy\)/,
  'restarts.index': /2147483648 restarts in 4 bytes/,
  'entry-outside.index': /entry 1 \(0 shared, 1 own key bytes, value of 1099511627776\) does not fit/,
  'shared-outside.index': /entry 1 \(9 shared, .*\) does not fit/,
  'keys-out-of-order.index': /keys are out of order/,
  'no-header.index': /no header as its first entry/,
  'newer.index': /format version 9, for readers of version 9 on/,
  'shards-huge.index': /2000000000 data files; expected 1 to 99999/,
  'v1-as-v2.index': /header: field 1 has wire type 2, expected 0/,
  'entry-malformed.index': /'w': malformed message/,
  'entry-wire-type.index': /'w': field 1 has wire type 2, expected 0/,
  'shape-huge.index': /'w': an impossible shape \(1000000000, 1000000000, 1000000000\)/,
  'shape-negative.index': /'w': a shape that is not fully known/,
  'size-mismatch.index': /'w': 16 bytes in the index; float32 \(3,\) takes 12/,
  'size-outside.index': /'w': 4398046511104 bytes at 0 are not within the file's 16/,
  'offset-outside.index': /'w': 16 bytes at 1125899906842624 are not within the file's 16/,
  'offset-negative.index': /'w': 16 bytes at -8 are not within/,
  'shard-outside.index': /'w': in data file 7 of 1/,
  'strings-huge.index': /'w': 8 bytes cannot hold 1000000000000 strings/,
  'strings-length.index': /'w': the length of string 1 of 2 is damaged/,
  'slice-unlisted.index': /'w': slices are missing: the 1 in the checkpoint hold 2 of the 4 values/,
  'slice-missing.index': /'w': its slice \[2:4, 0:1\] is missing from the index/,
  'slice-twice.index': /'w': slices \[0:2, 0:1\] .* overlap/,
  'slice-outside.index': /'w': a slice of it does not fit into its shape/,
  'slice-other-shape.index': /'w': its slice \[2:4, 0:1\] is stored with another type or shape/,
  'slices-huge.index': /'w': its slice \[0:1000000000, 0:60\] is missing/,
  'graph-edge.index': /'_CHECKPOINTABLE_OBJECT_GRAPH': an edge to object 9 of 1/,
  'v1-data-missing': /'w': is listed, but its data is missing/,
  'v1-too-few': /'w': 4 bytes of values, expected 8 for 2 of float32/,
  'v1-other-name': /'w': its record holds 'v'/,
  'v1-slice-missing': /'w': slices are missing: the 1 in the checkpoint hold 1 of the 2 values/,
  'v1-no-slices': /'w': no slice of it is listed/,
  'v1-huge': /'w': 1000000000000 values in a file of \d+ bytes/,
  'v1-no-list': /its first entry is no list of tensors/,
};

test('every hostile file has its own error, which names the file', async t => {
  const files = readdirSync(HOSTILE).filter(name => !/\.(py|md|data-.*)$/.test(name));
  t.deepEqual(files.sort(), Object.keys(BROKEN).sort());
  for (const name of files) {
    const error = await t.throwsAsync(
      async () => {
        for (const array of arraysOf(await openCheckpointFile(join(HOSTILE, name)))) array.read();
      },
      {instanceOf: CarryoverError},
      name,
    );
    t.is((error as CarryoverError).code, 'E_FORMAT', name);
    t.regex(error.message, BROKEN[name]!, name);
    t.true(error.message.includes(basename(name, '.index')), name);
    t.false(error.message.includes('\n'), name);
  }
});

for (const folder of ['partitioned_v1', 'partitioned_v2', 'v1_sharded', 'snappy', 'object']) {
  test(`${folder}: a changed byte anywhere is an error, or changes nothing`, async t => {
    const files = inMemory(join(GOOD, folder));
    const whole = await readAll(files);
    let caught = 0;
    let harmless = 0;
    for (const [name, bytes] of Object.entries(files)) {
      // All of a data file is under one kind of sum: a prime step samples it.
      const step = bytes.length > 4000 ? 37 : 1;
      for (let at = 0; at < bytes.length; at += step) {
        const changed = new Uint8Array(bytes);
        changed[at]! ^= 1 << (at % 8);
        try {
          t.deepEqual(await readAll({...files, [name]: changed}), whole, `${name} at ${at}`);
          harmless++;
        } catch (error) {
          if (!(error instanceof CarryoverError)) throw error;
          t.true(error.message.startsWith('model.ckpt'), error.message);
          caught++;
        }
      }
    }
    // Padding in the footers, and nothing else, may be changed.
    t.true(harmless <= 40 * Object.keys(files).length, `${harmless} harmless`);
    t.true(caught > harmless);
  });
}

test('a table that is cut off anywhere is an error', async t => {
  for (const [folder, name] of [
    ['partitioned_v2', 'model.ckpt.index'],
    ['partitioned_v1', 'model.ckpt'],
    ['v2_sharded', 'model.ckpt.data-00000-of-00002'],
  ] as const) {
    const files = inMemory(join(GOOD, folder));
    for (let length = 0; length < files[name]!.length; length++) {
      await t.throwsAsync(readAll({...files, [name]: files[name]!.subarray(0, length)}), {
        instanceOf: CarryoverError,
      });
    }
  }
});

test('a damaged variable is an error when it is read, also in part, and no other is touched by it', async t => {
  const files = inMemory(`${GOOD}/all_types_v2`);
  const data = new Uint8Array(files['model.ckpt.data-00000-of-00001']!);
  // 'empty' and then 'large' come first, by name.
  data[9000]! ^= 1;
  const file = await openCheckpoint(
    'model.ckpt',
    memoryFiles({...files, 'model.ckpt.data-00000-of-00001': data}),
  );
  const damaged = {
    instanceOf: CarryoverError,
    message: /^model\.ckpt\.data-00000-of-00001: 'large': damaged: CRC-32C/,
  };
  t.throws(() => byName(file, 'large').read(), damaged);
  t.throws(() => byName(file, 'large').slice!([0, 0], [1, 1]), damaged);
  for (const array of arraysOf(file)) if (array.name !== 'large') t.notThrows(() => array.read());
});

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
  const file = await openCheckpointFile(prefix);
  t.deepEqual(
    Object.fromEntries(arraysOf(file).map(array => [array.name, array.read()])),
    Object.fromEntries(SAMPLE),
  );
  mkdirSync(join(folder, 'copy'));
  writeCheckpointFile(
    join(folder, 'copy', 'model.ckpt'),
    new Map(arraysOf(file).map(array => [array.name, array])),
  );
  t.is(arraysOf(await openCheckpointFile(join(folder, 'copy'))).length, SAMPLE.length);
  file.close();
  t.throws(() => arraysOf(file)[0]!.read(), {message: /the checkpoint has been closed/});
  rmSync(folder, {recursive: true});
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
