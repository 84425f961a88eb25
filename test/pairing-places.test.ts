import test from 'ava';
import type {WeightFile, WeightGroup} from '../converters/arrays';
import {CarryoverError} from '../src/errors';
import {objectName, objectNames} from '../src/libraries/object-names';
import {modelFrom} from '../src/model/open';
import {useBackend} from '../src/node/backend';

// Arrays of files that keep objects by their place go to the layers at these places.

await useBackend('cpu');

type Json = Record<string, unknown>;

const layer = (className: string, name: string, config: Json, from?: string | readonly string[]): Json => ({
  class_name: className,
  name,
  config: {name, ...config},
  inbound_nodes: from ? [[from].flat().map(source => [source, 0, 0, {}])] : [],
});
const input = (name: string, features: number): Json =>
  layer('InputLayer', name, {batch_input_shape: [null, null, features], dtype: 'float32'});
const lstm = (name: string, from: string | undefined, more: Json = {}): Json =>
  layer('LSTM', name, {units: 2, return_sequences: true, ...more}, from);
const functional = (
  name: string,
  layers: readonly Json[],
  ins: readonly string[],
  outs: readonly string[],
): Json => ({
  class_name: 'Functional',
  keras_version: '2.15.0',
  config: {
    name,
    layers,
    input_layers: ins.map(own => [own, 0, 0]),
    output_layers: outs.map(own => [own, 0, 0]),
  },
});

/** Two LSTMs and a Dense between: x → first → dense → second. */
const CHAIN = functional(
  'chain',
  [
    input('x', 3),
    lstm('first', 'x'),
    layer('Dense', 'between', {units: 2}, 'first'),
    lstm('second', 'between'),
  ],
  ['x'],
  ['second'],
);

let next = 0;
/** An array filled with one number, which tells it. */
function array(name: string, shape: readonly number[]): WeightGroup['arrays'][number] {
  const values = new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(++next);
  return {name, dtype: 'float32', shape, read: () => ({dtype: 'float32', shape, values})};
}

interface Stored {
  readonly shapes?: readonly (readonly number[])[];
  readonly name?: string;
}

/** A file of these objects, by their paths. */
function file(objects: Readonly<Record<string, Stored>>): WeightFile {
  next = 0;
  const groups = Object.entries(objects).map(
    ([path, {shapes = [], name}]): WeightGroup => ({
      name: path,
      owner: {path: path.split('/'), name},
      arrays: shapes.map((shape, k) => array(`${path}/vars/${k}`, shape)),
    }),
  );
  return {format: 'keras-h5-weights', groups, facts: {}, close() {}};
}

/** What fills each weight of a model, in its order. */
function filled(architecture: Json, weights: WeightFile, byName = false): number[] {
  const model = modelFrom(architecture, weights, {byName});
  const found = model.layers.flatMap(own => own.getWeights().map(weight => weight.dataSync()[0]!));
  model.dispose();
  return found;
}

const cell = (features: number, units = 2): Stored => ({
  shapes: [[features, 4 * units], [units, 4 * units], [4 * units]],
});
const dense = (features: number, units: number): Stored => ({shapes: [[features, units], [units]]});

test('classes are spelled as Keras spells them in paths', t => {
  const names = [
    'LSTM',
    'Dense',
    'ConvLSTM1D',
    'PReLU',
    'Conv1DTranspose',
    'SimpleRNN',
    'InputLayer',
    'Functional',
  ];
  t.deepEqual(names.map(objectName), [
    'lstm',
    'dense',
    'conv_lstm1d',
    'p_re_lu',
    'conv1d_transpose',
    'simple_rnn',
    'input_layer',
    'functional',
  ]);
  t.is(objectName('Model'), 'functional');
  t.is(objectName('Custom>MyLSTM'), 'my_lstm');
  t.deepEqual(objectNames(['LSTMCell', 'GRUCell', 'LSTMCell']), ['lstm_cell', 'gru_cell', 'lstm_cell_1']);
});

test('layers are numbered by class in the order of their container, whatever their names', t => {
  const stored = {
    'layers/dense': dense(2, 2),
    'layers/lstm_1/cell': cell(2),
    'layers/lstm/cell': cell(3),
  };
  t.deepEqual(filled(CHAIN, file(stored)), [6, 7, 8, 1, 2, 3, 4, 5]);
});

test('to 2.13 layers with arrays take two numbers, and those without one', t => {
  const stored = {
    '_layer_checkpoint_dependencies/lstm/cell': cell(3),
    '_layer_checkpoint_dependencies/lstm_2/cell': cell(2),
    '_layer_checkpoint_dependencies/dense': dense(2, 2),
  };
  t.deepEqual(filled(CHAIN, file(stored)), [1, 2, 3, 7, 8, 4, 5, 6]);
});

