import {readFileSync} from 'node:fs';
import test from 'ava';
import {strToU8, type Zippable, zipSync} from 'fflate';
import {LIMITS} from '../converters/limits';
import {openZip} from '../converters/zip/read';
import {CarryoverError} from '../src/errors';
import {detect, inspect, openModel, readWeights} from '../src/index';
import {useBackend} from '../src/node/backend';

// `.keras` as a zip and as a folder, weights in several files: what is in them, and what may be wrong with them.

const NESTED = 'fixtures/golden/tf.keras-2.13/nested_models';
const TRAINED = 'fixtures/golden/tf.keras-2.12/lstm_trained';

await useBackend('cpu');

const model = new Uint8Array(readFileSync(`${NESTED}/model.keras`));
const members = new Map(openZip(model).map(({name, read}) => [name, read()]));
const WEIGHTS = members.get('model.weights.h5')!;
const NAMES = ['metadata.json', 'config.json', 'model.weights.h5'];

/** The members of the model's file, some of them changed; undefined leaves one out. */
function changed(changes: Readonly<Record<string, Uint8Array | undefined>> = {}): Map<string, Uint8Array> {
  const all = new Map<string, Uint8Array | undefined>([...members, ...Object.entries(changes)]);
  return new Map([...all].filter((entry): entry is [string, Uint8Array] => entry[1] !== undefined));
}

const zipped = (files: Map<string, Uint8Array>, level: 0 | 6 = 0): File => {
  const zip = zipSync(Object.fromEntries(files) as Zippable, {level});
  return new File([zip as Uint8Array<ArrayBuffer>], 'model.keras');
};

/** Every array of a file, by name. */
async function arrays(source: Parameters<typeof readWeights>[0]): Promise<unknown> {
  const file = await readWeights(source);
  const found = file.groups.flatMap(group => group.arrays.map(array => [array.name, array.read()]));
  file.close();
  return Object.fromEntries(found);
}

test('a .keras holds an architecture and arrays by their places', async t => {
  const file = await readWeights(new File([model], 'model.keras'));
  t.is(file.format, 'keras-zip');
  t.is(file.facts.keras_version, '2.13.1');
  t.regex(file.facts.date_saved!, /^20\d\d-/);
  t.is(file.facts.library, 'keras2');
  t.like(file.architecture, {class_name: 'Functional', module: 'keras.src.engine.functional'});
  const cell = file.groups.find(({name}) =>
    name.endsWith('sequential/_layer_checkpoint_dependencies/lstm/cell'),
  )!;
  t.deepEqual(
    cell.arrays.map(({name}) => name.split('/').slice(-2)),
    [0, 1, 2].map(k => ['vars', String(k)]),
  );
  t.deepEqual(cell.owner?.path.slice(0, 2), ['_layer_checkpoint_dependencies', 'sequential']);
  file.close();
});

test('members may be stored or deflated, in any order, and be files of a folder', async t => {
  const expected = await arrays(new File([model], 'model.keras'));
  t.deepEqual(await arrays(zipped(changed(), 0)), expected);
  t.deepEqual(await arrays(zipped(changed(), 6)), expected);
  t.deepEqual(await arrays(zipped(new Map([...changed()].reverse()), 6)), expected);
  t.deepEqual(await arrays(changed()), expected);
  const folder = new Map([...changed()].map(([name, bytes]) => [`saved/model/${name}`, bytes]));
  t.deepEqual(await arrays(folder), expected);
  t.like(await detect(folder), {format: 'keras-dir', library: 'keras2', version: '2.13.1'});
  t.like(await detect(zipped(changed())), {format: 'keras-zip', library: 'keras2', version: '2.13.1'});
});

test('a .keras is loaded from bytes in memory, as a zip and as a folder', async t => {
  for (const source of [zipped(changed(), 6), changed()]) {
    const opened = await openModel(source);
    t.is(opened.model.layers.length > 0, true);
    opened.model.dispose();
  }
});

test('a file that is called .keras and is HDF5 is told by its first bytes', async t => {
  const inside = new File([WEIGHTS as Uint8Array<ArrayBuffer>], 'model.keras');
  t.like(await detect(inside), {format: 'keras-h5-weights'});
});

test('the metadata may be missing: they tell the release and nothing else', async t => {
  const file = await readWeights(zipped(changed({'metadata.json': undefined})));
  t.is(file.facts.keras_version, undefined);
  t.is(file.facts.library, 'keras2');
  file.close();
});

const DAMAGED: readonly (readonly [
  string,
  Readonly<Record<string, Uint8Array | undefined>>,
  string,
  RegExp,
])[] = [
  [
    'no config',
    {'config.json': undefined},
    'E_FORMAT',
    /no 'config.json', which has the architecture; found/,
  ],
  ['no weights', {'model.weights.h5': undefined}, 'E_FORMAT', /no 'model.weights.h5', which has the weights/],
  [
    'weights that are no HDF5',
    {'model.weights.h5': undefined, 'model.weights.npz': Uint8Array.of(1)},
    'E_UNSUPPORTED',
    /the weights are in 'model.weights.npz', which is not read/,
  ],
  [
    'a config that is no JSON',
    {'config.json': strToU8('{"class_name": ')},
    'E_FORMAT',
    /config.json: not JSON/,
  ],
  ['metadata that are no JSON', {'metadata.json': strToU8("{'a'}")}, 'E_FORMAT', /metadata.json: not JSON/],
  [
    'an empty weight file',
    {'model.weights.h5': new Uint8Array(0)},
    'E_FORMAT',
    /an empty file; expected HDF5/,
  ],
  [
    'weights cut off',
    {'model.weights.h5': WEIGHTS.subarray(0, 9000)},
    'E_FORMAT',
    /model.weights.h5: a truncated HDF5 file/,
  ],
];

