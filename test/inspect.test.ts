import {existsSync, readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import test from 'ava';
import type {FileSet} from '../converters/files';
import {firstRecipe, inspect as inspectBytes} from '../src/index';
import {inspectAt} from '../src/inspect/inspect';
import {useBackend} from '../src/node/backend';
import {diskFiles} from '../src/node/files/disk';
import {inspect} from '../src/node/inspect';

// What `inspect` tells, as an object.

const GOLDEN = 'fixtures/golden';

test.before(() => useBackend('cpu'));

interface Source {
  readonly path: string;
  readonly architecture?: string;
}

/** The first source of every golden case. */
const sources = readdirSync(GOLDEN).flatMap(family =>
  readdirSync(join(GOLDEN, family))
    .map(name => join(GOLDEN, family, name))
    .filter(folder => existsSync(join(folder, 'golden.json')))
    .map((folder): Source => {
      const golden = JSON.parse(readFileSync(join(folder, 'golden.json'), 'utf8'));
      const {path, architecture} = golden.sources[0];
      return {path: join(folder, path), architecture: architecture && join(folder, architecture)};
    }),
);

/** Raw operations of TensorFlow take arrays as any other input; what they are is the operation's business. */
const RAW = /raw-ops/;

test('every array of every golden case has a role, a place in the file and a meaning', async t => {
  let count = 0;
  for (const {path, architecture} of sources.filter(source => !RAW.test(source.path))) {
    const {layers, problems} = await inspect(path, {architecture});
    t.deepEqual(problems, [], path);
    for (const {name, arrays} of layers) {
      for (const array of arrays) {
        const label = `${path}: ${name}: ${array.role}`;
        t.truthy(array.meaning, label);
        t.notRegex(array.meaning!, /undefined|\bof the$|^\s|\s$/, label);
        if (!/Pmat|kernel|projection/.test(array.role!)) t.truthy(array.name, label);
        count++;
      }
    }
  }
  t.log(`${count} arrays of ${sources.length} cases`);
  t.true(count > 1500);
});

test('every recurrent layer tells its states and what masks do to them', async t => {
  for (const {path, architecture} of sources.filter(source => !RAW.test(source.path))) {
    const {layers} = await inspect(path, {architecture});
    const states = layers.flatMap(layer => layer.states ?? []);
    t.true(states.length > 0, path);
    for (const {names, units, rules} of states) {
      t.true(names.length > 0 && rules.length > 0, path);
      t.true(
        [units].flat().every(size => size > 0),
        path,
      );
    }
  }
});

/** One file per format that is a single file, and what tells its architecture. */
const FILES: Readonly<Record<string, string | undefined>> = {
  'keras-1.2.2-theano/lstm_seq/model.h5': undefined,
  'keras-0.2.0/lstm_seq/weights.h5': 'model.json',
  'lasagne/gru/params.npz': 'recipe.json',
  'epynn/model_lstm_softmax/model.pickle': undefined,
  'neupy-0.8.2/lstm_sequences/net.json': undefined,
  'tf1.15-rnn/basic_lstm/frozen.pb': 'recipe.json',
};

for (const [path, architecture] of Object.entries(FILES)) {
  test(`${path} is told from bytes as from the disk, and opened once`, async t => {
    const file = join(GOLDEN, path);
    const beside = architecture && join(file, '..', architecture);
    const bytes = (name: string) => new File([readFileSync(name)], name);
    const fromBytes = await inspectBytes(bytes(file), {architecture: beside && bytes(beside)});
    const fromDisk = await inspect(file, {architecture: beside});
    t.deepEqual(fromBytes, fromDisk);

    const opened: string[] = [];
    const counting: FileSet = {
      list: diskFiles.list,
      open: name => {
        opened.push(name);
        return diskFiles.open(name);
      },
    };
    const place = (name: string) => ({files: counting, name});
    await inspectAt(place(file), beside ? {architecture: place(beside)} : {}, {});
    t.deepEqual(opened.sort(), [file, ...(beside ? [beside] : [])].sort());
  });
}

test('weights alone are told by their groups and arrays, and an architecture alone by its layers', async t => {
  const weights = await inspect(join(GOLDEN, 'keras-1.2.2-theano/lstm_seq/weights.h5'));
  t.is(weights.library, 'keras1');
  t.is(weights.format, 'keras-h5-weights');
  t.deepEqual(weights.inputs, []);
  t.deepEqual(weights.layers[0]!.arrays[0]!.shape, [5, 4]);
  const architecture = await inspect(join(GOLDEN, 'keras-1.2.2-theano/lstm_seq/model.json'));
  t.is(architecture.layers[0]!.class, 'LSTM');
  t.is(architecture.layers[0]!.arrays[0]!.name, undefined);
});

test('a release that there never was is refused whatever the source is', async t => {
  const weights = join(GOLDEN, 'keras-2.2.4-theano/lstm_seq/weights.h5');
  for (const version of ['0.7', 'foo'])
    await t.throwsAsync(inspect(weights, {version}), {
      code: 'E_USAGE',
      message: /version is '.*'; expected a release of Keras 2/,
    });
});

test('a first recipe is drawn from bytes', async t => {
  const bytes = readFileSync(join(GOLDEN, 'lasagne/gru/params.npz'));
  const {layers, assumed} = await firstRecipe(bytes);
  t.deepEqual(
    layers.map(layer => [layer.library, layer.class]),
    [['lasagne', 'GRULayer']],
  );
  t.true(assumed.length > 0);
});