test('a layer that is called twice has one number', t => {
  const shared = functional(
    'shared',
    [
      input('a', 3),
      {...lstm('once', undefined), inbound_nodes: [[['a', 0, 0, {}]], [['a', 0, 0, {}]]]},
      {
        ...layer('Add', 'sum', {}),
        inbound_nodes: [
          [
            ['once', 0, 0, {}],
            ['once', 1, 0, {}],
          ],
        ],
      },
      lstm('twice', 'sum'),
    ],
    ['a'],
    ['twice'],
  );
  const stored = {'layers/lstm/cell': cell(3), 'layers/lstm_1/cell': cell(2)};
  t.deepEqual(filled(shared, file(stored)), [1, 2, 3, 4, 5, 6]);
});

const encoder = functional('encoder', [input('e', 3), lstm('one', 'e'), lstm('two', 'one')], ['e'], ['two']);
const head: Json = {
  class_name: 'Sequential',
  config: {
    name: 'head',
    layers: [input('h', 2), lstm('three', undefined), layer('Dense', 'four', {units: 1})],
  },
};
/** The nth call of a layer. */
const call = (name: string, count: number): unknown => [[name, count, 0, {}]];
/** A model around two models, the second a Sequential; a model's own definition is its call 0. */
const NESTED = functional(
  'outer',
  [
    input('x', 3),
    {...encoder, name: 'encoder', inbound_nodes: [call('x', 0)]},
    {...lstm('five', undefined), inbound_nodes: [call('encoder', 1)]},
    {...head, name: 'head', inbound_nodes: [call('five', 0)]},
  ],
  ['x'],
  ['head'],
);
(NESTED.config as Json).output_layers = [['head', 1, 0]];
const NESTED_OBJECTS = {
  'layers/functional/layers/lstm/cell': cell(3),
  'layers/functional/layers/lstm_1/cell': cell(2),
  'layers/lstm/cell': cell(2),
  'layers/sequential/layers/dense': dense(2, 1),
  'layers/sequential/layers/lstm/cell': cell(2),
};

test('models inside of models count for themselves', t => {
  t.deepEqual(filled(NESTED, file(NESTED_OBJECTS)), [1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 13, 14, 10, 11]);
});

test('wrappers have what they wrap under their attributes', t => {
  const wrapped = functional(
    'wrapped',
    [
      input('x', 3),
      layer('Bidirectional', 'both', {layer: lstm('inner', undefined), merge_mode: 'sum'}, 'x'),
      layer('TimeDistributed', 'each', {layer: layer('Dense', 'own', {units: 2})}, 'both'),
    ],
    ['x'],
    ['each'],
  );
  const stored = {
    'layers/bidirectional/backward_layer/cell': cell(3),
    'layers/bidirectional/forward_layer/cell': cell(3),
    'layers/bidirectional/layer/cell': {},
    'layers/time_distributed/layer': dense(2, 2),
  };
  t.deepEqual(filled(wrapped, file(stored)), [4, 5, 6, 1, 2, 3, 7, 8]);
});

test('a model that is wrapped is found inside of its wrapper', t => {
  const inner = functional(
    'inner',
    [input('i', 3), lstm('deep', 'i'), lstm('deeper', 'deep')],
    ['i'],
    ['deeper'],
  );
  const outer = functional(
    'outer',
    [
      layer('InputLayer', 'x', {batch_input_shape: [null, 4, 5, 3], dtype: 'float32'}),
      layer('TimeDistributed', 'each', {layer: inner}, 'x'),
    ],
    ['x'],
    ['each'],
  );
  const stored = {
    'layers/time_distributed/layer/layers/lstm_1/cell': cell(2),
    'layers/time_distributed/layer/layers/lstm/cell': cell(3),
  };
  t.deepEqual(filled(outer, file(stored)), [4, 5, 6, 1, 2, 3]);
});

test('the cells of a stack are numbered by class', t => {
  const cellOf = (className: string): Json => ({class_name: className, config: {units: 2}});
  const stack = functional(
    'stack',
    [input('x', 3), layer('RNN', 'rnn', {cell: ['LSTMCell', 'SimpleRNNCell', 'LSTMCell'].map(cellOf)}, 'x')],
    ['x'],
    ['rnn'],
  );
  const simple: Stored = {shapes: [[2, 2], [2, 2], [2]]};
  const stored = {
    'layers/rnn/cell/cells/lstm_cell': cell(3),
    'layers/rnn/cell/cells/lstm_cell_1': cell(2),
    'layers/rnn/cell/cells/simple_rnn_cell': simple,
  };
  t.deepEqual(filled(stack, file(stored)), [1, 2, 3, 7, 8, 9, 4, 5, 6]);
});

