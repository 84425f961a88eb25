import * as tf from '@tensorflow/tfjs-core';
import {input, loadLayersModel, model as modelOf, type SymbolicTensor} from '@tensorflow/tfjs-layers';
import test, {type ExecutionContext} from 'ava';
import {setEngine} from '../src/engines/registry';
import {CarryoverError} from '../src/errors';
import {convolved, outputLengths} from '../src/layers/conv-lstm-convolution';
import {keras2, keras3} from '../src/libraries/all';
import {artifactsOf} from '../src/model/artifacts';
import {useBackend} from '../src/node/backend';

/* ConvLSTM: where a window is one value wide it is an LSTM at every place of the picture. */

await useBackend('cpu');
setEngine('ops');

const x = tf.randomNormal([2, 4, 3, 5, 2], 0, 1, 'float32', 3);
const mask = tf.tensor2d([
  [0, 1, 0, 1],
  [1, 1, 1, 0],
]);

function near(t: ExecutionContext, got: tf.Tensor, want: tf.Tensor, what = 'values'): void {
  t.deepEqual(got.shape, want.shape, what);
  const difference = tf.max(tf.abs(tf.sub(got, want))).dataSync()[0]!;
  t.true(difference < 1e-5, `${what}: off by ${difference}`);
}

/** `[batch, time, rows, columns, channels]` with a row for each place. */
const byPlace = (pictures: tf.Tensor): tf.Tensor =>
  tf.reshape(tf.transpose(pictures, [0, 2, 3, 1, 4]), [-1, pictures.shape[1]!, pictures.shape[4]!]);

for (const goBackwards of [false, true]) {
  test(`windows of one value make an LSTM of each place, masks and states too (backwards ${goBackwards})`, t => {
    const settings = {returnSequences: true, returnState: true, goBackwards, activation: 'softsign'};
    const layer = keras2.convLSTM2D({filters: 3, kernelSize: 1, ...settings});
    const [y, h, c] = layer.apply<tf.Tensor[]>(x, {mask}) as [tf.Tensor, tf.Tensor, tf.Tensor];
    const plain = keras2.lstm({units: 3, recurrentActivation: 'hard_sigmoid', ...settings});
    const places = byPlace(x);
    plain.apply(places);
    const [kernel, recurrent, bias] = layer.getWeights() as [tf.Tensor, tf.Tensor, tf.Tensor];
    plain.setWeights([tf.reshape(kernel, [2, 12]), tf.reshape(recurrent, [3, 12]), bias]);
    const masks = tf.reshape(tf.tile(tf.expandDims(mask, 1), [1, 15, 1]), [30, 4]);
    const [wantY, wantH, wantC] = plain.apply<tf.Tensor[]>(places, {mask: masks}) as tf.Tensor[];
    near(t, byPlace(y), wantY!, 'sequence');
    near(t, tf.reshape(h, [30, 3]), wantH!, 'h');
    near(t, tf.reshape(c, [30, 3]), wantC!, 'c');
  });
}

test('pictures with channels first give what pictures with channels last give', t => {
  const settings = {filters: 3, kernelSize: [2, 3], strides: 2, returnSequences: true, returnState: true};
  const last = keras2.convLSTM2D(settings);
  const first = keras2.convLSTM2D({...settings, dataFormat: 'channels_first'});
  const turn = (tensor: tf.Tensor): tf.Tensor =>
    tf.transpose(tensor, tensor.rank === 5 ? [0, 1, 4, 2, 3] : [0, 3, 1, 2]);
  const want = last.apply<tf.Tensor[]>(x);
  first.apply(turn(x));
  first.setWeights(last.getWeights());
  const got = first.apply<tf.Tensor[]>(turn(x));
  for (const [k, tensor] of got.entries()) near(t, tensor, turn(want[k]!), `output ${k}`);
  t.deepEqual(first.computeOutputShape([null, null, 2, 3, 5])[0], [null, null, 3, 1, 2]);
});

