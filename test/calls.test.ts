import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import test from 'ava';
import {modelFrom} from '../src/model/open';
import {parseArchitecture} from '../src/model/parse';
import {predictAll} from '../src/verify/verify';

// What calls say beside tensors: masks, states, training, constants; in the words of Keras 2 and of Keras 3.

const input = (name: string, shape: (number | null)[]) => ({
  class_name: 'InputLayer',
  name,
  config: {name, batch_input_shape: shape, dtype: 'float32'},
  inbound_nodes: [],
});

const layer = (class_name: string, name: string, config: object, inbound_nodes: unknown[]) => ({
  class_name,
  name,
  config: {name, ...config},
  inbound_nodes,
});

const model = (layers: object[], inputs: string[], output: string, version = '2.15.0') => ({
  class_name: 'Functional',
  keras_version: version,
  config: {
    name: 'm',
    layers,
    input_layers: inputs.map(name => [name, 0, 0]),
    output_layers: [[output, 0, 0]],
  },
});

const X = input('x', [null, 4, 3]);
const M = input('m', [null, 4]);
const GRU = {units: 2, return_sequences: true, reset_after: true};

test('a mask of a call is put on before the layer, and put aside where a call names none', t => {
  const {layers} = parseArchitecture(
    model([X, M, layer('GRU', 'g', GRU, [[['x', 0, 0, {mask: ['m', 0, 0]}]]])], ['x', 'm'], 'g'),
    'model.json',
  );
  t.deepEqual(
    layers.map(({className, name}) => [className, name]),
    [
      ['WithMask', 'g_mask'],
      ['GRU', 'g'],
    ],
  );
  t.deepEqual(
    layers.map(({calls}) => calls.map(({inputs}) => inputs.map(ref => ref.layer))),
    [[['x', 'm']], [['g_mask']]],
  );
});

test('a masked call holds the state where the mask is 0', t => {
  const built = modelFrom(
    model([X, M, layer('GRU', 'g', GRU, [[['x', 0, 0, {mask: ['m', 0, 0]}]]])], ['x', 'm'], 'g'),
  );
  const x = tf.randomUniform([1, 4, 3]);
  const [y] = predictAll(built, [x, tf.tensor2d([[1, 0, 0, 1]])]);
  const steps = y!.arraySync() as number[][][];
  t.deepEqual(steps[0]![1], steps[0]![0]);
  t.deepEqual(steps[0]![2], steps[0]![0]);
  t.notDeepEqual(steps[0]![3], steps[0]![0]);
});

test('Keras 3 says the same with args and kwargs', t => {
  const tensor = (name: string) => ({
    class_name: '__keras_tensor__',
    config: {shape: [null], dtype: 'float32', keras_history: [name, 0, 0]},
  });
  const old = model([X, M, layer('GRU', 'g', GRU, [[['x', 0, 0, {mask: ['m', 0, 0]}]]])], ['x', 'm'], 'g');
  const node = {args: [tensor('x')], kwargs: {mask: tensor('m'), training: false}};
  const recent = model([X, M, layer('GRU', 'g', GRU, [node])], ['x', 'm'], 'g');
  const calls = (json: object) => parseArchitecture(json, 'model.json').layers.map(record => record.calls);
  t.deepEqual(calls(recent), calls(old));
});

test('initial states by name join the inputs', t => {
  const states = input('h', [null, 2]);
  const json = model(
    [X, states, layer('GRU', 'g', GRU, [[['x', 0, 0, {initial_state: [['h', 0, 0]]}]]])],
    ['x', 'h'],
    'g',
  );
  const [gru] = parseArchitecture(json, 'model.json').layers;
  t.deepEqual(
    gru!.calls[0]!.inputs.map(ref => ref.layer),
    ['x', 'h'],
  );
});

test('a layer that is called with training=True is in training when the model predicts', t => {
  const json = model(
    [X, layer('BatchNormalization', 'b', {axis: [2]}, [[['x', 0, 0, {training: true}]]])],
    ['x'],
    'b',
  );
  const built = modelFrom(json);
  const [y] = predictAll(built, [tf.randomUniform([8, 4, 3], 5, 9)]);
  t.true(Math.abs(tf.mean(y!).dataSync()[0]!) < 1e-3);
});

test('an argument that nobody is known to take is refused with the layer and the argument', t => {
  const json = model([X, layer('GRU', 'g', GRU, [[['x', 0, 0, {speed: 3}]]])], ['x'], 'g');
  t.throws(() => parseArchitecture(json, 'model.json'), {
    code: 'E_LAYER',
    message: /^model\.json: layer 1 'g': the layer is called with speed=3, which is not supported; expected/,
  });
});

test('calls of one layer that differ in training are refused', t => {
  const nodes = [[['x', 0, 0, {training: true}]], [['x', 0, 0, {}]]];
  const json = model([X, layer('Dropout', 'd', {rate: 0.5}, nodes)], ['x'], 'd');
  t.throws(() => parseArchitecture(json, 'model.json'), {code: 'E_LAYER', message: /of its 2 calls 1 have/});
});

test('a stateful layer that is called with training=True carries its states, and a model resets them', t => {
  const json = model(
    [input('x', [1, 4, 3]), layer('GRU', 'g', {...GRU, stateful: true}, [[['x', 0, 0, {training: true}]]])],
    ['x'],
    'g',
  );
  const built = modelFrom(json);
  const x = tf.randomUniform([1, 4, 3]);
  const run = (): number[] => [...predictAll(built, [x])[0]!.dataSync()];
  const first = run();
  t.notDeepEqual(run(), first);
  built.resetStates();
  t.deepEqual(run(), first);
});
