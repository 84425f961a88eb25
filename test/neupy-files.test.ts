import {readdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import test from 'ava';
import type {NdArray, WeightFile} from '../converters/arrays';
import {
  type NeupyFile,
  type NeupyNetwork,
  openKerasBytes,
  openNeupyJson,
  openNeupyPickle,
  openPickle,
  readPickle,
  writeNeupyHdf5,
  writeNeupyJson,
  writeNeupyPickle,
  writePickle,
} from '../converters/index';
import {readWeights} from '../src/node/load';
import {inFolder, pythonLibrary} from './support/python-library';

const GOLDEN = 'fixtures/golden/neupy-0.8.2';
const cases = readdirSync(GOLDEN);

interface Golden {
  readonly sources: readonly {format: string; path: string; architecture: string}[];
}

function arraysOf(file: WeightFile): Map<string, NdArray> {
  const arrays = file.groups.flatMap(group => group.arrays.map(one => [one.name, one.read()] as const));
  return new Map([...arrays].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The layers as every storage has them: functions and initializers are text, with or without addresses. */
function layersOf(file: WeightFile): unknown {
  const {neupy} = file.architecture as {neupy: {graph: unknown; layers: Record<string, unknown>[]}};
  const text = (value: unknown) =>
    typeof value === 'string' ? value.replace(/ at 0x\w+>|\(.*\)$/g, '>') : value;
  return {
    graph: neupy.graph,
    layers: neupy.layers.map(({class_name, name, configs}) => ({
      class_name,
      name,
      configs: Object.entries(configs as object).map(([key, value]) => [
        key,
        typeof value === 'string' ? (text(value) as string).replace(/>+$/, '') : value,
      ]),
    })),
  };
}

test('every storage of a golden network holds the same layers and arrays, under the names of the recipe', async t => {
  let sources = 0;
  for (const name of cases) {
    const folder = join(GOLDEN, name);
    const golden = JSON.parse(readFileSync(join(folder, 'golden.json'), 'utf8')) as Golden;
    let first: {arrays: Map<string, NdArray>; layers: unknown} | undefined;
    for (const {format, path} of golden.sources) {
      const file = await readWeights(join(folder, path));
      t.is(file.format, format, `${name}/${path}`);
      t.is(file.facts.library, 'neupy');
      t.is(file.facts.version, '0.8.2');
      const arrays = arraysOf(file);
      const layers = layersOf(file);
      first ??= {arrays, layers};
      t.deepEqual(arrays, first.arrays, `${name}/${path}`);
      t.deepEqual(layers, first.layers, `${name}/${path}`);
      file.close();
      sources++;
    }
    const recipe = JSON.parse(readFileSync(join(folder, 'recipe.json'), 'utf8')) as {
      layers: {variables?: Record<string, string>}[];
    };
    const used = recipe.layers.flatMap(({variables = {}}) => Object.values(variables));
    t.deepEqual(used.sort(), [...first!.arrays.keys()]);
  }
  t.is(sources, 37);
});

async function peepholes(): Promise<NeupyFile> {
  return openNeupyPickle(readFileSync(join(GOLDEN, 'lstm_peepholes/net.pickle')));
}

/** Each storage as this library writes it, opened again. */
async function storages(network: NeupyNetwork): Promise<Map<string, WeightFile>> {
  return new Map<string, WeightFile>([
    ['pickle 2', openPickle(writeNeupyPickle(network))],
    ['pickle 4', openPickle(writeNeupyPickle(network, {protocol: 4}))],
    ['json', openNeupyJson(writeNeupyJson(network))],
    ['hdf5', await openKerasBytes(await writeNeupyHdf5(network))],
  ]);
}

test('a network comes back from every storage as it was written', async t => {
  const file = await peepholes();
  for (const [storage, again] of await storages(file.network)) {
    t.deepEqual(arraysOf(again), arraysOf(file), storage);
    t.deepEqual(layersOf(again), layersOf(file), storage);
    t.deepEqual(again.facts, file.facts, storage);
    const {network} = again as NeupyFile;
    const trainable = network.layers.flatMap(({parameters}) =>
      [...parameters].map(([key, parameter]) => [key, parameter.trainable]),
    );
    t.is(trainable.length, 8);
    t.deepEqual(
      trainable.filter(([, value]) => !value).map(([key]) => key),
      ['cell_init', 'hidden_init'],
    );
    again.close();
  }
});

/** A network of one layer with one parameter. */
function network(value: NdArray, name = 'fc-1', configs: Record<string, unknown> = {}): NeupyNetwork {
  const parameters = new Map([['weight', {value: {...value, read: () => value}, trainable: true}]]);
  return {metadata: {}, graph: [[name, []]], layers: [{class_name: 'Relu', name, configs, parameters}]};
}

test('odd values, shapes and names survive every storage', async t => {
  const odd = Float32Array.of(-0, Number.NaN, Number.POSITIVE_INFINITY, -1e-45, 0.1, 2 ** 24, 3.4e38, 1e-7);
  const configs = JSON.parse(
    '{"__proto__": {"a": 1}, "constructor": "é\\n\\"", "none": null, "far": [1e400]}',
  );
  for (const array of [
    {dtype: 'float32', shape: [2, 1, 4], values: odd},
    {dtype: 'float32', shape: [], values: Float32Array.of(-0.5)},
    {dtype: 'float32', shape: [0], values: new Float32Array(0)},
    {dtype: 'float32', shape: [2, 0], values: new Float32Array(0)},
  ] as const) {
    for (const [storage, file] of await storages(network(array, 'fc-\u00fc é', configs))) {
      t.deepEqual(
        arraysOf(file),
        new Map<string, NdArray>([['fc-\u00fc é/weight', array]]),
        `${storage} ${array.shape}`,
      );
      const {neupy} = file.architecture as {neupy: {layers: {configs: object}[]}};
      t.deepEqual(Object.entries(neupy.layers[0]!.configs), Object.entries(configs), storage);
      t.is(Object.getPrototypeOf(neupy.layers[0]!.configs), Object.prototype);
      file.close();
    }
  }
});

test('what HDF5 or neupy cannot hold is not written', async t => {
  const one: NdArray = {dtype: 'float32', shape: [1], values: Float32Array.of(1)};
  await t.throwsAsync(writeNeupyHdf5(network(one, 'a/b')), {code: 'E_USAGE', message: /'a\/b' is no name/});
  const words: NdArray = {dtype: 'string', shape: [1], values: ['a']};
  t.throws(() => writeNeupyJson(network(words)), {code: 'E_USAGE', message: /fc-1\/weight holds strings/});
  t.throws(() => writeNeupyPickle(network(words)), {code: 'E_USAGE', message: /fc-1\/weight holds strings/});
});

const layer = (parameters: string, name = '"a"') =>
  `{"layers": [{"name": ${name}, "parameters": ${parameters}}]}`;
const value = (text: string) => layer(`{"w": {"value": ${text}}}`);
const WRONG: readonly (readonly [string, RegExp])[] = [
  ['', /not JSON/],
  ['[]', /not neupy's storage: expected a dictionary with a list 'layers'/],
  ['{"class_name": "Sequential", "config": []}', /not neupy's storage/],
  ['{"layers": {}}', /not neupy's storage/],
  ['{"layers": [1]}', /layer 0: no dictionary/],
  [layer('{}', '1'), /layer 0: no 'name'/],
  [layer('[]'), /layer 0 'a': no dictionary 'parameters'/],
  [layer('{"w": [1]}'), /layer 0 'a': 'w': no dictionary with a 'value'/],
  [value('[[1, 2], [3]]'), /lists that are no array of shape \(2, 2\)/],
  [value('[[1, 2], 3]'), /lists that are no array of shape \(2, 2\)/],
  [value('[[1], [[2]]]'), /lists that are no array of shape \(2, 1\)/],
  [value('["1"]'), /lists that are no array of shape \(1,\)/],
  [value('null'), /lists that are no array of shape \(\)/],
  [value(`${'['.repeat(100)}1${']'.repeat(100)}`), /nested more than 64 deep/],
  ['{"layers": [{"name": "a", "parameters": {}}, {"name": "a", "parameters": {}}]}', /two layers called 'a'/],
  ['{"layers": [], "graph": [["a", "b"]]}', /a malformed 'graph'/],
];

for (const [text, message] of WRONG) {
  test(`JSON that is no network is refused: ${text.replace(/\[{40,}/, '[…').slice(0, 110) || 'nothing'}`, t => {
    t.throws(() => openNeupyJson(text, 'n.json'), {code: 'E_FORMAT', message});
  });
}

test('lists that promise more than they hold take no memory', t => {
  const wide = JSON.stringify([[Array(1000).fill(0)], ...Array(999).fill([])]);
  t.throws(() => openNeupyJson(value(`[${wide}${`,${wide}`.repeat(3)}]`)), {
    code: 'E_FORMAT',
    message: /no array of shape/,
  });
});

test('a network cut off in any storage is refused', async t => {
  const pickle = readFileSync(join(GOLDEN, 'gru_sequences/net.p2.pickle'));
  const json = readFileSync(join(GOLDEN, 'gru_sequences/net.json'));
  const hdf5 = readFileSync(join(GOLDEN, 'gru_sequences/net.hdf5'));
  for (let part = 0; part < 20; part++) {
    const cut = (bytes: Uint8Array) => bytes.subarray(0, Math.floor((bytes.length * part) / 20));
    t.throws(() => openNeupyPickle(cut(pickle)), {code: 'E_FORMAT'});
    t.throws(() => openNeupyJson(cut(json)), {code: 'E_FORMAT'});
    await t.throwsAsync(openKerasBytes(new Uint8Array(cut(hdf5))), {code: 'E_FORMAT'});
  }
});

test('a pickle of neupy names its own functions and TensorFlow\u2019s, and no others', t => {
  const bytes = readFileSync(join(GOLDEN, 'gru_sequences/net.p2.pickle'));
  t.throws(() => readPickle(bytes), {message: /it names "tensorflow\.python\.ops\.math_ops\.sigmoid"/});
  t.throws(() => openNeupyPickle(writePickle(new Map([['layers', 1]]))), {message: /not neupy's storage/});
});

const neupy = pythonLibrary('neupy-0.8.2');
const LOAD = `
import json, sys
import numpy as np
from neupy import layers, storage
from neupy.utils import tensorflow_session
folder = sys.argv[1]
lstm = layers.LSTM(4, only_return_final=False, peepholes=True, name='lstm-3')
network = layers.join(layers.Input((7, 5)), lstm)
network.create_variables()
session = tensorflow_session()
out = {}
for file, load in (('p2', storage.load_pickle), ('p4', storage.load_pickle), ('json', storage.load_json), ('hdf5', storage.load_hdf5)):
    for variable in lstm.variables.values():
        session.run(variable.assign(np.full(variable.shape.as_list(), 9.)))
    load(network, folder + '/net.' + file, skip_validation=False)
    out[file] = {name: session.run(variable).ravel().tolist() for name, variable in lstm.variables.items()}
print(json.dumps(out))
`;

if (neupy.missing !== undefined) {
  test('neupy is not set up here', t => {
    t.log(`nothing was asked of neupy: ${neupy.missing}`);
    t.regex(neupy.missing!, /python-library/);
  });
} else {
  test('neupy 0.8.2 loads what is written, from every storage', async t => {
    const file = await peepholes();
    await inFolder(async folder => {
      writeFileSync(join(folder, 'net.p2'), writeNeupyPickle(file.network));
      writeFileSync(join(folder, 'net.p4'), writeNeupyPickle(file.network, {protocol: 4}));
      writeFileSync(join(folder, 'net.json'), writeNeupyJson(file.network));
      writeFileSync(join(folder, 'net.hdf5'), await writeNeupyHdf5(file.network));
      const loaded = neupy.ask(LOAD, folder) as Record<string, Record<string, number[]>>;
      t.deepEqual(Object.keys(loaded).sort(), ['hdf5', 'json', 'p2', 'p4']);
      const parameters = file.network.layers[1]!.parameters;
      t.is(parameters.size, 8);
      for (const [storage, arrays] of Object.entries(loaded)) {
        for (const [name, parameter] of parameters) {
          t.deepEqual(
            arrays[name],
            Array.from(parameter.value.read().values as Float32Array),
            `${storage} ${name}`,
          );
        }
      }
    });
  });
}
