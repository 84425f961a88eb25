import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import test, {type ExecutionContext} from 'ava';
import {parsePythonJson} from '../converters/json/python';
import type {OpenedModel} from '../src/model/open';
import {useBackend} from '../src/node/backend';
import {inspect} from '../src/node/inspect';
import {openModel, readWeights} from '../src/node/load';
import {inMemoryFolder} from './support/memory-folder';

// Object-based checkpoints and SavedModels of Keras (fixtures/keras-objects), against what Keras computed.

const FIXTURES = 'fixtures/keras-objects';

interface Expected {
  readonly x: number[][][];
  readonly outputs: Readonly<Record<string, number[]>>;
}
const EXPECTED: Readonly<Record<string, Expected>> = JSON.parse(
  readFileSync(join(FIXTURES, 'expected.json'), 'utf8'),
);

test.before(() => useBackend('cpu'));

function check(t: ExecutionContext, {model}: OpenedModel, {x, outputs}: Expected): void {
  const got = [model.predict(tf.tensor3d(x)) as tf.Tensor | tf.Tensor[]].flat();
  for (const [k, want] of Object.values(outputs).entries()) {
    const difference = tf.max(tf.abs(tf.sub(got[k]!, tf.tensor(want)))).dataSync()[0]!;
    t.true(difference < 1e-5, `output ${k}: ${difference}`);
  }
}

for (const [name, expected] of Object.entries(EXPECTED)) {
  const folder = join(FIXTURES, name);
  const architecture = join(folder, 'model.json');

  for (const prefix of ['weights', 'train-1']) {
    test(`${name}: ${prefix}, by its objects`, async t => {
      const opened = await openModel(join(folder, prefix), {architecture});
      check(t, opened, expected);
      t.is(opened.format, 'tf-checkpoint-object');
    });
  }

  for (const file of ['list.npz', 'list.pkl', 'layers.pkl']) {
    test(`${name}: ${file}, as get_weights lists them`, async t => {
      check(t, await openModel(join(folder, file), {architecture}), expected);
    });
  }

  test(`${name}: the SavedModel tells its architecture, on disk and in memory`, async t => {
    const path = join(folder, 'saved_model');
    for (const source of [path, inMemoryFolder(path)]) {
      const opened = await openModel(source);
      check(t, opened, expected);
      t.like(opened.facts, {keras_version: '2.15.0', backend: 'tensorflow'});
    }
    const {problems, layers} = await inspect(path);
    t.deepEqual(problems, []);
    t.true(layers.every(({arrays}) => arrays.every(({name}) => name !== undefined)));
  });
}

test('an architecture that is given beside a SavedModel counts', async t => {
  const folder = join(FIXTURES, 'deferred');
  const json = parsePythonJson(readFileSync(join(folder, 'model.json'), 'utf8'), 'model.json') as {
    config: {layers: {config: {activation?: string}}[]};
  };
  json.config.layers.at(-1)!.config.activation = 'relu';
  const {model} = await openModel(join(folder, 'saved_model'), {architecture: json});
  const {x} = EXPECTED.deferred!;
  t.true((model.predict(tf.tensor3d(x)) as tf.Tensor).dataSync().every(value => value >= 0));
});

test('of several models in a checkpoint, the one that fits is taken; where more than one does, none', async t => {
  const folder = join(FIXTURES, 'several');
  const architecture = join(folder, 'model.json');
  const {model} = await openModel(join(folder, 'unlike'), {architecture});
  const file = await readWeights(join(folder, 'unlike'));
  const kernel = file.objects!.find('one', 'layer_with_weights-0', 'kernel')!;
  const stored = file.groups[0]!.arrays.find(({name}) => name === kernel.key)!.read();
  t.deepEqual([...model.getWeights()[0]!.dataSync()], [...(stored.values as Float32Array)]);
  file.close();
  await t.throwsAsync(openModel(join(folder, 'alike'), {architecture}), {
    code: 'E_WEIGHTS',
    message: /alike: several objects fit the model \('one', 'two'\); save the one that is meant by itself/,
  });
});

test('a checkpoint of another model is refused, and says what it holds', async t => {
  const architecture = join(FIXTURES, 'several', 'model.json');
  await t.throwsAsync(openModel(join(FIXTURES, 'deferred', 'weights'), {architecture}), {
    code: 'E_WEIGHTS',
    message: /its model has 3 layers with weights; the architecture has 1 \(dense_?\d*\)/,
  });
  await t.throwsAsync(openModel('fixtures/checkpoints/object', {architecture}), {
    code: 'E_WEIGHTS',
    message: /no object in it holds the layers of a Keras model; the model has 1 layers with weights/,
  });
});

test('a layer of other arrays is refused with the names of both', async t => {
  const folder = join(FIXTURES, 'deferred');
  const json = parsePythonJson(readFileSync(join(folder, 'model.json'), 'utf8'), 'model.json') as {
    config: {layers: {config: {use_bias?: boolean}}[]};
  };
  json.config.layers.at(-1)!.config.use_bias = false;
  await t.throwsAsync(openModel(join(folder, 'weights'), {architecture: json}), {
    code: 'E_WEIGHTS',
    message: /'dense_?\d*': has the arrays kernel, bias in the file; expected kernel$/,
  });
});

test('by name is refused, as Keras refuses it', async t => {
  const folder = join(FIXTURES, 'deferred');
  const options = {architecture: join(folder, 'model.json'), byName: true};
  await t.throwsAsync(openModel(join(folder, 'weights'), options), {
    code: 'E_USAGE',
    message: /by name: a TensorFlow 2 checkpoint does not name its layers/,
  });
});

test('a damaged keras_metadata.pb is an error that names it, never another model', async t => {
  const folder = inMemoryFolder(join(FIXTURES, 'deferred', 'saved_model'));
  const good = folder.get('keras_metadata.pb')!;
  const text = new TextDecoder('latin1').decode(good);
  const cut = [1, 40, 3000, good.length - 1].map(size => good.slice(0, size));
  const garbled = Buffer.from(text.replace('{"name": "deferred"', '{"name": !deferred"'), 'latin1');
  for (const bytes of [...cut, garbled]) {
    const files = new Map([...folder, ['keras_metadata.pb', new Uint8Array(bytes)]]);
    await t.throwsAsync(openModel(files), {code: 'E_FORMAT', message: /keras_metadata\.pb/});
  }
});

test('a SavedModel of a class of its own has no architecture, and says so', async t => {
  const folder = inMemoryFolder(join(FIXTURES, 'deferred', 'saved_model'));
  const text = new TextDecoder('latin1').decode(folder.get('keras_metadata.pb'));
  // Of one length, so that the message around it stays whole.
  const bare = text
    .replace('"model_config"', '"model_c_nfig"')
    .replace('"config": {"name": "deferred"', '"c_nfig": {"name": "deferred"');
  const files = new Map([...folder, ['keras_metadata.pb', new Uint8Array(Buffer.from(bare, 'latin1'))]]);
  await t.throwsAsync(openModel(files), {code: 'E_ARCHITECTURE', message: /has weights but no architecture/});
});
