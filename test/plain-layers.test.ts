import * as tf from '@tensorflow/tfjs-core';
import {input, layers, model} from '@tensorflow/tfjs-layers';
import test from 'ava';
import {CarryoverError} from '../src/errors';
import {
  type Context,
  importInto,
  plainLayer,
  releases,
  TOLERANCE,
  tensorOf,
  worst,
} from './support/plain-cases';

const CONTEXT: Context = {
  library: 'keras1',
  version: '1.2.2',
  name: 'layer_1',
  where: "model.json: layer 2 'layer_1'",
};

test('dropout of Keras 0.2 zeroes in training and does not scale what it keeps', t => {
  const built = plainLayer('Dropout', {p: 0.5}, {...CONTEXT, library: 'keras0', version: '0.2.0'})!;
  const values = Array.from((built.layer.apply(tf.ones([1000]), {training: true}) as tf.Tensor).dataSync());
  t.deepEqual([...new Set(values)].sort(), [0, 1]);
});

test('an embedding of Keras 1 with dropout zeroes whole rows in training and scales the others', t => {
  const built = plainLayer('Embedding', {input_dim: 200, output_dim: 3, dropout: 0.5}, CONTEXT)!;
  const words = tf.reshape(tf.range(0, 200), [1, 200]);
  const idle = built.layer.apply(words) as tf.Tensor;
  const trained = built.layer.apply(words, {training: true}) as tf.Tensor;
  const ratio = tf.reshape(tf.div(trained, idle), [200, 3]).arraySync() as number[][];
  const rows = new Set(ratio.map(row => row.map(value => value.toFixed(3)).join()));
  t.deepEqual([...rows].sort(), ['0.000,0.000,0.000', '2.000,2.000,2.000']);
});

test('spatial dropout drops whole features', t => {
  const built = plainLayer('SpatialDropout1D', {p: 0.5}, CONTEXT)!;
  const y = built.layer.apply(tf.ones([1, 5, 100]), {training: true}) as tf.Tensor;
  const columns = tf.sum(y, [0, 1]).dataSync();
  t.deepEqual([...new Set(columns)].sort(), [0, 10]);
});

test('padding same on TensorFlow is the same whatever the order of the axes', t => {
  const context: Context = {...CONTEXT, library: 'keras2', version: '2.3.1', backend: 'tensorflow'};
  const config = {filters: 3, kernel_size: [3, 2], strides: [2, 2], padding: 'same'};
  const last = plainLayer('Conv2D', {...config, data_format: 'channels_last'}, context)!.layer;
  const first = plainLayer('Conv2D', {...config, data_format: 'channels_first'}, context)!.layer;
  const x = tf.randomNormal([2, 5, 6, 4]);
  const expected = last.apply(x) as tf.Tensor;
  first.build([null, 4, 5, 6]);
  first.built = true;
  first.setWeights(last.getWeights());
  const actual = tf.transpose(first.apply(tf.transpose(x, [0, 3, 1, 2])) as tf.Tensor, [0, 2, 3, 1]);
  t.deepEqual(actual.shape, expected.shape);
  t.true(tf.max(tf.abs(tf.sub(actual, expected))).dataSync()[0]! < TOLERANCE);
});

test('a kernel over time of Keras 1.1 is taken by a layer of Keras 1.2', t => {
  const one = releases
    .find(({release}) => release.version === '1.0.8')!
    .release.cases.find(({name}) => name === 'convolution over time valid 3')!;
  const built = plainLayer(one.className, one.config, {...CONTEXT, backend: 'theano'})!;
  const x = tensorOf(one.inputs[0]!);
  built.layer.apply(x);
  importInto(built, one.weights);
  t.true(worst(built.layer.apply(x) as tf.Tensor, one.output) < TOLERANCE);
});

test('arrays of a Keras 1.0 highway are taken by a layer of Keras 1.2', t => {
  const one = releases
    .find(({release}) => release.version === '1.0.8')!
    .release.cases.find(({name}) => name === 'highway, bias True')!;
  const built = plainLayer(one.className, one.config, CONTEXT)!;
  const x = tensorOf(one.inputs[0]!);
  built.layer.apply(x);
  importInto(built, one.weights);
  t.true(worst(built.layer.apply(x) as tf.Tensor, one.output) < TOLERANCE);
});

