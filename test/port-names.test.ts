import {cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import {input, layers, model as modelOf, type SymbolicTensor} from '@tensorflow/tfjs-layers';
import test from 'ava';
import {readNpy} from '../converters/npy/read';
import {readNpz} from '../converters/npz/read';
import {modelFrom} from '../src/model/open';
import {useBackend} from '../src/node/backend';
import {runGoldenTree} from '../src/node/golden';
import {openModel} from '../src/node/load';
import {outputPorts} from '../src/verify/ports';
import {runModel, verify} from '../src/verify/verify';
import {commandLine} from './support/command-line';

// By which names the inputs and outputs of a model are reached, at every door.

const CASE = 'fixtures/golden/tf1.15-rnn/basic_lstm';
const {carryover, build, remove} = commandLine();
const folder = mkdtempSync(join(tmpdir(), 'carryover-ports-'));
const file = (name: string) => join(folder, name);

/** The golden case with outputs of our own choice, which golden.json asks for by `asked`. */
function withOutputs(
  name: string,
  outputs: readonly string[],
  asked: Readonly<Record<string, string>>,
): string {
  const target = file(name);
  cpSync(CASE, target, {recursive: true});
  const read = (path: string) => JSON.parse(readFileSync(join(target, path), 'utf8'));
  const write = (path: string, value: unknown) => writeFileSync(join(target, path), JSON.stringify(value));
  const [golden, recipe] = [read('golden.json'), read('recipe.json')];
  recipe.inputs[0].name = 'tokens';
  recipe.layers[0].name = 'both2';
  write('recipe.json', {...recipe, outputs});
  write('golden.json', {
    ...golden,
    sources: golden.sources.slice(0, 1),
    inputs: {tokens: 'x.npy'},
    outputs: Object.fromEntries(Object.entries(asked).map(([key, of]) => [key, `${of}.npy`])),
    gradients: undefined,
  });
  return target;
}

test.before(async () => {
  await useBackend('cpu');
  await build();
});

test.after.always(async () => {
  rmSync(folder, {recursive: true, force: true});
  await remove();
});

const ASKED: Record<string, {outputs: string[]; asked: Record<string, string>}> = {
  'a layer by its name': {outputs: ['both2'], asked: {both2: 'y'}},
  'a layer by y': {outputs: ['both2'], asked: {y: 'y'}},
  'a state by its name': {outputs: ['both2.state.h'], asked: {'both2.state.h': 'state.h'}},
  'a state by y': {outputs: ['both2.state.h'], asked: {y: 'state.h'}},
  "y by its layer's name": {outputs: ['y'], asked: {both2: 'y'}},
  'several by their names': {outputs: ['both2', 'state.c'], asked: {both2: 'y', 'state.c': 'state.c'}},
};

for (const [what, {outputs, asked}] of Object.entries(ASKED)) {
  test.serial(`golden cases reach ${what}`, async t => {
    const target = withOutputs(what.replaceAll(/\W/g, '_'), outputs, asked);
    const {cases} = await runGoldenTree([target]);
    t.deepEqual(
      cases.map(({passed, error}) => ({passed, error})),
      [{passed: true, error: undefined}],
    );
  });
}

test.serial('runModel and verify reach a named output by its name and by y, and no other', async t => {
  const target = withOutputs('by_function', ['both2'], {y: 'y'});
  const {model} = await openModel(join(target, 'v2/model.ckpt'), {
    architecture: join(target, 'recipe.json'),
  });
  const load = (name: string) => readNpy(readFileSync(join(target, name)), name);
  const [x, y] = [load('x.npy'), load('y.npy')];
  const results = runModel(model, {tokens: x});
  t.is(results.size, 1);
  t.is(results.get('both2'), results.get('y'));
  t.deepEqual(results.get('y')!.shape, y.shape);
  t.false(results.has('state.h'));
  t.is(results.get('state.h'), undefined);
  for (const name of ['both2', 'y']) t.true(verify(model, {x}, {[name]: y}, {tolerance: 2e-5}).passed, name);
  t.throws(() => verify(model, x, {state: y}), {
    message: /no output 'state'.*; its outputs are both2, its layers 'both2', /,
  });
  t.throws(() => verify(model, x, {both2: y, y}), {message: /'both2' and 'y' are one and the same/});
  t.throws(() => runModel(model, {}), {message: /input x of the model is missing/});
});

test.serial(
  'where a state is the only output, the name of its layer reaches what the layer puts out',
  async t => {
    const target = withOutputs('state_alone', ['both2.state.h'], {y: 'y'});
    const {model} = await openModel(join(target, 'v2/model.ckpt'), {
      architecture: join(target, 'recipe.json'),
    });
    const x = readNpy(readFileSync(join(target, 'x.npy')), 'x.npy');
    t.deepEqual([...runModel(model, x).keys()], ['both2.state.h']);
    const y = readNpy(readFileSync(join(target, 'y.npy')), 'y.npy');
    t.true(verify(model, x, {both2: y}, {tolerance: 2e-5}).passed);
    const c = readNpy(readFileSync(join(target, 'state.c.npy')), 'state.c.npy');
    t.true(verify(model, x, {'both2.state.c': c}, {tolerance: 2e-5}).passed);
  },
);

test.serial('run and verify take the name of a named output, or y', async t => {
  const target = withOutputs('by_command', ['both2'], {y: 'y'});
  const model = [
    join(target, 'v2/model.ckpt'),
    '--architecture',
    join(target, 'recipe.json'),
    '--backend',
    'cpu',
  ];
  const input = ['--input', `tokens=${join(target, 'x.npy')}`];
  for (const name of ['both2', 'y']) {
    const [npy, npz] = [file(`${name}.npy`), file(`${name}.npz`)];
    const ran = await carryover('run', ...model, ...input, '--output', `${name}=${npy}`, '--json');
    t.is(ran.code, 0, ran.stderr);
    t.is(JSON.parse(ran.stdout).outputs[0].file, npy);
    const zipped = await carryover('run', ...model, ...input, '--output', `${name}=${npz}`);
    t.is(zipped.code, 0, zipped.stderr);
    t.deepEqual(readNpz(readFileSync(npz), npz).get(name), readNpy(readFileSync(npy), npy));
    const expect = ['--expect', `${name}=${join(target, 'y.npy')}`, '--tolerance', '2e-5'];
    const verified = await carryover('verify', ...model, ...input, ...expect, '--json');
    t.is(verified.code, 0, verified.stderr);
    t.is(JSON.parse(verified.stdout).outputs[0].name, name);
  }
  const twice = ['--expect', `both2=${file('y.npy')}`, '--expect', `y=${file('y.npy')}`];
  const refused = await carryover('verify', ...model, ...input, ...twice);
  t.is(refused.code, 2);
  t.regex(refused.stderr, /gives 'y' twice/);
});

/** A chain of Keras layers as its JSON, the first one of them with the shape of the input. */
const chain = (...layers: object[]) => ({class_name: 'Sequential', keras_version: '2.2.4', config: layers});
const lstm = (name: string, config: object) => ({
  class_name: 'LSTM',
  config: {name, units: 2, return_sequences: true, ...config},
});

const NESTED = {
  class_name: 'Model',
  keras_version: '2.2.4',
  config: {
    name: 'model',
    layers: [
      {
        class_name: 'InputLayer',
        name: 'the data',
        config: {name: 'the data', batch_input_shape: [null, null, 3], dtype: 'float32'},
        inbound_nodes: [],
      },
      {
        ...chain(lstm('inner', {batch_input_shape: [null, null, 3]}), lstm('last', {units: 3})),
        name: 'encoder',
        inbound_nodes: [[['the data', 0, 0, {}]]],
      },
      {
        ...lstm('two outputs', {return_state: true}),
        name: 'two outputs',
        inbound_nodes: [[['encoder', 1, 0, {}]], [['encoder', 1, 0, {}]]],
      },
    ],
    input_layers: [['the data', 0, 0]],
    output_layers: [
      ['encoder', 1, 0],
      ['two outputs', 0, 0],
      ['two outputs', 0, 2],
      ['two outputs', 1, 1],
    ],
  },
};

test.serial('outputs are called as the file calls their layers, with the number of the tensor', t => {
  const model = modelFrom(NESTED);
  const {names} = outputPorts(model);
  t.deepEqual(names, ['encoder', 'two outputs', 'two outputs.2', 'two outputs.4']);
  const x = {dtype: 'float32' as const, shape: [1, 2, 3], values: Float32Array.of(1, 2, 3, 4, 5, 6)};
  const results = runModel(model, {'the data': x}, {outputs: ['encoder/inner', 'two outputs.1']});
  t.deepEqual([...results.keys()], [...names, 'encoder/inner', 'two outputs.1']);
  t.is(results.get('encoder/last'), results.get('encoder'));
  t.is(results.get('y'), results.get('encoder'));
  t.deepEqual(results.get('two outputs.1')!.values, results.get('two outputs.4')!.values);
  t.deepEqual(results.get('encoder/inner')!.shape, [1, 2, 2]);
  for (const name of ['x', 'the_data']) t.deepEqual([...runModel(model, {[name]: x}).keys()], names);
  t.throws(() => runModel(model, x, {outputs: ['encoder/iner']}), {
    code: 'E_USAGE',
    message:
      /no output 'encoder\/iner' \(did you mean 'encoder\/inner'\?\); its outputs are encoder, two outputs, .*, its layers 'encoder\/inner', 'encoder\/last', 'two outputs'/,
  });
  t.throws(() => runModel(model, {'the dat': x}), {
    message: /no input 'the dat' \(did you mean 'the data'\?\)/,
  });
});

test.serial("layers of a model that tfjs made are reached by tfjs' own names", t => {
  const data = input({shape: [3]});
  const inner = layers.dense({units: 2, name: 'inner'});
  const shared = layers.dense({units: 2, name: 'shared'});
  const once = shared.apply(inner.apply(data)) as SymbolicTensor;
  const twice = shared.apply(once) as SymbolicTensor;
  const x = tf.ones([1, 3]);
  const both = runModel(modelOf({inputs: data, outputs: [once, twice]}), x, {outputs: ['inner']});
  t.deepEqual([...both.keys()], ['shared', 'shared.1', 'inner']);
  // A layer that another model calls as well is called once by this one.
  const other = input({shape: [2]});
  const last = modelOf({inputs: other, outputs: shared.apply(other) as SymbolicTensor});
  t.deepEqual([...runModel(last, tf.ones([1, 2])).keys()], ['y']);
  t.is(outputPorts(last).indexOf('shared'), 0);
});

test.serial('a layer inside of a model is run and verified from the command line', async t => {
  const folderOf = 'fixtures/golden/keras-2.2.4-theano/gru_return_state_mask_noinit';
  const model = [`${folderOf}/model.h5`, '--backend', 'cpu', '--input', `${folderOf}/x.npy`];
  const {layers: records} = (await openModel(`${folderOf}/model.h5`)).architecture;
  const {name} = records.find(({className}) => className === 'GRU')!;
  const h = file('inside.npy');
  const ran = await carryover('run', ...model, '--output', `${name}.1=${h}`, '--json');
  t.is(ran.code, 0, ran.stderr);
  const same = await carryover('verify', ...model, '--expect', `${name}.1=${h}`, '--json');
  t.is(same.code, 0, same.stderr);
  t.is(JSON.parse(same.stdout).outputs[0].name, `${name}.1`);
  const odd = await carryover('run', ...model, '--output', `gruu=${file('odd.npy')}`);
  t.is(odd.code, 2);
  t.regex(odd.stderr, new RegExp(`no output 'gruu'.*its layers 'masking_2', '${name}'`));
});