test('the projections of an attention come by their attributes, private ones too', t => {
  const attention = functional(
    'attention',
    [
      input('x', 4),
      {
        ...layer('MultiHeadAttention', 'heads', {num_heads: 2, key_dim: 3}),
        inbound_nodes: [[['x', 0, 0, {value: ['x', 0, 0]}]]],
      },
    ],
    ['x'],
    ['heads'],
  );
  const projection: Stored = {
    shapes: [
      [4, 2, 3],
      [2, 3],
    ],
  };
  for (const prefix of ['', '_']) {
    const stored = {
      [`layers/multi_head_attention/${prefix}key_dense`]: projection,
      [`layers/multi_head_attention/${prefix}output_dense`]: {shapes: [[2, 3, 4], [4]]},
      [`layers/multi_head_attention/${prefix}query_dense`]: projection,
      [`layers/multi_head_attention/${prefix}value_dense`]: projection,
    };
    t.deepEqual(filled(attention, file(stored)), [5, 6, 1, 2, 7, 8, 3, 4]);
  }
});

test('a kernel that a wrapper has again is taken once', t => {
  const normalized = functional(
    'normalized',
    [input('x', 3), layer('SpectralNormalization', 'norm', {layer: layer('Dense', 'own', {units: 2})}, 'x')],
    ['x'],
    ['norm'],
  );
  const stored = {
    'layers/spectral_normalization': {
      shapes: [
        [3, 2],
        [1, 2],
      ],
    },
    'layers/spectral_normalization/layer': dense(3, 2),
  };
  t.deepEqual(filled(normalized, file(stored)), [3, 4, 2]);
});

const fails = (
  architecture: Json,
  stored: Readonly<Record<string, Stored>>,
  byName = false,
): (() => void) => {
  const weights = file(stored);
  return () => void modelFrom(architecture, weights, {byName});
};

test('what the file lacks and what it has too much are both told', t => {
  const error = t.throws(
    fails(CHAIN, {
      'layers/lstm/cell': cell(3),
      'layers/dense': dense(2, 2),
      'layers/gru/cell': cell(2),
    }),
    {instanceOf: CarryoverError, code: 'E_WEIGHTS'},
  );
  t.regex(error!.message, /no arrays of 'second' \(layers\/lstm_1\)/);
  t.regex(error!.message, /arrays of 'layers\/gru\/cell', which the model does not have/);
});

test('an array too many or too few is told with the roles that are expected', t => {
  const stored = {
    'layers/lstm/cell': cell(3),
    'layers/dense': {shapes: [[2, 2]]},
    'layers/lstm_1/cell': cell(2),
  };
  t.throws(fails(CHAIN, stored), {
    code: 'E_WEIGHTS',
    message: /layers\/dense has 1 arrays; 'between' has 2 there \(kernel, bias\)/,
  });
});

const named = (first: string, second: string): Readonly<Record<string, Stored>> => ({
  'layers/lstm': {name: first},
  'layers/lstm/cell': {...cell(3), name: 'lstm_cell'},
  'layers/dense': {...dense(2, 2), name: 'between'},
  'layers/lstm_1': {name: second},
  'layers/lstm_1/cell': {...cell(2), name: 'lstm_cell'},
});

test('names in the file are a second witness: other names do no harm, the same ones swapped do', t => {
  t.deepEqual(filled(CHAIN, file(named('first', 'second'))), [1, 2, 3, 4, 5, 6, 7, 8]);
  t.deepEqual(filled(CHAIN, file(named('second', 'third'))), [1, 2, 3, 4, 5, 6, 7, 8]);
  t.throws(fails(CHAIN, named('second', 'first')), {
    code: 'E_WEIGHTS',
    message: /in layers, 'second' comes where the architecture has 'first'/,
  });
});

test('by name, layers are found by the names in the file, and others are left as they are', t => {
  const stored = {
    ...named('second', 'other'),
    'layers/lstm/cell': {...cell(2), name: 'lstm_cell'},
  };
  const [, , , ...rest] = filled(CHAIN, file(stored), true);
  t.deepEqual(rest, [4, 5, 1, 2, 3]);
  t.throws(fails(CHAIN, {'layers/lstm/cell': cell(3)}, true), {
    code: 'E_WEIGHTS',
    message: /by name: no layer of the model is among none; files of Keras before 3.6 have no names/,
  });
});

test('an architecture that tells no places cannot be filled by place', t => {
  const recipe = {
    carryover: 1,
    inputs: [{name: 'x', shape: [null, null, 3], dtype: 'float32'}],
    layers: [{library: 'keras2', class: 'LSTM', config: {units: 2}}],
  };
  t.throws(fails(recipe, {'layers/lstm/cell': cell(3)}), {
    code: 'E_WEIGHTS',
    message: /keeps arrays by the places of layers/,
  });
});