for (const padding of ['same', 'valid'] as const) {
  test(`a dilated convolution is tfjs' own, and has gradients (${padding})`, t => {
    const pictures = tf.randomNormal<tf.Rank.R4>([2, 7, 6, 2]);
    const kernel = tf.randomNormal<tf.Rank.R4>([2, 3, 2, 4]);
    const settings = {rank: 2, strides: [1, 1], dilationRate: [3, 2], padding} as const;
    const got = convolved(pictures, kernel, settings);
    near(t, got, tf.conv2d(pictures, kernel, 1, padding, 'NHWC', [3, 2]));
    t.deepEqual(outputLengths({...settings, kernelSize: [2, 3]}, [7, 6]), got.shape.slice(1, 3));
    const gradient = tf.grad(w => tf.sum(convolved(pictures, w, settings)))(kernel);
    t.deepEqual(gradient.shape, [2, 3, 2, 4]);
  });
}

test('one, two and three dimensions train, are stateful, and come back as they were saved', async t => {
  for (const [make, shape] of [
    [keras3.convLSTM1D, [3, 5, 2]],
    [keras3.convLSTM2D, [3, 5, 4, 2]],
    [keras3.convLSTM3D, [3, 3, 4, 2, 2]],
  ] as const) {
    const layer = make({filters: 2, kernelSize: 2, padding: 'same', dropout: 0.5, recurrentDropout: 0.5});
    const data = tf.randomNormal([2, ...shape]);
    const start = input({shape: [...shape]});
    const built = modelOf({inputs: start, outputs: layer.apply(start) as SymbolicTensor});
    const want = built.predict(data) as tf.Tensor;
    const loaded = await loadLayersModel(tf.io.fromMemory(await artifactsOf(built)));
    near(t, loaded.predict(data) as tf.Tensor, want, 'after saving and loading');
    const variables = layer.trainableWeights.map(weight => weight.read() as tf.Variable);
    const loss = (): tf.Scalar => tf.sum(layer.apply<tf.Tensor>(data, {training: true}));
    for (const gradient of Object.values(tf.variableGrads(loss, variables).grads))
      t.true(tf.sum(tf.abs(gradient)).dataSync()[0]! > 0);
    const stateful = make({filters: 2, kernelSize: 2, padding: 'same', stateful: true});
    const first = stateful.apply<tf.Tensor>(data);
    t.notDeepEqual([...stateful.apply<tf.Tensor>(data).dataSync()], [...first.dataSync()]);
    stateful.resetStates();
    near(t, stateful.apply(data), first, 'after a reset');
  }
});

test('what a ConvLSTM cannot do is refused', t => {
  const layer = keras2.convLSTM2D({filters: 1, kernelSize: 1});
  t.throws(() => layer.apply(tf.zeros([1, 2, 3, 4])), {
    instanceOf: CarryoverError,
    message: /expected \[batch, time, rows, columns, channels\]/,
  });
  t.throws(() => layer.apply(x, {mask: tf.ones([2, 4, 3])}), {
    instanceOf: CarryoverError,
    message: /one value for each picture/,
  });
  const odd = {filters: 1, kernelSize: 1, unitz: 3} as Parameters<typeof keras2.convLSTM2D>[0];
  t.throws(() => keras2.convLSTM2D(odd), {instanceOf: CarryoverError, message: /no argument 'unitz'/});
});

test("the gates' default is the release's", t => {
  const kindOf = (layer: {getConfig(): tf.serialization.ConfigDict}) =>
    (layer.getConfig().recurrentActivation as {kind: string}).kind;
  t.is(kindOf(keras2.convLSTM2D({filters: 1, kernelSize: 1})), 'hardSigmoid');
  t.is(kindOf(keras3.convLSTM2D({filters: 1, kernelSize: 1})), 'sigmoid');
});
