import {readdirSync, readFileSync} from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import test from 'ava';
import {modelFrom} from '../src/model/open';
import {predictAll} from '../src/verify/verify';

// Python's operators and functions of tensors, as models of three releases hold them, against what those computed
// (fixtures/generate/operations.py).

interface Recorded {
  readonly version: string;
  readonly shape: [number, number, number];
  readonly a: number[];
  readonly b: number[];
  readonly cases: readonly {name: string; model: object; shape: number[]; values: number[]}[];
}

const FOLDER = 'fixtures/operations';
/** Functions that lose digits in float32. */
const TOLERANCE = 2e-5;

for (const file of readdirSync(FOLDER)) {
  const recorded = JSON.parse(readFileSync(`${FOLDER}/${file}`, 'utf8')) as Recorded;
  test(`${file}: a hundred functions and more are recorded`, t => {
    t.true(recorded.cases.length > 100);
  });
  for (const {name, model, shape, values} of recorded.cases) {
    test(`${file}: ${name} computes what the library computed`, t => {
      const built = modelFrom({keras_version: recorded.version, ...model});
      const data = {a: recorded.a, b: recorded.b};
      // tfjs counts names that it has given before: `a_12`.
      const fed = built.inputs.map(input => tf.tensor(data[input.name[0] as 'a' | 'b'], recorded.shape));
      const [y] = predictAll(built, fed);
      t.deepEqual(y!.shape, shape);
      const got = y!.dataSync();
      const off = values.map((want, k) => Math.abs(got[k]! - want) / (1 + Math.abs(want)));
      t.true(Math.max(...off) < TOLERANCE, `off by ${Math.max(...off)}`);
    });
  }
}

test('a function that is not known is refused with the layer and what to do', t => {
  const input = {class_name: 'InputLayer', name: 'x', config: {name: 'x', batch_input_shape: [null, 3]}};
  const layer = {
    class_name: 'TFOpLambda',
    name: 'tf.signal.fft',
    config: {name: 'tf.signal.fft', function: 'signal.fft'},
    inbound_nodes: [['x', 0, 0, {}]],
  };
  const json = {
    class_name: 'Functional',
    keras_version: '2.15.0',
    config: {
      name: 'm',
      layers: [input, layer],
      input_layers: [['x', 0, 0]],
      output_layers: [['tf.signal.fft', 0, 0]],
    },
  };
  t.throws(() => modelFrom(json), {
    code: 'E_LAYER',
    message: /layer 1 'tf\.signal\.fft': TensorFlow's function 'signal\.fft' is not known; load as much/,
  });
});

test('an argument that the function does not know is refused', t => {
  const json = {
    class_name: 'Functional',
    keras_version: '2.15.0',
    config: {
      name: 'm',
      layers: [
        {class_name: 'InputLayer', name: 'x', config: {name: 'x', batch_input_shape: [null, 3]}},
        {
          class_name: 'TFOpLambda',
          name: 'n',
          config: {name: 'n', function: 'norm'},
          inbound_nodes: [['x', 0, 0, {axis: 1, ord: 1}]],
        },
      ],
      input_layers: [['x', 0, 0]],
      output_layers: [['n', 0, 0]],
    },
  };
  t.throws(() => modelFrom(json), {code: 'E_LAYER', message: /order is 1; expected 2 or 'euclidean'/});
});

test('comparisons have a derivative of 0, and equal largest values share theirs', t => {
  const input = {class_name: 'InputLayer', name: 'x', config: {name: 'x', batch_input_shape: [null, 3]}};
  const call = (name: string, fn: string, node: unknown) => ({
    class_name: 'TFOpLambda',
    name,
    config: {name, function: fn},
    inbound_nodes: [node],
  });
  const json = {
    class_name: 'Functional',
    keras_version: '2.15.0',
    config: {
      name: 'm',
      layers: [
        input,
        call('g', 'math.greater', ['x', 0, 0, {y: 1}]),
        call('c', 'cast', ['g', 0, 0, {dtype: 'float32'}]),
        call('p', 'math.multiply', ['x', 0, 0, {y: ['c', 0, 0]}]),
        call('m', 'math.reduce_max', ['p', 0, 0, {axis: 1}]),
      ],
      input_layers: [['x', 0, 0]],
      output_layers: [['m', 0, 0]],
    },
  };
  const built = modelFrom(json);
  const gradient = tf.grad(x => built.apply(x) as tf.Tensor)(tf.tensor2d([[2, 3, 3]]));
  t.deepEqual([...gradient.dataSync()], [0, 0.5, 0.5]);
});
