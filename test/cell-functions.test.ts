import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import {setEngine, takeUsedEngines} from '../src/engines/registry';
import {onTensor} from '../src/layers/tensor-activation';
import {keras2, keras3} from '../src/libraries/all';
import {useBackend} from '../src/node/backend';
import {loadNativeBackend} from '../src/node/native';
import type {Activation} from '../src/recurrence/activations';

/* Functions inside of cells, on every engine, against a loop of tfjs' own operations and its gradients. */

const native = await loadNativeBackend();

const x = tf.tensor2d([[-3, -1, -0.4, 0, 0.3, 0.9, 2.5]]);

/** f by its definition, and a name that files have for it. */
const FUNCTIONS: readonly (readonly [
  name: unknown,
  f: Activation,
  definition: (x: tf.Tensor) => tf.Tensor,
])[] = [
  ['swish', {kind: 'swish'}, x => tf.mul(x, tf.sigmoid(x))],
  ['silu', {kind: 'swish'}, x => tf.mul(x, tf.sigmoid(x))],
  ['mish', {kind: 'mish'}, x => tf.mul(x, tf.tanh(tf.softplus(x)))],
  ['gelu', {kind: 'gelu'}, x => tf.mul(tf.mul(x, 0.5), tf.add(1, tf.erf(tf.div(x, Math.SQRT2))))],
  ['softmax', {kind: 'softmax'}, x => tf.softmax(x)],
  [{kind: 'tanhGelu'}, {kind: 'tanhGelu'}, x => tanhGelu(x)],
  [{kind: 'hardSwish'}, {kind: 'hardSwish'}, x => tf.div(tf.mul(x, tf.relu6(tf.add(x, 3))), 6)],
  [{kind: 'logSigmoid'}, {kind: 'logSigmoid'}, x => tf.neg(tf.softplus(tf.neg(x)))],
  [{kind: 'tanhShrink'}, {kind: 'tanhShrink'}, x => tf.sub(x, tf.tanh(x))],
  [{kind: 'hardTanh'}, {kind: 'hardTanh'}, x => tf.clipByValue(x, -1, 1)],
  [
    {kind: 'softShrink', threshold: 0.5},
    {kind: 'softShrink', threshold: 0.5},
    x => tf.mul(tf.sign(x), tf.relu(tf.sub(tf.abs(x), 0.5))),
  ],
];

function tanhGelu(x: tf.Tensor): tf.Tensor {
  const inner = tf.mul(Math.sqrt(2 / Math.PI), tf.add(x, tf.mul(0.044715, tf.pow(x, 3))));
  return tf.mul(tf.mul(x, 0.5), tf.add(1, tf.tanh(inner)));
}

const close = (
  t: {true(value: boolean, message?: string): unknown},
  a: tf.Tensor,
  b: tf.Tensor,
  what: string,
) => {
  const difference = tf.max(tf.abs(tf.sub(a, b))).dataSync()[0]!;
  const largest = tf.max(tf.abs(b)).dataSync()[0]!;
  t.true(difference < 1e-5 * (1 + largest), `${what}: off by ${difference} of ${largest}`);
};

for (const [name, f, definition] of FUNCTIONS) {
  test.serial(`${f.kind} (${JSON.stringify(name)}) on tensors is what its definition says`, async t => {
    await useBackend('cpu');
    close(t, onTensor(f, x), definition(x), f.kind);
  });
}

/** A simple network's h after each step, by the definition. */
function reference(
  definition: (x: tf.Tensor) => tf.Tensor,
  [kernel, recurrent, bias]: tf.Tensor[],
  x: tf.Tensor,
) {
  let h: tf.Tensor = tf.zeros([x.shape[0]!, 4]);
  const outputs = tf.unstack(x, 1).map(step => {
    const z = tf.add(
      tf.add(tf.matMul(step as tf.Tensor2D, kernel as tf.Tensor2D), bias!),
      tf.matMul(h, recurrent!),
    );
    h = definition(z);
    return h;
  });
  return tf.stack(outputs, 1);
}

const RUNS = [
  {engine: 'ops', backend: 'cpu'},
  {engine: 'wasm', backend: 'cpu'},
  ...(native.available ? [{engine: 'native', backend: 'tensorflow'} as const] : []),
] as const;

/** What the kernel of an engine lacks, another one runs. */
const LACKING: Readonly<Record<string, readonly string[]>> = {wasm: ['gelu', 'softmax']};

for (const {engine, backend} of RUNS) {
  for (const [name, f, definition] of FUNCTIONS) {
    test.serial(`${f.kind} (${JSON.stringify(name)}) in a cell, and its gradients, on ${engine}`, async t => {
      await useBackend(backend);
      setEngine(engine);
      takeUsedEngines();
      const layer = keras2.simpleRNN({units: 4, activation: name as string, returnSequences: true});
      const data = tf.randomNormal([2, 5, 3], 0, 1, 'float32', 1);
      close(t, layer.apply(data), reference(definition, layer.getWeights(), data), 'outputs');
      const variables = layer.trainableWeights.map(weight => weight.read() as tf.Variable);
      const own = tf.variableGrads(
        () => tf.sum(tf.square(layer.apply<tf.Tensor>(data))) as tf.Scalar,
        variables,
      ).grads;
      const wanted = tf.variableGrads(
        () => tf.sum(tf.square(reference(definition, variables, data))) as tf.Scalar,
        variables,
      ).grads;
      for (const {name} of variables) close(t, own[name]!, wanted[name]!, `gradient of ${name}`);
      const lacks = LACKING[engine]?.includes(f.kind) ?? false;
      t.is(takeUsedEngines().includes(engine), !lacks);
      layer.dispose();
    });
  }
}

test("hard_sigmoid in a cell is the release's", t => {
  const slopeOf = (layer: {readonly recurrence: {readonly activations: object}}) =>
    (layer.recurrence.activations as {i: {slope: number}}).i.slope;
  t.is(slopeOf(keras2.lstm({units: 1, recurrentActivation: 'hard_sigmoid', version: '2.15.0'})), 0.2);
  t.is(slopeOf(keras3.lstm({units: 1, recurrentActivation: 'hard_sigmoid'})), 1 / 6);
});
