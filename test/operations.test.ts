import {readdirSync, readFileSync} from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import test from 'ava';
import type {CarryoverError} from '../src/errors';
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

/** A model of one of TensorFlow's ops with two inputs, or with a constant for the second. */
const nodeModel = (op: string, attr: object, constants: object = {}): object => {
  const input = (name: string) => ({
    class_name: 'InputLayer',
    name,
    config: {name, batch_input_shape: [null, 3]},
  });
  const names = Object.keys(constants).length > 0 ? ['x'] : ['x', 'y'];
  const node = {name: op, op, input: ['x', 'y'], attr: {T: {type: 'DT_FLOAT'}, ...attr}};
  return {
    class_name: 'Model',
    keras_version: '2.3.0-tf',
    config: {
      name: 'm',
      layers: [
        ...names.map(input),
        {
          class_name: 'TensorFlowOpLayer',
          name: 'op',
          config: {name: 'op', node_def: node, constants},
          inbound_nodes: [names.map(name => [name, 0, 0, {}])],
        },
      ],
      input_layers: names.map(name => [name, 0, 0]),
      output_layers: [['op', 0, 0]],
    },
  };
};

test("attributes of TensorFlow's ops that change nothing are read, the rest is refused by name", t => {
  const bytes = (text: string) => ({s: Buffer.from(text).toString('base64')});
  const read: readonly [string, object][] = [
    ['BiasAdd', {data_format: bytes('NHWC')}],
    ['Equal', {incompatible_shape_error: {b: true}}],
    ['AddV2', {_output_shapes: {list: {shape: []}}}],
    ['AddN', {N: {i: '2'}}],
  ];
  for (const [op, attr] of read) t.notThrows(() => modelFrom(nodeModel(op, attr)), op);
  const odd: readonly [string, object, RegExp][] = [
    ['BiasAdd', {data_format: bytes('NCHW')}, /BiasAdd has data_format "NCHW".*expected NHWC\. Load as much/],
    ['Equal', {incompatible_shape_error: {b: false}}, /incompatible_shape_error false.*expected true/],
    ['AddV2', {data_format: bytes('NHWC')}, /AddV2 has data_format/],
    ['Mul', {N: {i: '2'}}, /Mul has N \(2\)/],
  ];
  for (const [op, attr, message] of odd) {
    const error = t.throws(() => modelFrom(nodeModel(op, attr)), {code: 'E_LAYER', message}, op);
    t.is((error as CarryoverError).layer, 'op');
  }
});

test('a strided slice has no attribute beside its masks', t => {
  const bounds = {1: [0], 2: [1], 3: [1]};
  t.notThrows(() => modelFrom(nodeModel('StridedSlice', {Index: {type: 'DT_INT32'}}, bounds)));
  t.throws(() => modelFrom(nodeModel('StridedSlice', {other_mask: {i: '1'}}, bounds)), {
    code: 'E_LAYER',
    message: /layer 1 'op': StridedSlice has other_mask \(1\)/,
  });
});
