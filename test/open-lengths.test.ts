import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import {architectureOf, modelFrom} from '../src/model/open';
import {weights} from './support/memory-weights';

// Sequences of open length that are flattened: how long they are follows from the rows of the next layer's array.

tf.enableProdMode();

type Groups = Parameters<typeof weights>[0];

const layer = (class_name: string, config: object) => ({class_name, config});
const lstm = (config: object = {}) =>
  layer('LSTM', {name: 'lstm', units: 3, return_sequences: true, ...config});
const OPEN = {batch_input_shape: [null, null, 2]};
const LSTM = [[2, 12], [3, 12], [12]];
const sequential = (...layers: object[]) => ({class_name: 'Sequential', config: layers});

/** The input shapes that are told, after a look that the model computes. */
function shapesOf(json: unknown, groups: Groups, version = '2.2.4'): readonly (readonly (number | null)[])[] {
  const file = weights(groups);
  const {inputs} = architectureOf(file, {json, name: 'model.json'}, {where: 'weights', version});
  const model = modelFrom(json, file, {version});
  const x = model.inputs.map(({shape}) => tf.ones([2, ...(shape.slice(1) as number[])]));
  for (const y of [model.predict(x.length === 1 ? x[0]! : x)].flat()) {
    if (!Array.from((y as tf.Tensor).dataSync()).every(Number.isFinite)) throw new Error('no number');
  }
  return inputs.map(({shape}) => shape!);
}

const dense = (name = 'dense') => layer('Dense', {name, units: 4});
const cases: readonly (readonly [title: string, json: unknown, groups: Groups, length: number])[] = [
  [
    'Flatten',
    sequential(lstm(OPEN), layer('Flatten', {name: 'f'}), dense()),
    {lstm: LSTM, dense: [[15, 4], [4]]},
    5,
  ],
  [
    'Reshape to one dimension',
    sequential(lstm(OPEN), layer('Reshape', {name: 'r', target_shape: [-1]}), dense()),
    {lstm: LSTM, dense: [[21, 4], [4]]},
    7,
  ],
  [
    'Reshape in two steps',
    sequential(
      lstm(OPEN),
      layer('Reshape', {name: 'r', target_shape: [-1, 2]}),
      layer('Flatten', {name: 'f'}),
      dense(),
    ),
    {lstm: LSTM, dense: [[18, 4], [4]]},
    6,
  ],
  [
    'Permute that makes steps features',
    sequential(lstm(OPEN), layer('Permute', {name: 'p', dims: [2, 1]}), dense()),
    {lstm: LSTM, dense: [[9, 4], [4]]},
    9,
  ],
  [
    'Permute before another recurrent layer',
    sequential(
      lstm(OPEN),
      layer('Permute', {name: 'p', dims: [2, 1]}),
      layer('LSTM', {name: 'second', units: 2}),
    ),
    {lstm: LSTM, second: [[9, 8], [2, 8], [8]]},
    9,
  ],
  [
    'a convolution and margins before Flatten',
    sequential(
      layer('Conv1D', {name: 'conv', filters: 2, kernel_size: 3, ...OPEN}),
      layer('ZeroPadding1D', {name: 'zeros', padding: 1}),
      layer('Flatten', {name: 'f'}),
      dense(),
    ),
    {conv: [[3, 2, 2], [2]], dense: [[20, 4], [4]]},
    10,
  ],
  [
    'a whole model inside TimeDistributed',
    sequential(
      layer('TimeDistributed', {
        name: 'each',
        layer: layer('Sequential', [layer('Dense', {name: 'inner', units: 4, batch_input_shape: [null, 2]})]),
        ...OPEN,
      }),
      layer('Flatten', {name: 'f'}),
      dense(),
    ),
    {each: [[2, 4], [4]], dense: [[24, 4], [4]]},
    6,
  ],
];

for (const [title, json, groups, length] of cases) {
  test(`Keras: ${title}: the length is told from the next layer's array`, t => {
    t.deepEqual(shapesOf(json, groups), [[null, length, 2]]);
  });
}

test('layers that a container froze or trains not at all do not shift the arrays of those after them', t => {
  const inner = layer('Sequential', [
    layer('BatchNormalization', {name: 'normed', ...OPEN}),
    layer('Flatten', {name: 'f'}),
    dense('inner'),
  ]);
  // Trained arrays of all layers first: gamma, beta, kernel, bias, then the moving ones.
  t.deepEqual(shapesOf(sequential(inner), {sequential_1: [[2], [2], [8, 4], [4], [2], [2]]}), [[null, 4, 2]]);
});

const input = (name: string) => ({
  ...layer('InputLayer', {name, batch_input_shape: [null, null, 2]}),
  name,
  inbound_nodes: [],
});
const node = (json: {class_name: string; config: object}, ...from: string[]) => ({
  ...json,
  name: (json.config as {name: string}).name,
  inbound_nodes: [from.map(name => [name, 0, 0, {}])],
});
const functional = (layers: object[], inputs: string[], outputs: string[]) =>
  layer('Model', {
    name: 'm',
    layers,
    input_layers: inputs.map(name => [name, 0, 0]),
    output_layers: outputs.map(name => [name, 0, 0]),
  });

