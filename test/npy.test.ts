import {readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import test from 'ava';
import type {NdArray} from '../converters/arrays';
import {
  detect,
  memoryFiles,
  openNpz,
  readNpy,
  readNpz,
  writeNpy,
  writeNpz,
  writePickle,
} from '../converters/index';
import {crc32} from '../converters/zip/crc32';
import {CarryoverError} from '../src/errors';

const HOSTILE = 'fixtures/hostile';
const ODD = 'fixtures/hostile/odd';
const expected = JSON.parse(readFileSync(`${ODD}/expected.json`, 'utf8')) as Record<
  string,
  Record<string, unknown>
>;
const named = (folder: string, ending: string) => readdirSync(folder).filter(name => name.endsWith(ending));

/** As make.py shows values: 64-bit integers and what JSON has no words for as text. */
function shown({dtype, shape, values}: NdArray): unknown {
  const words: Record<string, string> = {NaN: 'nan', Infinity: 'inf', '-Infinity': '-inf'};
  const show = (value: unknown) =>
    typeof value === 'bigint' ? String(value) : typeof value === 'number' ? (words[value] ?? value) : value;
  return {dtype, shape: [...shape], values: Array.from<unknown>(values).map(show)};
}

for (const name of named(ODD, '.npy')) {
  test(`odd/${name} is what NumPy reads, and comes back from writeNpy`, t => {
    const array = readNpy(readFileSync(join(ODD, name)), name);
    t.deepEqual(shown(array), expected[name]?.['']);
    t.deepEqual(readNpy(writeNpy(array)), array);
  });
}

for (const name of named(ODD, '.npz')) {
  test(`odd/${name} is what NumPy reads, at once and lazily`, t => {
    const bytes = readFileSync(join(ODD, name));
    const all = readNpz(bytes, name);
    t.deepEqual(Object.fromEntries([...all].map(([key, array]) => [key, shown(array)])), expected[name]);
    const lazy = openNpz(bytes, name);
    t.is(lazy.format, 'npz');
    t.deepEqual(lazy.facts, {});
    for (const {name: key, shape, read} of lazy.groups[0]!.arrays) {
      t.deepEqual(read(), all.get(key)!);
      t.deepEqual(shape, all.get(key)!.shape);
    }
    t.deepEqual(
      lazy.groups[0]!.arrays.map(array => array.name),
      [...all.keys()],
    );
    t.deepEqual(readNpz(writeNpz(all)), all);
    t.deepEqual(readNpz(writeNpz(all, {compress: true})), all);
  });
}

test('a float16 array says float16 in the file and float32 once read', t => {
  const bytes = readFileSync(join(ODD, 'savez.npz'));
  const half = openNpz(bytes).groups[0]!.arrays.find(array => array.name === 'half')!;
  t.is(half.dtype, 'float16');
  t.is(half.read().dtype, 'float32');
});

test('every golden .npy and .npz is read', t => {
  const paths = readdirSync('fixtures/golden', {recursive: true, encoding: 'utf8'});
  const arrays = paths.filter(path => path.endsWith('.npy'));
  t.true(arrays.length > 300);
  for (const path of arrays) {
    const {shape, values} = readNpy(readFileSync(join('fixtures/golden', path)), path);
    t.is(
      values.length,
      shape.reduce((product, n) => product * n, 1),
      path,
    );
  }
  for (const path of paths.filter(path => path.endsWith('.npz'))) {
    t.true(readNpz(readFileSync(join('fixtures/golden', path)), path).size > 0, path);
  }
});

const BROKEN: Readonly<Record<string, RegExp>> = {
  'empty.npy': /cut off inside the \.npy header: 0 bytes/,
  'text.npy': /not a \.npy file/,
  'magic-only.npy': /cut off inside the \.npy header: 6 bytes/,
  'version-9.npy': /version 9\.0; versions 1 to 3/,
  'header-cut-off.npy': /cut off inside the \.npy header: \d+ bytes, expected 510/,
  'header-huge.npy': /header of 4294967295 bytes/,
  'values-cut-off.npy': /cut off: 20 bytes of values, expected 24 for float32 \(2, 3\)/,
  'shape-huge.npy': /impossible shape \(1000000000, 1000000000\)/,
  'shape-negative.npy': /impossible shape \(-1, 4\)/,
  'shape-text.npy': /shape is no tuple of integers/,
  'header-call.npy': /expected a literal at 50, found "exit\(\)/,
  'header-list.npy': /expected a dict/,
  'header-unclosed.npy': /expected ',' or '}'/,
  'header-deep.npy': /at most 16 levels/,
  'no-order.npy': /fortran_order is no bool/,
  'empty-strings-huge.npy': /1000000000 strings of no length/,
  'object.npy': /an object array/,
  'fields.npy': /a structured array/,
  'complex.npy': /element type '<c8'/,
  'datetime.npy': /element type '<M8\[s\]'/,
  'text.npz': /not a zip file/,
  'cut-off.npz': /not a zip file, or cut off/,
  'object.npz': /a\.npy: an object array/,
  'crc.npz': /a\.npy: damaged: CRC-32 [0-9a-f]{8}, expected [0-9a-f]{8}/,
  'broken-deflate.npz': /a\.npy: damaged deflate stream/,
  'encrypted.npz': /a\.npy: an encrypted member/,
  'method-lzma.npz': /a\.npy: compression method 14/,
  'bomb.npz': /a\.npy: damaged zip: \d+ packed bytes cannot hold 4294967280/,
  'offset-outside.npz': /a\.npy: damaged zip: its data lie outside/,
  'directory-outside.npz': /damaged zip: a directory of 51 bytes at 2147483632/,
  'entries-too-many.npz': /damaged zip: 5000 entries in 51 bytes/,
  'same-name-twice.npz': /two members called 'a\.npy'/,
};

test('the list of broken .npy and .npz files is the folder', t => {
  t.deepEqual(Object.keys(BROKEN).sort(), [...named(HOSTILE, '.npy'), ...named(HOSTILE, '.npz')].sort());
});

/** Files that are whole. */
const UNSUPPORTED = [
  ...['version-9.npy', 'object.npy', 'fields.npy', 'complex.npy', 'datetime.npy'],
  ...['object.npz', 'encrypted.npz', 'method-lzma.npz'],
];

function codeOf(name: string): string {
  if (UNSUPPORTED.includes(name)) return 'E_UNSUPPORTED';
  return name === 'header-huge.npy' ? 'E_LIMIT' : 'E_FORMAT';
}

for (const [name, message] of Object.entries(BROKEN)) {
  test(`${name} is refused in one line`, t => {
    const bytes = readFileSync(join(HOSTILE, name));
    const refused = {instanceOf: CarryoverError, code: codeOf(name), message};
    if (name.endsWith('.npy')) {
      t.throws(() => readNpy(bytes, name), refused);
      return;
    }
    t.throws(() => readNpz(bytes, name), refused);
    t.throws(() => {
      for (const array of openNpz(bytes, name).groups[0]!.arrays) array.read();
    }, refused);
  });
}

test('a member that is no plain array is named in the facts, and the others are read', t => {
  const good = writeNpz([['W', {dtype: 'float32', shape: [1], values: new Float32Array([7])}]]);
  t.deepEqual(openNpz(good).facts, {});
  const object = readFileSync(join(HOSTILE, 'object.npz'));
  t.throws(() => openNpz(object), {message: /no array in it/});
  const both = readFileSync(join(HOSTILE, 'mixed', 'object-and-array.npz'));
  const file = openNpz(both, 'model.npz');
  t.deepEqual(
    file.groups[0]!.arrays.map(({name}) => name),
    ['W'],
  );
  t.regex(file.facts.unreadable!, /model\.npz: history\.npy: an object array/);
  t.deepEqual(
    file.unreadable!.map(({name, reason}) => [name, reason.code]),
    [['history', 'E_UNSUPPORTED']],
  );
});

test('values, shape and dtype that contradict each other are not written', t => {
  const values = new Float32Array(3);
  t.throws(() => writeNpy({dtype: 'float32', shape: [2, 2], values}), {
    code: 'E_SHAPE',
    message: /3 values.*\(2, 2\)/,
  });
  t.throws(() => writeNpy({dtype: 'int64', shape: [3], values}), {
    code: 'E_SHAPE',
    message: /no BigInt64Array/,
  });
  t.throws(() => writeNpy({dtype: 'string', shape: [3], values}), {
    code: 'E_SHAPE',
    message: /no string\[\]/,
  });
  const array = {dtype: 'float32', shape: [3], values} as const;
  t.throws(
    () =>
      writeNpz([
        ['a', array],
        ['a', array],
      ]),
    {code: 'E_USAGE', message: /'a'/},
  );
});

test('a view into a larger buffer is written and read as itself', t => {
  const large = new Float32Array([9, 1, 2, 9]);
  const bytes = writeNpy({dtype: 'float32', shape: [2], values: large.subarray(1, 3)});
  t.is(bytes.length % 64, 8);
  const shifted = new Uint8Array(bytes.length + 1);
  shifted.set(bytes, 1);
  t.deepEqual(readNpy(shifted.subarray(1)).values, new Float32Array([1, 2]));
});

test('CRC-32 is the check value of the standard', t => {
  t.is(crc32(new TextEncoder().encode('123456789')), 0xcbf43926);
});

test('formats are told by their bytes, whatever their name', async t => {
  const told = async (bytes: Uint8Array, name = 'a.bin') =>
    (await detect(memoryFiles({[name]: bytes}), name)).name;
  const text = (content: string) => new TextEncoder().encode(content);
  t.is(await told(readFileSync(`${ODD}/nested.h5`)), 'keras-h5-weights');
  t.is(await told(readFileSync(`${ODD}/user-block.h5`)), 'keras-h5-weights');
  t.is(await told(readFileSync(`${ODD}/whole-infinity.h5`)), 'keras-h5');
  t.is(await told(readFileSync(`${ODD}/float32.npy`)), 'npy');
  t.is(await told(readFileSync(`${ODD}/savez.npz`)), 'npz');
  t.is(await told(writeNpz([]), 'empty.npz'), 'npz');
  t.is(await told(text(' \n{"class_name": "Sequential"}')), 'keras-json');
  t.is(await told(text('{"carryover": 1}')), 'recipe');
  t.is(await told(text('{"layers": [{"parameters": {}}]}')), 'neupy-json');
  t.is(await told(text('{"modelTopology": {}}')), 'tfjs');
  t.is(await told(writePickle([])), 'pickle');
  t.is(await told(text('(dp0\n.'), 'a.pkl'), 'pickle');
  const member = (name: string) => {
    const bytes = new Uint8Array(30 + name.length);
    bytes.set([0x50, 0x4b, 3, 4]);
    bytes[26] = name.length;
    bytes.set(new TextEncoder().encode(name), 30);
    return bytes;
  };
  t.is(await told(member('metadata.json')), 'keras-zip');
  t.is(await told(member('word/document.xml')), 'zip');
  await t.throwsAsync(told(readFileSync(`${HOSTILE}/text.h5`), 'model.h5'), {
    code: 'E_FORMAT',
    message: /no format that Carryover knows; expected one of .*keras-h5/,
  });
  await t.throwsAsync(told(new Uint8Array(0)), {code: 'E_FORMAT', message: /an empty file/});
});

test('an array of float16 is written as such, rounded to the nearest', t => {
  const values = Float32Array.of(0.1, -2, 65519, 65520, 2 ** -25, 3 * 2 ** -25, Number.NaN, -0);
  const bytes = writeNpy({dtype: 'float16', shape: [8], values});
  t.is(bytes.length % 64, 16);
  const rounded = [0.0999755859375, -2, 65504, Number.POSITIVE_INFINITY, 0, 2 ** -23, Number.NaN, -0];
  t.deepEqual(readNpy(bytes), {dtype: 'float32', shape: [8], values: Float32Array.from(rounded)});
});
