import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import type {NdArray} from '../converters/arrays';
import {CarryoverError} from '../src/errors';
import {recurrentLayerClass} from '../src/libraries';
import {findCellClass} from '../src/libraries/tf1/cells';
import {useBackend} from '../src/node/backend';
import {convertLayer, type LayerSource} from '../src/translate';

test.before(() => useBackend('cpu'));

const toArray = (tensor: tf.Tensor): NdArray => ({
  dtype: 'float32',
  shape: tensor.shape,
  values: Float32Array.from(tensor.dataSync()),
});

/** Runs a layer or cell of any library with these arrays over a sequence: `[batch, time, units]`. */
function run(
  library: string,
  className: string,
  config: Record<string, unknown>,
  version: string | undefined,
  arrays: readonly NdArray[],
  x: tf.Tensor,
): tf.Tensor {
  const values = arrays.map(array => tf.tensor(array.values as Float32Array, [...array.shape]));
  if (library === 'tf1') {
    const cell = new (findCellClass(className)!)(config);
    cell.build([null, x.shape[2]!]);
    cell.setWeights(inOrder(cell.arrayNames, cell.dialect.arrays(cell.args, cell.version), values));
    return cell.runSequence(x, {}).y;
  }
  const layer = new (recurrentLayerClass(library, className)!)({...config, version});
  layer.build(x.shape);
  layer.setWeights(inOrder(layer.arrayNames, layer.dialect.arrays(layer.args, layer.version), values));
  return layer.apply(x) as tf.Tensor;
}

/** Arrays come in the library's order; setWeights wants those that are trained first. */
function inOrder(
  names: readonly string[],
  specs: readonly {name: string}[],
  values: tf.Tensor[],
): tf.Tensor[] {
  return names.map(name => values[specs.findIndex(spec => spec.name === name)]!);
}

function randomArrays(
  library: string,
  className: string,
  config: Record<string, unknown>,
  x: tf.Tensor,
): NdArray[] {
  const layer =
    library === 'tf1'
      ? new (findCellClass(className)!)(config)
      : new (recurrentLayerClass(library, className)!)(config);
  layer.build(x.shape);
  const specs = layer.dialect.arrays(layer.args, layer.version);
  return specs.map(spec => {
    const weight = layer.getWeights()[layer.arrayNames.indexOf(spec.name)]!;
    const initial = spec.holds[0]!.startsWith('initial.');
    return toArray(initial ? tf.zeros(weight.shape) : tf.randomNormal(weight.shape, 0, 0.5));
  });
}

/** Every pair that can be said. */
const pairs: [from: string, className: string, config: Record<string, unknown>, to: string][] = [
  ['tf1', 'BasicLSTMCell', {numUnits: 4}, 'keras2'],
  ['tf1', 'BasicLSTMCell', {numUnits: 4, forgetBias: 2.5, activation: 'relu'}, 'keras0'],
  ['tf1', 'BasicLSTMCell', {numUnits: 4}, 'lasagne'],
  ['tf1', 'LSTMCell', {numUnits: 4, usePeepholes: true}, 'lasagne'],
  ['tf1', 'LSTMCell', {numUnits: 4, usePeepholes: true}, 'neupy'],
  ['tf1', 'GRUCell', {numUnits: 4}, 'keras2'],
  ['tf1', 'GRUCell', {numUnits: 4}, 'epynn'],
  ['keras0', 'LSTM', {outputDim: 4, innerActivation: 'sigmoid', returnSequences: true}, 'tf1'],
  ['keras0', 'LSTM', {outputDim: 4, returnSequences: true}, 'keras2'],
  ['keras0', 'GRU', {outputDim: 4, returnSequences: true}, 'keras1'],
  ['keras1', 'LSTM', {outputDim: 4, consumeLess: 'gpu', returnSequences: true, goBackwards: true}, 'keras2'],
  [
    'keras2',
    'GRU',
    {units: 4, resetAfter: true, returnSequences: true, recurrentActivation: 'sigmoid'},
    'tf1',
  ],
  ['keras2', 'SimpleRNN', {units: 4, returnSequences: true}, 'tf1'],
  ['keras2', 'SimpleRNN', {units: 4, returnSequences: true}, 'lasagne'],
  ['lasagne', 'GRULayer', {numUnits: 4}, 'neupy'],
  ['lasagne', 'GRULayer', {numUnits: 4}, 'keras2'],
  ['lasagne', 'LSTMLayer', {numUnits: 4}, 'tf1'],
  ['lasagne', 'LSTMLayer', {numUnits: 4, peepholes: false}, 'nntools'],
  ['neupy', 'GRU', {nUnits: 4, onlyReturnFinal: false}, 'lasagne'],
  ['neupy', 'LSTM', {nUnits: 4, onlyReturnFinal: false}, 'keras2'],
  ['epynn', 'LSTM', {unitCells: 4, sequences: true}, 'keras2'],
  ['epynn', 'GRU', {unitCells: 4, sequences: true}, 'tf1'],
  ['nntools', 'LSTMLayer', {numUnits: 4, peepholes: false}, 'keras2'],
];

