import {readFileSync} from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import {initializers, loadLayersModel} from '@tensorflow/tfjs-layers';
import test from 'ava';
import {orthonormalise} from '../src/keras/orthogonal';
import {artifactsOf} from '../src/model/artifacts';
import {modelFrom} from '../src/model/open';
import {useBackend} from '../src/node/backend';
import {findGoldens} from '../src/node/golden';
import {openModel} from '../src/node/load';
import '../src/index';
import {hasLayers} from './support/layered';

const GOLDEN = 'fixtures/golden';

/** The classes whose arrays were made, since the last look. */
let made: string[] = [];
const take = (): string[] => {
  const taken = made;
  made = [];
  return taken;
};

/** Has every initializer that is registered with tfjs, but zeros, tell when it makes an array. */
function watchInitializers(): number {
  const zeros = initializers.zeros();
  const base = Object.getPrototypeOf(zeros.constructor);
  const all = Object.values(tf.serialization.SerializationMap.getMap().classNameMap).map(
    ([own]) => own.prototype,
  );
  const watched = all.filter(
    own => own instanceof base && Object.hasOwn(own, 'apply') && own !== Object.getPrototypeOf(zeros),
  );
  for (const own of watched as unknown as {
    apply(...args: unknown[]): unknown;
    constructor: {className: string};
  }[]) {
    const {apply} = own;
    own.apply = function (...args) {
      made.push(own.constructor.className);
      return apply.apply(this, args);
    };
  }
  return watched.length;
}

test.before(async t => {
  await useBackend('cpu');
  t.true(watchInitializers() >= 12);
});

for (const golden of findGoldens([GOLDEN]).filter(hasLayers)) {
  test.serial(`nothing is initialized that ${golden} fills`, async t => {
    const {sources} = JSON.parse(readFileSync(`${golden}/golden.json`, 'utf8'));
    const [{path, architecture}] = sources;
    const {model} = await openModel(`${golden}/${path}`, {
      architecture: architecture && `${golden}/${architecture}`,
    });
    t.deepEqual(take(), []);
    const artifacts = await artifactsOf(model);
    const copy = await loadLayersModel({load: async () => artifacts});
    t.deepEqual(take(), []);
    model.dispose();
    copy.dispose();
  });
}

const layer = (class_name: string, config: object) => ({class_name, config});
const model = {
  class_name: 'Sequential',
  keras_version: '2.2.4',
  config: [
    layer('Embedding', {name: 'embedding', input_dim: 9, output_dim: 4, batch_input_shape: [null, 5]}),
    layer('Bidirectional', {
      name: 'both',
      merge_mode: 'concat',
      layer: layer('LSTM', {name: 'lstm', units: 3, return_sequences: true}),
    }),
    layer('TimeDistributed', {name: 'each', layer: layer('Dense', {name: 'dense', units: 2})}),
    layer('BatchNormalization', {name: 'norm', axis: -1}),
    layer('LSTM', {name: 'last', units: 3}),
    layer('Dense', {name: 'head', units: 2}),
  ],
};

test.serial(
  'without weights every layer is initialized, and by name those that the file does not have',
  t => {
    modelFrom(model);
    t.deepEqual(
      [...new Set(take())].sort(),
      ['CarryoverFanScaled', 'CarryoverOrthogonal', 'CarryoverUniform', 'Ones'].sort(),
    );
    const array = (name: string, shape: number[]) => ({
      name,
      shape,
      dtype: 'float32' as const,
      read: () => ({
        dtype: 'float32' as const,
        shape,
        values: new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(0.5),
      }),
    });
    const group = {name: 'last', arrays: [array('k', [2, 12]), array('r', [3, 12]), array('b', [12])]};
    const file = {format: 'keras-h5-weights', facts: {}, groups: [group], close: () => undefined};
    const loaded = modelFrom(model, file, {byName: true});
    t.true(take().length > 0);
    for (const {weights, name} of loaded.layers.filter(({name}) => name !== 'last')) {
      for (const weight of weights.filter(({originalName}) => /kernel|embedding/.test(originalName)))
        t.true(tf.sum(tf.abs(weight.read())).dataSync()[0]! > 0, `${name} ${weight.originalName}`);
    }
    t.true(
      loaded
        .getLayer('last')
        .getWeights()
        .every(weight => weight.dataSync().every(value => value === 0.5)),
    );
  },
);

test('orthonormal rows or columns, whatever the shape', t => {
  for (const [rows, columns] of [
    [1, 1],
    [4, 4],
    [33, 70],
    [70, 33],
    [5, 131],
    [64, 64],
  ] as const) {
    const noise = tf.randomNormal([rows, columns], 0, 1, 'float32', 3);
    const q = tf.tensor2d(orthonormalise(noise.dataSync() as Float32Array, rows, columns), [rows, columns]);
    const product = rows <= columns ? tf.matMul(q, q, false, true) : tf.matMul(q, q, true, false);
    t.true(tf.max(tf.abs(tf.sub(product, tf.eye(Math.min(rows, columns))))).dataSync()[0]! < 1e-6);
  }
});