for (const [what, changes, code, message] of DAMAGED) {
  test(`a .keras with ${what} is refused in one line`, async t => {
    const named = new Map([...changed(changes)].map(([name, bytes]) => [name, bytes]));
    const error = await t.throwsAsync(readWeights(zipped(named)), {
      instanceOf: CarryoverError,
      code,
      message,
    });
    t.false(error?.message.includes('\n'));
    t.true(error?.message.startsWith('model.keras'));
  });
}

test('a .keras cut off or damaged anywhere is refused, never read in part', async t => {
  for (let length = 30; length < model.length; length += 997) {
    await t.throwsAsync(readWeights(new File([model.subarray(0, length)], 'model.keras')), {
      instanceOf: CarryoverError,
      code: 'E_FORMAT',
    });
  }
  const flipped = model.slice();
  flipped[flipped.length >> 1]! ^= 1;
  await t.throwsAsync(readWeights(new File([flipped], 'model.keras')), {
    code: 'E_FORMAT',
    message: /damaged: CRC-32/,
  });
});

test('a member that unpacks to far more than the file is refused before it is unpacked', async t => {
  const bomb = zipped(changed({'config.json': new Uint8Array(2 ** 22)}), 6);
  const error = {code: 'E_LIMIT', message: /4194304 bytes once unpacked.*raise the limit kerasUnpackedBytes/};
  await t.throwsAsync(readWeights(bomb, {limits: {kerasUnpackedBytes: 2 ** 20}}), error);
  t.true(LIMITS.kerasUnpackedBytes < 2 ** 30);
});

test('members whose names try to leave the file are never looked at', async t => {
  const file = await readWeights(
    zipped(changed({'../config.json': strToU8('{}'), 'assets/../../x': strToU8('x')})),
  );
  t.like(file.architecture, {class_name: 'Functional'});
  file.close();
});

const part = (name: string): Uint8Array => new Uint8Array(readFileSync(`${TRAINED}/${name}`));
const index = (map: unknown): Uint8Array =>
  strToU8(JSON.stringify({metadata: {total_size: 1}, weight_map: map}));

test('weights in several files are read by the JSON that names them', async t => {
  const weights = part('model.weights.h5');
  const dense = '/_layer_checkpoint_dependencies/dense/vars';
  const map = {[dense]: 'm_00000.weights.h5', '/optimizer/vars': 'm_00009.weights.h5'};
  const files = new Map([
    ['m.weights.json', index(map)],
    ['m_00000.weights.h5', weights],
  ]);
  const architecture = JSON.parse(readFileSync(`${TRAINED}/architecture.json`, 'utf8'));
  const opened = await openModel(files, {weights: 'm.weights.json', architecture});
  t.is(opened.format, 'keras-h5-weights');
  opened.model.dispose();
});

const SHARDS: readonly (readonly [string, unknown, string, RegExp])[] = [
  ['leaves its folder', {'/vars': '../m_00000.weights.h5'}, 'E_FORMAT', /gives \/vars to "..\/m_0/],
  ['is no name', {'/vars': [3]}, 'E_FORMAT', /gives \/vars to 3; expected the name of an .h5 file/],
  ['is missing', {'/vars': 'm_00001.weights.h5'}, 'E_FILE', /its part 'm_00001.weights.h5' is not beside it/],
  [
    'lacks arrays',
    {'/layers/gru/vars': 'm_0.h5'},
    'E_FORMAT',
    /'m_0.h5' has arrays of \/layers\/gru\/vars; found none/,
  ],
  ['is named by no object', [], 'E_FORMAT', /weight_map is no object/],
];

for (const [what, map, code, message] of SHARDS) {
  test(`a part of the weights that ${what} is told`, async t => {
    const files = new Map([
      ['m.weights.json', index(map)],
      ['m_0.h5', part('model.weights.h5')],
    ]);
    const architecture = JSON.parse(readFileSync(`${TRAINED}/architecture.json`, 'utf8'));
    await t.throwsAsync(openModel(files, {weights: 'm.weights.json', architecture}), {
      instanceOf: CarryoverError,
      code,
      message,
    });
  });
}

test('weights without an architecture are described by their objects', async t => {
  const description = await inspect(
    new File([part('model.weights.h5') as Uint8Array<ArrayBuffer>], 'm.weights.h5'),
  );
  t.like(description, {format: 'keras-h5-weights', library: 'keras2', problems: []});
  const lstm = description.layers.find(({name}) => name === '_layer_checkpoint_dependencies/lstm_2/cell')!;
  t.deepEqual(
    lstm.arrays.map(({shape}) => shape),
    [[4, 20], [5, 20], [20]],
  );
  t.false(description.layers.some(({name}) => /optimizer|metrics/.test(name)));
});

test('a whole model is described with the names of its arrays', async t => {
  const {layers, problems, facts} = await inspect(zipped(changed()));
  t.deepEqual(problems, []);
  t.is(facts.keras_version, '2.13.1');
  const names = layers.flatMap(({arrays}) => arrays.map(({name}) => name));
  t.true(names.length > 10);
  t.true(names.every(name => name?.startsWith('_layer_checkpoint_dependencies/')));
  t.deepEqual(NAMES, [...members.keys()]);
});
