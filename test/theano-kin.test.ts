import {readFileSync} from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import {readNpz} from '../converters/npz/read';
import {writeNpz} from '../converters/npz/write';
import {CarryoverError} from '../src/errors';
import {epynn, lasagne, nntools} from '../src/libraries/all';
import {getAllParamValues} from '../src/libraries/lasagne/params';
import {neupy} from '../src/libraries/neupy';
import {layerName} from '../src/libraries/neupy/names';
import {useBackend} from '../src/node/backend';
import {openModel} from '../src/node/load';

test.before(() => useBackend('cpu'));

const x = (): tf.Tensor3D => tf.randomNormal([2, 4, 3], 0, 1, 'float32', 5);

test.serial('nntools answers for its parameters in groups', t => {
  const layer = nntools.lstm({numUnits: 2, learnInit: true, batchSize: 2});
  layer.build([2, 4, 3]);
  t.is(layer.getParams().length, 8 + 4 + 3 + 2);
  t.is(layer.getWeightParams().length, 8);
  t.is(layer.getBiasParams().length, 4);
  t.is(layer.getPeepholeParams().length, 3);
  t.deepEqual(
    layer.getInitParams().map(param => param.shape),
    [
      [2, 2],
      [2, 2],
    ],
  );
  t.deepEqual(layer.getOutputShapeFor([2, 4, 3]), [2, 4, 2]);
  t.is(nntools.lstm({numUnits: 2, peepholes: false}).arrayNames.length, 12);
});

test.serial('nntools takes all after time as features, and backwards needs a mask', t => {
  const layer = nntools.lstm({numUnits: 2});
  const flat = layer.apply(tf.reshape(x(), [2, 4, 3, 1])) as tf.Tensor;
  t.deepEqual(flat.arraySync(), (layer.apply(x()) as tf.Tensor).arraySync());
  const backwards = nntools.lstm({numUnits: 2, backwards: true});
  t.regex(t.throws(() => backwards.apply(x()), {instanceOf: CarryoverError})!.message, /needs a mask/);
  t.notThrows(() => backwards.apply(x(), {mask: tf.ones([2, 4])}));
});

test.serial('nntools forget and output gates see the previous cell alone', t => {
  const layer = nntools.lstm({numUnits: 2});
  const {grads} = tf.variableGrads(
    () => tf.sum(layer.apply(x()) as tf.Tensor) as tf.Scalar,
    [...(layer.apply(x()) && layer.weights.map(weight => weight.read() as tf.Variable))],
  );
  const gradient = (name: string): number =>
    tf
      .max(tf.abs(grads[(layer.weights[layer.arrayNames.indexOf(name)]!.read() as tf.Variable).name]!))
      .dataSync()[0]!;
  for (const dead of ['W_in_to_forgetgate', 'W_hid_to_outgate', 'b_forgetgate', 'b_outgate'])
    t.is(gradient(dead), 0);
  for (const live of ['W_in_to_ingate', 'b_modulationgate']) t.true(gradient(live) > 0);
});

test.serial('lasagne takes a mask and initial states as inputs', t => {
  const layer = lasagne.lstm({
    numUnits: 2,
    hidInit: 'h',
    cellInit: 'c',
    maskInput: 'm',
    given: ['mask', 'h', 'c'],
  });
  const mask = tf.tensor2d([
    [1, 1, 0, 0],
    [1, 1, 1, 1],
  ]);
  const y = layer.apply([x(), mask, tf.ones([2, 2]), tf.zeros([2, 2])]) as tf.Tensor;
  const rows = y.arraySync() as number[][][];
  t.deepEqual(rows[0]![3], rows[0]![1]);
  t.notDeepEqual(rows[1]![3], rows[1]![1]);
  t.false(layer.arrayNames.includes('hid_init'));
});

test.serial('gradient_steps stops the gradient before the last steps', t => {
  const layer = lasagne.gru({numUnits: 2, gradientSteps: 2});
  const gradient = tf.grad((data: tf.Tensor) => tf.sum(layer.apply(data) as tf.Tensor))(x());
  const perStep = tf.max(tf.abs(gradient), [0, 2]).arraySync() as number[];
  t.deepEqual(
    perStep.map(value => value > 0),
    [false, false, true, true],
  );
});

test.serial("EpyNN layers train in the library's own steps", t => {
  const layer = epynn.lstm({unitCells: 2});
  t.deepEqual(layer.computeShapes([2, 4, 3]).Uf, [3, 2]);
  t.deepEqual(layer.computeShapes([2, 4, 3]).bo, [1, 2]);
  const parameters = layer.initializeParameters([2, 4, 3]);
  t.deepEqual(Object.keys(parameters), [
    'Uf',
    'Vf',
    'bf',
    'Ui',
    'Vi',
    'bi',
    'Ug',
    'Vg',
    'bg',
    'Uo',
    'Vo',
    'bo',
  ]);
  const loss = (): number => tf.sum(tf.square(tf.sub(layer.apply(x()) as tf.Tensor, 0.5))).dataSync()[0]!;
  const before = loss();
  for (let k = 0; k < 10; k++) {
    const y = layer.apply(x()) as tf.Tensor;
    layer.updateParameters(layer.computeGradients(x(), tf.mul(tf.sub(y, 0.5), 2)), 0.1);
  }
  t.true(loss() < before);
});

test.serial('EpyNN clips the gradients of a layer together', t => {
  const layer = epynn.rnn({unitCells: 3, sequences: true});
  layer.build([2, 4, 3]);
  const gradients = Object.values(layer.computeGradients(x(), tf.fill([2, 4, 3], 10)));
  const norm = Math.sqrt(gradients.reduce((sum, g) => sum + tf.sum(tf.square(g)).dataSync()[0]!, 0));
  t.true(Math.abs(norm - 0.25) < 1e-5);
});

test('neupy names are given, counted, or told from the class', t => {
  t.is(layerName('encoder', 'LSTM'), 'encoder');
  t.deepEqual([layerName('fc{}', 'Relu'), layerName('fc{}', 'Relu')], ['fc1', 'fc2']);
  t.deepEqual([layerName('fc-{:<03d}', 'Relu'), layerName('fc-{:<03d}', 'Relu')], ['fc-001', 'fc-002']);
  t.is(layerName(undefined, 'HardSigmoid'), 'hard-sigmoid-1');
  t.regex(t.throws(() => layerName('{}-{}', 'LSTM'))!.message, /2 fields/);
});

test.serial('neupy.join makes a model of layers', t => {
  const network = neupy.join(
    neupy.input(7),
    neupy.embedding(20, 5),
    neupy.lstm({nUnits: 4, name: 'memory'}),
    neupy.sigmoid(1),
  );
  const y = network.predict(tf.zeros([3, 7], 'int32')) as tf.Tensor;
  t.deepEqual(y.shape, [3, 1]);
  t.truthy(network.getLayer('memory'));
  t.throws(() => neupy.join(neupy.sigmoid(1)), {instanceOf: CarryoverError});
});

test.serial('a Lasagne network is written as the .npz that it was read from', async t => {
  const folder = 'fixtures/golden/lasagne/bilstm_concat_dense';
  const {model} = await openModel(`${folder}/params.npz`, {architecture: `${folder}/recipe.json`});
  const written = readNpz(writeNpz(getAllParamValues(model)));
  const original = readNpz(readFileSync(`${folder}/params.npz`));
  t.deepEqual([...written.keys()], [...original.keys()]);
  for (const [name, array] of original) t.deepEqual(written.get(name), array);
});