test('two branches from one input that meet before the layer', t => {
  const json = functional(
    [
      input('x'),
      node(lstm(), 'x'),
      node(layer('Flatten', {name: 'left'}), 'lstm'),
      node(layer('Flatten', {name: 'right'}), 'x'),
      node(layer('Concatenate', {name: 'both'}), 'left', 'right'),
      node(dense(), 'both'),
    ],
    ['x'],
    ['dense'],
  );
  t.deepEqual(shapesOf(json, {lstm: LSTM, dense: [[30, 4], [4]]}), [[null, 6, 2]]);
});

test('two inputs, each of a length of its own', t => {
  const branch = (k: number) => [
    node(layer('Flatten', {name: `f${k}`}), `x${k}`),
    node(dense(`dense${k}`), `f${k}`),
  ];
  const json = functional(
    [input('x1'), input('x2'), ...branch(1), ...branch(2)],
    ['x1', 'x2'],
    ['dense1', 'dense2'],
  );
  const groups = {dense1: [[6, 4], [4]], dense2: [[14, 4], [4]]};
  t.deepEqual(shapesOf(json, groups), [
    [null, 3, 2],
    [null, 7, 2],
  ]);
});

test('one array cannot tell the lengths of two inputs', t => {
  const json = functional(
    [
      input('x1'),
      input('x2'),
      node(layer('Flatten', {name: 'f1'}), 'x1'),
      node(layer('Flatten', {name: 'f2'}), 'x2'),
      node(layer('Concatenate', {name: 'both'}), 'f1', 'f2'),
      node(dense(), 'both'),
    ],
    ['x1', 'x2'],
    ['dense'],
  );
  const file = weights({dense: [[20, 4], [4]]});
  const {inputs} = architectureOf(file, {json, name: 'model.json'}, {where: 'weights', version: '2.2.4'});
  t.deepEqual(
    inputs.map(({shape}) => shape),
    [
      [null, null, 2],
      [null, null, 2],
    ],
  );
});

test('what is told is said, and where windows leave steps out, that other lengths would fit', t => {
  const json = sequential(
    layer('MaxPooling1D', {name: 'pool', pool_size: 2, ...OPEN}),
    layer('Flatten', {name: 'f'}),
    dense(),
  );
  const {inputs, notes} = architectureOf(
    weights({dense: [[8, 4], [4]]}),
    {json, name: 'model.json'},
    {where: 'weights', version: '2.2.4'},
  );
  t.deepEqual(inputs[0]!.shape, [null, 8, 2]);
  t.regex(
    notes.join('; '),
    /the length of 'pool_input', 8, is told from the arrays of 'dense'; up to 9 would fit as well/,
  );
});

test('looking for a length leaves no tensors behind', t => {
  const [, json, groups] = cases.find(([title]) => title === 'a whole model inside TimeDistributed')!;
  const look = () =>
    architectureOf(weights(groups), {json, name: 'm'}, {where: 'w', version: '2.2.4'}).inputs[0]!.shape;
  look();
  const before = tf.memory().numTensors;
  t.deepEqual(look(), [null, 6, 2]);
  t.is(tf.memory().numTensors, before);
});

test('a length that no array asks for stays open', t => {
  const json = sequential(lstm(OPEN), layer('Dense', {name: 'dense', units: 4}));
  t.deepEqual(
    architectureOf(
      weights({lstm: LSTM, dense: [[3, 4], [4]]}),
      {json, name: 'm'},
      {where: 'w', version: '2.2.4'},
    ).inputs[0]!.shape,
    [null, null, 2],
  );
});

/** Recipes of other libraries: x of open length, a flattening layer, a dense one with 20 rows. */
const recipe = (
  library: string,
  flatten: object[],
  className: string,
  config: object,
  roles: [string, string],
) => ({
  carryover: 1,
  inputs: [{name: 'x', shape: [null, null, 2], dtype: 'float32'}],
  layers: [
    ...flatten.map(one => ({library, ...one})),
    {library, class: className, config, variables: {[roles[0]]: 'g/0', [roles[1]]: 'g/1'}},
  ],
});
const recipes = {
  lasagne: recipe('lasagne', [{class: 'FlattenLayer'}], 'DenseLayer', {num_units: 4}, ['W', 'b']),
  neupy: recipe('neupy', [{class: 'Reshape'}], 'Relu', {n_units: 4}, ['weight', 'bias']),
  epynn: recipe('epynn', [{class: 'Flatten'}], 'Dense', {units: 4}, ['W', 'b']),
  keras0: recipe('keras0', [{class: 'Flatten'}], 'Dense', {output_dim: 4}, ['W', 'b']),
  keras1: recipe('keras1', [{class: 'Flatten'}], 'Dense', {output_dim: 4}, ['W', 'b']),
};
for (const [library, json] of Object.entries(recipes)) {
  test(`${library}: the length of a recipe's sequences is told from the next layer's array`, t => {
    const file = weights({g: [[20, 4], library === 'epynn' ? [1, 4] : [4]]});
    const model = modelFrom(json, file);
    t.deepEqual(model.inputs[0]!.shape, [null, 10, 2]);
    t.deepEqual((model.predict(tf.ones([3, 10, 2])) as tf.Tensor).shape, [3, 4]);
  });
}
