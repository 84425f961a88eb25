import {createHash} from 'node:crypto';
import {readdirSync, readFileSync} from 'node:fs';
import {basename, join} from 'node:path';
import test from 'ava';
import type {NdArray, WeightFile} from '../converters/arrays';
import {blocks} from '../converters/hdf5/blocks';
import {openKerasBytes, parsePythonJson} from '../converters/index';
import {CarryoverError} from '../src/errors';
import {readWeights} from '../src/node/load';

const HOSTILE = 'fixtures/hostile';
const ODD = 'fixtures/hostile/odd';
const GOLDEN = 'fixtures/golden';

const h5Files = (folder: string) => readdirSync(folder).filter(name => name.endsWith('.h5'));
const fromMemory = (path: string) => openKerasBytes(readFileSync(path), path);
const json = (path: string) => JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;

function rawBytes({values}: NdArray): Uint8Array {
  if (Array.isArray(values)) throw new Error('strings in a golden file');
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

function digest(file: WeightFile): {arrays: number; sha256: string} {
  const hash = createHash('sha256');
  let arrays = 0;
  for (const group of file.groups) {
    for (const array of group.arrays) {
      const read = array.read();
      hash
        .update(`${group.name}|${array.name}|${read.dtype}|${read.shape.join('x')}\n`)
        .update(rawBytes(read));
      arrays++;
    }
  }
  return {arrays, sha256: hash.digest('hex')};
}

/** As make.py shows values: 64-bit integers and what JSON has no words for as text. */
function shown({dtype, shape, values}: NdArray): unknown {
  const words = new Map([
    ['NaN', 'nan'],
    ['Infinity', 'inf'],
    ['-Infinity', '-inf'],
  ]);
  const show = (value: unknown) =>
    typeof value === 'bigint'
      ? String(value)
      : typeof value === 'number'
        ? (words.get(String(value)) ?? value)
        : value;
  return {dtype, shape: [...shape], values: Array.from<unknown>(values).map(show)};
}

test('every array of every golden HDF5 file is what h5py reads, bit for bit, from memory and from disk', async t => {
  const expected = json(`${HOSTILE}/golden-digests.json`);
  const found = readdirSync(GOLDEN, {recursive: true, encoding: 'utf8'})
    .filter(path => path.endsWith('.h5') && path.split(/[\\/]/)[0]! in families(expected))
    .map(path => path.replaceAll('\\', '/'));
  t.deepEqual(found.sort(), Object.keys(expected).sort());
  for (const path of found) {
    for (const open of [fromMemory, readWeights]) {
      const file = await open(join(GOLDEN, path));
      t.deepEqual(digest(file), expected[path] as {arrays: number; sha256: string}, path);
      t.is(file.format, basename(path) === 'model.h5' ? 'keras-h5' : 'keras-h5-weights', path);
      t.is(file.architecture !== undefined, file.format === 'keras-h5', path);
      t.is(file.facts.layout, `${/^keras-(\d)/.exec(path)![1]}.x`, path);
      file.close();
    }
  }
});

function families(digests: Record<string, unknown>): Record<string, true> {
  return Object.fromEntries(Object.keys(digests).map(path => [path.split('/')[0]!, true]));
}

for (const name of h5Files(ODD)) {
  test(`odd/${name}: every array is what h5py reads`, async t => {
    const expected = json(`${ODD}/expected.json`)[name] as Record<string, unknown>;
    for (const open of [fromMemory, readWeights]) {
      const file = await open(join(ODD, name));
      const arrays = file.groups.flatMap(group => group.arrays);
      t.deepEqual(Object.fromEntries(arrays.map(array => [array.name, shown(array.read())])), expected);
      t.deepEqual(
        arrays.map(array => array.name),
        Object.keys(expected),
      );
      file.close();
    }
  });
}

const BROKEN: Readonly<Record<string, RegExp>> = {
  'empty.h5': /an empty file/,
  'text.h5': /not an HDF5 file|no format that Carryover knows/,
  'signature-only.h5': /a damaged HDF5 file/,
  'superblock-only.h5': /truncated.*96 bytes, and its superblock says \d+/,
  'truncated.h5': /truncated.*superblock says/,
  'zeroed-after-superblock.h5': /a damaged HDF5 file \(bad object header version number\)/,
  'broken-tree.h5': /cannot be read: wrong B-tree signature/,
  'heap-endless.h5': /@layer_names: cannot be read: a damaged global heap/,
  'no-keras.h5': /not a Keras weight file.*'measurements'/,
  'no-groups.h5': /not a Keras weight file.*in it: none/,
  'objects-array-outside.h5': /\/layers\/dense\/kernel: an array that no object's 'vars' has/,
  'objects-group-in-vars.h5': /\/layers\/dense\/vars\/1: a group; expected an array/,
  'objects-soft-link.h5': /\/layers\/lstm\/vars\/0: .*a link/,
  'objects-external-link.h5': /\/layers\/lstm\/vars\/0: .*a link/,
  'objects-in-itself.h5': /objects within objects, 65 deep; at most 64 are allowed/,
  'objects-numeric-name.h5': /vars@name: int64 values; expected one string/,
  'objects-opaque.h5': /\/layers\/lstm\/vars\/0: values of an unsupported type \(opaque\)/,
  'v0-too-many-layers.h5': /nb_layers says 1000000000000, but 1 groups/,
  'v0-negative-layers.h5': /nb_layers: int64 value -1; expected a count/,
  'v0-text-layers.h5': /nb_layers: string value one; expected a count/,
  'v0-no-nb-params.h5': /\/layer_0: no attribute 'nb_params'/,
  'v0-nb-params-too-large.h5': /nb_params says 12, but 3 arrays/,
  'v0-param-missing.h5': /no dataset 'param_1'; found 'param_0', 'param_2', 'param_9'/,
  'v1-no-weight-names.h5': /no attribute 'weight_names'/,
  'v1-numeric-names.h5': /weight_names: float64 values; expected a list of names/,
  'v1-layer-without-group.h5': /names the layer 'dense_2', which has no group; found 'dense_1'/,
  'v1-array-without-dataset.h5': /names the array 'dense_1_b', which has no dataset; found 'dense_1_W'/,
  'v1-group-as-array.h5': /names the array 'dense_1_b', which has no dataset/,
  'v1-parent-path.h5': /'\.\.\/dense_1\/dense_1_W' is no name below its group/,
  'v1-absolute-path.h5': /'\/dense_1\/dense_1_W' is no name below its group/,
  'v1-parent-layer.h5': /'\.\.' is no name below its group/,
  'v1-soft-link-loop.h5': /\/dense_1\/dense_1_b: .*a link/,
  'v1-external-link.h5': /\/dense_1\/dense_1_b: .*a link/,
  'v1-virtual.h5': /a virtual dataset/,
  'v1-compound.h5': /unsupported type \(compound\)/,
  'v1-reference.h5': /unsupported type \(reference\)/,
  'v1-huge-unwritten.h5': /float32 of shape \(1048576, 1048576\) cannot be in a file of \d+ bytes/,
  'v1-huge-chunked.h5': /float64 of shape \(8589934592, 1048576\) cannot be in a file of \d+ bytes/,
  'v1-broken-gzip.h5': /\/dense_1\/dense_1_b: cannot be read: filter returned failure/,
  'config-not-json.h5': /@model_config: not JSON .*begins with "\{'class_name'/,
  'config-cut-off.h5': /@model_config: not JSON/,
  'config-numeric.h5': /@model_config: int64 values; expected one string/,
};

/** Files that are whole. */
const UNSUPPORTED = /^(objects-opaque|v1-(virtual|compound|reference))\./;

const codeOf = (name: string): string =>
  UNSUPPORTED.test(name) ? 'E_UNSUPPORTED' : name === 'objects-in-itself.h5' ? 'E_LIMIT' : 'E_FORMAT';

test('the list of broken HDF5 files is the folder', t => {
  t.deepEqual(Object.keys(BROKEN).sort(), h5Files(HOSTILE).sort());
});

for (const [name, message] of Object.entries(BROKEN)) {
  test(`${name} is refused in one line, from memory and from disk`, async t => {
    for (const open of [fromMemory, readWeights]) {
      const path = join(HOSTILE, name);
      const error = await t.throwsAsync(
        async () => {
          const file = await open(path);
          try {
            for (const group of file.groups) for (const array of group.arrays) array.read();
          } finally {
            file.close();
          }
        },
        {instanceOf: CarryoverError, code: codeOf(name), message},
      );
      t.true(error?.message.startsWith(path));
      t.false(error?.message.includes('\n'));
    }
  });
}

test('a HDF5 file cut off anywhere is refused, never read in part', async t => {
  const whole = readFileSync(join(ODD, 'nested.h5'));
  for (let length = 0; length < whole.length; length += 97) {
    await t.throwsAsync(openKerasBytes(whole.subarray(0, length)), {
      instanceOf: CarryoverError,
      code: 'E_FORMAT',
    });
  }
});

test('layers without weights keep their place among the groups', async t => {
  const file = await fromMemory(join(ODD, 'nested.h5'));
  t.deepEqual(
    file.groups.map(({name, arrays}) => [name, arrays.length]),
    [
      ['input_1', 0],
      ['dense_1', 2],
    ],
  );
  file.close();
});

test('a whole model carries its architecture, with the literals that Python adds to JSON, and facts', async t => {
  const file = await readWeights(join(ODD, 'whole-infinity.h5'));
  t.is(file.format, 'keras-h5');
  t.deepEqual(file.architecture, {
    class_name: 'Sequential',
    config: {limit: Number.POSITIVE_INFINITY, low: [Number.NEGATIVE_INFINITY], label: 'NaN'},
  });
  t.deepEqual(file.facts, {layout: '1.x', keras_version: '1.2.2', optimizer: 'Adam', loss: 'mse'});
  file.close();
});

test('reading after close is an error, closing twice is none, and other files stay open', async t => {
  const path = join(ODD, 'nested.h5');
  for (const open of [fromMemory, readWeights]) {
    const [first, second] = [await open(path), await open(path)];
    first.close();
    first.close();
    t.throws(() => first.groups[1]!.arrays[0]!.read(), {code: 'E_FILE', message: /closed/});
    t.is(second.groups[1]!.arrays[0]!.read().values.length, 6);
    second.close();
  }
});

test('what is no file on disk is an E_FILE error', async t => {
  await t.throwsAsync(readWeights(join(ODD, 'none.h5')), {
    code: 'E_FILE',
    message: /none\.h5: no such file/,
  });
  await t.throwsAsync(readWeights(ODD), {
    code: 'E_FILE',
    message: /a folder with several weight files or architectures \(.*chunked-gzip\.h5.*give one weight file/,
  });
});

test('blocks cover an array once, in row-major order, within the limit', t => {
  const shape = [3, 5, 4];
  for (const [limit, chunks] of [
    [1, null],
    [8, null],
    [40, null],
    [170, null],
    [1e6, null],
    [100, [2, 2, 2]],
  ] as const) {
    const covered: number[] = [];
    for (const {offset, count} of blocks(shape, 2, chunks, limit)) {
      if (chunks === null && limit > 1) t.true(count.reduce((product, n) => product * n, 2) <= limit);
      for (let i = 0; i < count[0]!; i++)
        for (let j = 0; j < count[1]!; j++)
          for (let k = 0; k < count[2]!; k++)
            covered.push(((offset[0]! + i) * 5 + offset[1]! + j) * 4 + offset[2]! + k);
    }
    t.deepEqual(
      covered,
      Array.from({length: 60}, (_, i) => i),
      `limit ${limit}`,
    );
  }
  t.deepEqual([...blocks([0, 4], 4, null)], []);
});

test('Python JSON: NaN and infinities are numbers outside strings only', t => {
  t.deepEqual(parsePythonJson('{"a": [NaN, -Infinity, Infinity], "NaN": "x\\" NaN #number0"}'), {
    a: [Number.NaN, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
    NaN: 'x" NaN #number0',
  });
  t.deepEqual(parsePythonJson('\ufeff{"a": 1}'), {a: 1});
  for (const text of ['', '{', "{'a': 1}", '{"a": NaNs}', '{"a" NaN}', '{"a": nan}', '{"a": "NaN', '[1,]']) {
    t.throws(() => parsePythonJson(text, 'm.json'), {code: 'E_FORMAT', message: /^m\.json: not JSON/}, text);
  }
});
