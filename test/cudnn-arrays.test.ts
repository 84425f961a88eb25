import * as tf from '@tensorflow/tfjs-core';
import test, {type ExecutionContext} from 'ava';
import type {WeightFile} from '../converters/arrays';
import {setEngine} from '../src/engines/registry';
import {CarryoverError} from '../src/errors';
import {keras2} from '../src/libraries/all';
import {modelFrom} from '../src/model/open';
import {useBackend} from '../src/node/backend';

/*
 * Arrays of CuDNN layers in plain ones and the other way round, against Keras' own conversions
 * (preprocess_weights_for_loading of 2.2.4) written out for each number.
 */

await useBackend('cpu');
setEngine('ops');

interface Arr {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

const arr = (shape: readonly number[], value: (k: number) => number): Arr => ({
  shape,
  values: Float32Array.from({length: shape.reduce((a, b) => a * b, 1)}, (_, k) => value(k)),
});

const random = (shape: readonly number[], seed: number): Arr =>
  arr(shape, k => Math.sin(seed * 100 + k * 1.7));

/** A file with the arrays of one layer. */
const file = (arrays: readonly Arr[]): WeightFile =>
  ({
    format: 'keras-h5',
    facts: {},
    groups: [
      {
        name: 'rnn',
        arrays: arrays.map(({shape, values}, k) => ({
          name: `rnn/${k}`,
          shape,
          dtype: 'float32',
          read: () => ({dtype: 'float32', shape, values}),
        })),
      },
    ],
  }) as unknown as WeightFile;

const sequential = (class_name: string, config: object) => ({
  class_name: 'Sequential',
  config: [{class_name, config: {name: 'rnn', batch_input_shape: [null, 4, 3], ...config}}],
});

const load = (className: string, config: object, arrays: readonly Arr[]) =>
  modelFrom(sequential(className, config), file(arrays), {version: '2.2.4'});

/** Kernel of gates of `u` columns: k.T, row after row, in k's shape. */
function refilled({shape, values}: Arr, u: number): Arr {
  const [d, width] = shape as [number, number];
  return arr(shape, n => {
    const [row, column] = [Math.floor(n / width), n % width];
    const gate = Math.floor(column / u);
    const place = row * u + (column % u);
    return values[(place % d) * width + gate * u + Math.floor(place / d)]!;
  });
}

/** Recurrent kernel: each gate transposed. */
function transposed({shape, values}: Arr, u: number): Arr {
  const width = shape[1]!;
  return arr(shape, n => {
    const [row, column] = [Math.floor(n / width), n % width];
    return values[(column % u) * width + Math.floor(column / u) * u + row]!;
  });
}

function near(t: ExecutionContext, got: tf.Tensor, {shape, values}: Arr): void {
  t.deepEqual(got.shape, [...shape]);
  const data = got.dataSync();
  t.true(
    values.every((value, k) => Math.abs(value - data[k]!) < 1e-6),
    `${[...data]} is not ${[...values]}`,
  );
}

const [u, d] = [2, 3];

test("a plain LSTM's arrays in a CuDNNLSTM are what Keras makes of them, and compute the same", t => {
  const arrays = [random([d, 4 * u], 1), random([u, 4 * u], 2), random([4 * u], 3)] as const;
  const model = load('CuDNNLSTM', {units: u}, arrays);
  const [kernel, recurrent, bias] = model.getWeights();
  near(t, kernel!, refilled(arrays[0], u));
  near(t, recurrent!, transposed(arrays[1], u));
  near(
    t,
    bias!,
    arr([8 * u], k => arrays[2].values[k % (4 * u)]! / 2),
  );
  const x = tf.randomNormal([2, 4, d]);
  const plain = load('LSTM', {units: u, recurrent_activation: 'sigmoid'}, arrays);
  near(t, model.predict(x) as tf.Tensor, tensorOf(plain.predict(x) as tf.Tensor));
});

const tensorOf = (tensor: tf.Tensor): Arr => ({
  shape: tensor.shape,
  values: tensor.dataSync() as Float32Array,
});

test("a CuDNNLSTM's arrays in a plain LSTM: the bias' halves add up", t => {
  const plain = [random([d, 4 * u], 1), random([u, 4 * u], 2), random([4 * u], 3)] as const;
  const half = random([4 * u], 4);
  const bias = arr([8 * u], k =>
    k < 4 * u ? half.values[k]! : plain[2].values[k - 4 * u]! - half.values[k - 4 * u]!,
  );
  const model = load('LSTM', {units: u}, [refilled(plain[0], u), transposed(plain[1], u), bias]);
  for (const [k, weight] of model.getWeights().entries()) near(t, weight, plain[k]!);
});

test("a CuDNNGRU's arrays in a plain GRU and back, halves of a Bidirectional each", t => {
  const one = (seed: number) => [
    random([d, 3 * u], seed),
    random([u, 3 * u], seed + 1),
    random([2, 3 * u], seed + 2),
  ];
  const plain = [...one(1), ...one(5)];
  const cudnn = plain.map((array, k) => {
    if (k % 3 === 0) return refilled(array, u);
    return k % 3 === 1 ? transposed(array, u) : arr([6 * u], n => array.values[n]!);
  });
  const both = (class_name: string, config: object) => ({
    layer: {class_name, config: {name: 'gru', units: u, ...config}},
  });
  const back = load('Bidirectional', both('CuDNNGRU', {}), plain);
  for (const [k, weight] of back.getWeights().entries()) near(t, weight, cudnn[k]!);
  const there = load('Bidirectional', both('GRU', {reset_after: true}), cudnn);
  for (const [k, weight] of there.getWeights().entries()) near(t, weight, plain[k]!);
});

test('a GRU with reset_after false takes no arrays of cuDNN, nor does a CuDNNGRU take its arrays', t => {
  const kernels = [random([d, 3 * u], 1), random([u, 3 * u], 2)];
  for (const [className, bias] of [
    ['GRU', [6 * u]],
    ['CuDNNGRU', [3 * u]],
  ] as const) {
    t.throws(() => load(className, {units: u}, [...kernels, random(bias, 3)]), {
      instanceOf: CarryoverError,
      message: /layer 0 'rnn'.*reset_after/,
    });
  }
});

test('layers of cuDNN take no mask, as in Keras', t => {
  const layer = keras2.cudnnLSTM({units: 2});
  const x = tf.zeros([1, 3, 2]);
  t.throws(() => layer.apply(x, {mask: tf.ones([1, 3])}), {
    instanceOf: CarryoverError,
    message: /takes no mask/,
  });
});

test("a CuDNNLSTM's forget gate starts with a bias of 1, in the second half", t => {
  const layer = keras2.cudnnLSTM({units: 1});
  layer.build([null, 3, 2]);
  t.deepEqual([...layer.getWeights()[2]!.dataSync()], [0, 0, 0, 0, 0, 1, 0, 0]);
});
