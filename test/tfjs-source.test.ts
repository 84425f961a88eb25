import {readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import * as tf from '@tensorflow/tfjs';
import test from 'ava';
import {tfjsFiles} from '../converters/tfjs/write';
import {artifactsOf} from '../src/model/artifacts';
import type {OpenedModel} from '../src/model/open';
import {inspect} from '../src/node/inspect';
import {detect, openModel} from '../src/node/load';
import {inMemoryFolder} from './support/memory-folder';

// Layers models of TensorFlow.js as sources: the official converter's, TensorFlow.js' own, ours.

const FIXTURES = 'fixtures/tfjs-models';
const {x, outputs} = JSON.parse(readFileSync('fixtures/keras-objects/expected.json', 'utf8')).nested as {
  x: number[][][];
  outputs: Record<string, number[]>;
};
/** How far quantized weights may lead from the outputs of the exact ones. */
const TOLERANCE: Readonly<Record<string, number>> = {float16: 2e-3, uint16: 1e-4, uint8: 3e-2};

const results = ({model}: OpenedModel, input = tf.tensor3d(x)): tf.Tensor[] =>
  [model.predict(input) as tf.Tensor | tf.Tensor[]].flat();

const difference = (a: tf.Tensor, b: tf.Tensor): number => tf.max(tf.abs(tf.sub(a, b))).dataSync()[0]!;

for (const name of readdirSync(FIXTURES).filter(name => !name.includes('.'))) {
  test(`the official converter's: ${name}`, async t => {
    const folder = join(FIXTURES, name);
    t.is((await detect(folder)).format, 'tfjs');
    for (const source of [folder, join(folder, 'model.json'), inMemoryFolder(folder)]) {
      const opened = await openModel(source);
      for (const [k, want] of Object.values(outputs).entries()) {
        t.true(difference(results(opened)[k]!, tf.tensor(want)) < (TOLERANCE[name] ?? 1e-5));
      }
      t.is(opened.architecture.version, '2.15.0');
    }
    const {problems, layers} = await inspect(folder);
    t.deepEqual(problems, []);
    t.is(layers[0]!.arrays[0]!.name, 'shared/lstm_cell/kernel');
  });
}

/** A model's files in memory, as its `save` would write them. */
async function saved(model: tf.LayersModel): Promise<Map<string, Uint8Array>> {
  return new Map(tfjsFiles(await artifactsOf(model)).map(({name, bytes}) => [name, bytes]));
}

test("TensorFlow.js' own keep what they compute", async t => {
  const model = tf.sequential({
    layers: [
      tf.layers.gru({units: 3, returnSequences: true, inputShape: [4, 3]}),
      tf.layers.bidirectional({layer: tf.layers.lstm({units: 2}) as tf.RNN}),
      tf.layers.dense({units: 2, activation: 'relu'}),
    ],
  });
  const opened = await openModel(await saved(model));
  t.true(difference(results(opened)[0]!, model.predict(tf.tensor3d(x)) as tf.Tensor) < 1e-6);
  t.is(opened.architecture.library, 'tfjs');
  const {problems, layers, parameters} = await inspect(await saved(model));
  t.deepEqual(problems, []);
  t.deepEqual(
    layers.map(layer => layer.class),
    ['GRU', 'Bidirectional', 'Dense'],
  );
  t.is(parameters, model.countParams());
  t.true(layers.every(({arrays}) => arrays.every(({name}) => name !== undefined)));
});

test('of a model of TensorFlow.js, the outputs of layers are had by their names', async t => {
  const whole = tf.sequential({
    layers: [tf.layers.lstm({units: 2, inputShape: [4, 3], name: 'reader'}), tf.layers.dense({units: 1})],
  });
  const {model: part} = await openModel(await saved(whole), {outputs: ['reader']});
  t.deepEqual(part.outputs[0]!.shape, [null, 2]);
  await t.throwsAsync(openModel(await saved(whole), {outputs: ['none']}), {
    code: 'E_USAGE',
    message: /there is no layer 'none'; its layers are .*reader/,
  });
});

test('what Carryover wrote is read back, classes of its own and all', async t => {
  const {model} = await openModel('fixtures/keras-objects/nested/weights', {
    architecture: 'fixtures/keras-objects/nested/model.json',
  });
  const opened = await openModel(await saved(model));
  for (const [k, want] of Object.values(outputs).entries()) {
    t.true(difference(results(opened)[k]!, tf.tensor(want)) < 1e-5);
  }
});

const model = (change: (json: ReturnType<typeof JSON.parse>) => void): Map<string, Uint8Array> => {
  const files = inMemoryFolder(join(FIXTURES, 'uint8'));
  const json = JSON.parse(new TextDecoder().decode(files.get('model.json')));
  change(json);
  return files.set('model.json', new TextEncoder().encode(JSON.stringify(json)));
};

const DAMAGED: readonly (readonly [string, Map<string, Uint8Array>, string, RegExp])[] = [
  ['a graph model', model(json => (json.format = 'graph-model')), 'E_UNSUPPORTED', /tf\.loadGraphModel/],
  [
    'no manifest',
    model(json => delete json.weightsManifest),
    'E_FORMAT',
    /no modelTopology or weightsManifest/,
  ],
  [
    'a file elsewhere',
    model(json => (json.weightsManifest[0].paths = ['../secret.bin'])),
    'E_FORMAT',
    /its weights are in '\.\.\/secret\.bin'; expected files beside it/,
  ],
  [
    'a file of a server',
    model(json => (json.weightsManifest[0].paths = ['https://example.com/a.bin'])),
    'E_FORMAT',
    /expected files beside it/,
  ],
  [
    'a missing file',
    model(json => json.weightsManifest[0].paths.push('b.bin')),
    'E_FILE',
    /b\.bin: no such file/,
  ],
  [
    'too few bytes',
    model(json => (json.weightsManifest[0].weights[0].shape = [3, 2])),
    'E_FORMAT',
    /the weights have 188 bytes; the manifest's arrays take 190/,
  ],
  [
    'a shape that is none',
    model(json => (json.weightsManifest[0].weights[0].shape = [-1])),
    'E_FORMAT',
    /has the shape \[-1\]; expected sizes/,
  ],
  [
    'no scale',
    model(json => delete json.weightsManifest[0].weights[0].quantization.scale),
    'E_FORMAT',
    /is quantized without scale and min/,
  ],
  [
    'an unknown type',
    model(json => (json.weightsManifest[0].weights[0].quantization.dtype = 'uint4')),
    'E_UNSUPPORTED',
    /is uint4; expected uint8, uint16, float16/,
  ],
  [
    'arrays in another order',
    model(json => json.weightsManifest[0].weights.reverse()),
    'E_WEIGHTS',
    /comes where '.+' has its/,
  ],
];

for (const [title, files, code, message] of DAMAGED) {
  test(`refused: ${title}`, async t => {
    await t.throwsAsync(openModel(files), {code, message});
  });
}