test('a mask does not reach later layers that have none', t => {
  const x = input({shape: [4, 2]});
  const masked = layers.masking({maskValue: 0}).apply(x);
  const pooled = plainLayer('GlobalMaxPooling1D', {}, {...CONTEXT, name: 'pool'})!.layer.apply(
    masked as typeof x,
  );
  const again = layers.repeatVector({n: 4}).apply(pooled as typeof x);
  const average = plainLayer(
    'GlobalAveragePooling1D',
    {},
    {...CONTEXT, library: 'keras2', version: '2.3.1', name: 'mean'},
  )!;
  const whole = model({inputs: x, outputs: average.layer.apply(again as typeof x) as typeof x});
  const given = tf.tensor3d([
    [
      [0, 0],
      [1, 2],
      [3, 4],
      [0, 0],
    ],
  ]);
  t.deepEqual((whole.predict(given) as tf.Tensor).arraySync(), [[3, 4]]);
});

test('a mask does not reach a branch that has none', t => {
  const [x, y] = [input({shape: [2, 2], name: 'x'}), input({shape: [2, 2], name: 'y'})];
  const named = (name: string): Context => ({...CONTEXT, library: 'keras2', version: '2.3.1', name});
  const masked = layers.masking({maskValue: 0}).apply(x);
  const first = plainLayer('Dropout', {rate: 0.5}, named('drop'))!.layer.apply(masked as typeof x);
  const second = plainLayer('GlobalAveragePooling1D', {}, named('mean'))!.layer.apply(y);
  const third = layers.repeatVector({n: 2}).apply(second as typeof x);
  const sum = plainLayer('Add', {}, named('sum'))!.layer.apply([third as typeof x, first as typeof x]);
  const whole = model({inputs: [x, y], outputs: sum as typeof x});
  const output = whole.predict([
    tf.tensor3d([
      [
        [0, 0],
        [1, 1],
      ],
    ]),
    tf.tensor3d([
      [
        [4, 4],
        [2, 2],
      ],
    ]),
  ]) as tf.Tensor;
  t.deepEqual(output.arraySync(), [
    [
      [3, 3],
      [4, 4],
    ],
  ]);
});

const refusals: [
  title: string,
  className: string,
  config: Record<string, unknown>,
  code: string,
  message: RegExp,
][] = [
  ['a Lambda layer', 'Lambda', {function: 'x'}, 'E_LAYER', /layer 2 'layer_1'.*Python code.*customObjects/],
  [
    'a Merge of a Python function',
    'Merge',
    {mode: 'f', mode_type: 'lambda'},
    'E_LAYER',
    /Python code.*customObjects/,
  ],
  ['a Merge that joins', 'Merge', {mode: 'join'}, 'E_LAYER', /join.*customObjects/],
  [
    'a Dense without units',
    'Dense',
    {},
    'E_ARCHITECTURE',
    /units or output_dim is missing; expected an integer/,
  ],
  [
    'an unknown activation',
    'Activation',
    {activation: 'wobble'},
    'E_LAYER',
    /'wobble' is not known; expected one of linear/,
  ],
  [
    'an unknown initializer',
    'Dense',
    {output_dim: 3, init: 'wobble'},
    'E_LAYER',
    /'wobble' is not one of Keras's/,
  ],
  [
    'an unknown regularizer',
    'Dense',
    {output_dim: 3, W_regularizer: {name: 'Wobble'}},
    'E_LAYER',
    /'Wobble' is not one/,
  ],
  [
    'an unknown constraint',
    'Dense',
    {output_dim: 3, W_constraint: {name: 'Wobble'}},
    'E_LAYER',
    /'Wobble' is not one/,
  ],
  [
    'bilinear up sampling',
    'UpSampling2D',
    {interpolation: 'bilinear'},
    'E_LAYER',
    /bilinear.*expected nearest/,
  ],
];

for (const [title, className, config, code, message] of refusals) {
  test(`${title} is refused, with the layer and what to do`, t => {
    const error = t.throws(() => plainLayer(className, config, CONTEXT), {
      instanceOf: CarryoverError,
      message,
    });
    t.is(error?.code, code as CarryoverError['code']);
    t.regex(error!.message, /^model\.json: layer 2 'layer_1': [^\n]+$/);
  });
}

test('a class that is not a plain layer of Keras is left to others', t => {
  t.is(plainLayer('LSTM', {}, CONTEXT), undefined);
});

test('an activity regularizer and an unknown backend are told', t => {
  const notes = (className: string, config: Record<string, unknown>): string =>
    plainLayer(className, config, CONTEXT)!.notes?.join('; ') ?? '';
  t.regex(
    notes('Dense', {output_dim: 2, activity_regularizer: {name: 'L1L2Regularizer'}}),
    /activity_regularizer is left out/,
  );
  t.regex(notes('Convolution1D', {nb_filter: 2, filter_length: 3}), /tensorflow is assumed/);
  t.is(notes('Dense', {output_dim: 2}), '');
});
