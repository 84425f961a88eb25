import {readdirSync} from 'node:fs';
import {basename, join} from 'node:path';
import test from 'ava';
import {openCheckpoint} from '../converters/checkpoint/open';
import {memoryFiles} from '../converters/files';
import {CarryoverError} from '../src/errors';
import {readWeights} from '../src/node/load';
import {arraysOf, byName, GOOD, HOSTILE, inMemory, readAll} from './checkpoint-helpers';

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
  'v1-as-v2.index': /header: at byte 0: BundleHeaderProto\.num_shards: wire type 2, expected 0/,
  'entry-malformed.index': /'w': at byte 0: BundleEntryProto\.shape: 127 bytes, of which 1 are there/,
  'entry-wire-type.index': /'w': at byte 0: BundleEntryProto\.dtype: wire type 2, expected 0/,
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
        for (const array of arraysOf(await readWeights(join(HOSTILE, name)))) array.read();
      },
      {instanceOf: CarryoverError},
      name,
    );
    t.is((error as CarryoverError).code, name === 'newer.index' ? 'E_UNSUPPORTED' : 'E_FORMAT', name);
    t.true((error as CarryoverError).file?.startsWith(HOSTILE), name);
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
