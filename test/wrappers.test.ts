import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import {type LayersModel, loadLayersModel} from '@tensorflow/tfjs-layers';
import test from 'ava';
import {CarryoverError} from '../src/errors';
import {artifactsOf} from '../src/model/artifacts';
import {modelFrom} from '../src/model/open';
import {weights} from './support/memory-weights';

tf.enableProdMode();

const layer = (class_name: string, config: object) => ({class_name, config});

/** What is inside the wrapper: arrays that are trained and arrays that are not, an activation, a change of shape. */
const INNER = [
  layer('Dense', {name: 'first', units: 4, batch_input_shape: [null, 3]}),
  layer('BatchNormalization', {name: 'normed', axis: -1}),
  layer('Dense', {name: 'second', units: 2, activation: 'tanh'}),
];
/** Those of a container: all that are trained, then the others. */
const ARRAYS = [[3, 4], [4], [4], [4], [4, 2], [2], [4], [4]];

const functional = {
  name: 'inner',
  layers: [
    {...layer('InputLayer', {name: 'in', batch_input_shape: [null, 3]}), name: 'in', inbound_nodes: []},
    ...INNER.map((one, k) => ({
      ...one,
      name: Object.hasOwn(one.config, 'name') ? (one.config as {name: string}).name : '',
      inbound_nodes: [[[k === 0 ? 'in' : (INNER[k - 1]!.config as {name: string}).name, 0, 0, {}]]],
    })),
  ],
  input_layers: [['in', 0, 0]],
  output_layers: [['second', 0, 0]],
};

const KINDS: readonly (readonly [title: string, version: string, inner: object])[] = [
  ['a Sequential of Keras 1', '1.2.2', layer('Sequential', INNER)],
  ['a Sequential of Keras 2.3', '2.3.1', layer('Sequential', {name: 'inner', layers: INNER})],
  ['a Model of Keras 2.2', '2.2.4', layer('Model', functional)],
  ['a Functional of tf.keras', '2.15.0', layer('Functional', functional)],
];

const x = tf.tidy(() => tf.reshape(tf.sin(tf.range(0, 30)), [2, 5, 3]));
const step = (model: LayersModel, input: tf.Tensor): number[] =>
  Array.from((model.predict(input) as tf.Tensor).dataSync());

for (const [title, version, inner] of KINDS) {
  test(`TimeDistributed over ${title} computes at every step what the model computes`, async t => {
    const config = {name: 'each', layer: inner, batch_input_shape: [null, 5, 3]};
    const wrapped = {class_name: 'Sequential', config: [layer('TimeDistributed', config)]};
    const model = modelFrom(wrapped, weights({each: ARRAYS}), {version});
    const alone = {class_name: 'Sequential', config: [inner]};
    const own = modelFrom(alone, weights({inner: ARRAYS}), {version});
    const expected = step(own, tf.reshape(x, [10, 3]));
    t.true(new Set(expected).size > 10);
    t.deepEqual(step(model, x), expected);
    const loaded = await loadLayersModel(tf.io.fromMemory(await artifactsOf(model)));
    t.deepEqual(step(loaded, x), expected, 'after saving and loading');
  });
}

const lstm = (config: object) => layer('LSTM', {name: 'lstm', units: 2, return_sequences: true, ...config});
const bidirectional = (config: object) => ({
  class_name: 'Sequential',
  config: [layer('Bidirectional', {name: 'both', batch_input_shape: [null, 5, 3], ...config})],
});

test('a backward layer that is the forward one turned round is what Bidirectional makes itself', t => {
  const forward = lstm({});
  const backward = layer('LSTM', {...lstm({}).config, name: 'backward', go_backwards: true});
  const given = modelFrom(bidirectional({layer: forward, backward_layer: backward}), undefined, {
    version: '2.15.0',
  });
  t.is(given.layers.at(-1)!.outputShape.toString(), ',5,4');
});

test('a backward layer of its own runs beside the forward one', t => {
  const backward = lstm({units: 3, go_backwards: true, activation: 'relu', name: 'other'});
  const model = modelFrom(bidirectional({layer: lstm({}), backward_layer: backward}), undefined, {
    version: '2.15.0',
  });
  t.is(model.outputs[0]!.shape.toString(), ',5,5');
});

test('a backward layer that runs forwards, or returns something else, is refused with its place', t => {
  for (const [config, message] of [
    [{}, /layer 0 'both'.*run the same way; expected goBackwards in one of them/],
    [{go_backwards: true, return_sequences: false}, /layer 0 'both'.*differ in returnSequences/],
  ] as const) {
    const given = bidirectional({layer: lstm({}), backward_layer: lstm(config)});
    t.throws(() => modelFrom(given, undefined, {version: '2.15.0'}), {
      instanceOf: CarryoverError,
      message,
    });
  }
});

test('a wrapper with an argument that no release has is refused', t => {
  const json = bidirectional({layer: lstm({}), merge_mood: 'sum'});
  t.throws(() => modelFrom(json, undefined, {version: '2.3.1'}), {
    instanceOf: CarryoverError,
    message:
      /^architecture: layer 0 'both': no release of Bidirectional of keras2 known here has an argument 'merge_mood'/,
  });
});

test("TensorFlow's further names of LSTM and GRU mean the same classes", t => {
  for (const [name, arrays] of [
    ['LSTMV1', 3],
    ['UnifiedLSTM', 3],
    ['GRUV1', 3],
    ['UnifiedGRU', 3],
  ] as const) {
    const json = bidirectional({layer: layer(name, {name: 'inner', units: 2, return_sequences: true})});
    t.is(modelFrom(json, undefined, {version: '2.2.4-tf'}).getWeights().length, 2 * arrays);
  }
});