for (const [from, className, config, to] of pairs) {
  test.serial(`${from} ${className} ${JSON.stringify(config)} said in ${to} gives the same outputs`, t => {
    const x = tf.randomNormal([2, 5, 3], 0, 1, 'float32', 3);
    const arrays = randomArrays(from, className, config, x);
    const result = convertLayer({library: from, className, config, arrays}, {library: to});
    const before = run(from, className, config, undefined, arrays, x);
    const after = run(to, result.dialect.className, {...result.config}, result.version, result.arrays, x);
    const distance = tf.max(tf.abs(tf.sub(before, after))).dataSync()[0]!;
    t.true(distance < 1e-5, `off by ${distance}`);
    t.true(tf.max(tf.abs(before)).dataSync()[0]! > 1e-3);
  });
}

const refusals: [source: Omit<LayerSource, 'arrays'>, to: string, reason: RegExp][] = [
  [
    {library: 'tf1', className: 'LSTMCell', config: {numUnits: 4, usePeepholes: true}},
    'keras2',
    /it has peepholes/,
  ],
  [
    {library: 'tf1', className: 'LSTMCell', config: {numUnits: 4, cellClip: 3}},
    'lasagne',
    /it has a cell clip/,
  ],
  [
    {library: 'tf1', className: 'LSTMCell', config: {numUnits: 4, numProj: 2}},
    'keras2',
    /it has a projection/,
  ],
  [
    {library: 'keras0', className: 'LSTM', config: {outputDim: 4}},
    'tf1',
    /the input gate and the forget gate and the output gate: hardSigmoid .* not sigmoid/,
  ],
  [
    {library: 'keras2', className: 'LSTM', config: {units: 4, goBackwards: true, returnSequences: true}},
    'epynn',
    /it runs backward/,
  ],
  [
    {library: 'keras2', className: 'LSTM', config: {units: 4, goBackwards: true, returnSequences: true}},
    'lasagne',
    /the order of processing/,
  ],
  [{library: 'keras2', className: 'LSTM', config: {units: 4}}, 'nntools', /last output alone/],
  [
    {library: 'nntools', className: 'LSTMLayer', config: {numUnits: 4}},
    'lasagne',
    /peepholes of another kind/,
  ],
  [
    {library: 'keras2', className: 'GRU', config: {units: 4, resetAfter: true, returnSequences: true}},
    'epynn',
    /reset gate acts after/,
  ],
  [
    {library: 'keras2', className: 'GRU', config: {units: 4, resetAfter: true, returnSequences: true}},
    'lasagne',
    /a bias of the recurrent product/,
  ],
  [{library: 'keras2', className: 'SimpleRNN', config: {units: 4}}, 'neupy', /has no such layer/],
];

for (const [source, to, reason] of refusals) {
  test.serial(
    `${source.library} ${source.className} ${JSON.stringify(source.config)} is refused in ${to}, and why`,
    t => {
      const arrays = randomArrays(source.library, source.className, {...source.config}, tf.ones([2, 5, 3]));
      const error = t.throws(() => convertLayer({...source, arrays}, {library: to}), {
        instanceOf: CarryoverError,
      })!;
      t.is(error.code, 'E_DIALECT');
      t.regex(error.message, reason);
    },
  );
}

test.serial('a learned initial state is not dropped silently', t => {
  const config = {numUnits: 4};
  const arrays = randomArrays('lasagne', 'LSTMLayer', {...config, peepholes: false}, tf.ones([2, 5, 3]));
  const initial = arrays.map(array =>
    array.shape[0] === 1 ? {...array, values: new Float32Array(4).fill(0.5)} : array,
  );
  const source = {
    library: 'lasagne',
    className: 'LSTMLayer',
    config: {...config, peepholes: false},
    arrays: initial,
  };
  t.regex(
    t.throws(() => convertLayer(source, {library: 'keras2'}))!.message,
    /an initial state other than zero/,
  );
});
