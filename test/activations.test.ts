import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import {namedActivation, parseActivation} from '../src/dialects/activations';
import {CarryoverError} from '../src/errors';
import {activationSetting} from '../src/layers/plain/activation-setting';
import {activationFunction} from '../src/layers/plain/base';

tf.enableProdMode();

const X = [-3, -1, -0.2, 0, 0.4, 2, 7];

/** What a layer outside of cells computes with an activation. */
const outside = (spec: unknown, release?: string): number[] =>
  Array.from(activationFunction(activationSetting(spec, 'layer', release))(tf.tensor1d(X)).dataSync());

const erf = (x: number): number => {
  // A series, exact enough here: 2/√π Σ (−1)ⁿ x²ⁿ⁺¹ / (n! (2n+1)).
  let [sum, term] = [0, x];
  for (let n = 0; n < 200; n++) {
    sum += term / (2 * n + 1);
    term *= -(x * x) / (n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
};

const clip = (x: number): number => Math.min(Math.max(x, 0), 1);
const EXPECTED: Readonly<Record<string, (x: number) => number>> = {
  linear: x => x,
  tanh: Math.tanh,
  sigmoid: x => 1 / (1 + Math.exp(-x)),
  hard_sigmoid: x => clip(0.2 * x + 0.5),
  relu: x => Math.max(x, 0),
  relu6: x => Math.min(Math.max(x, 0), 6),
  softplus: x => Math.log1p(Math.exp(x)),
  softsign: x => x / (1 + Math.abs(x)),
  elu: x => (x > 0 ? x : Math.expm1(x)),
  selu: x => 1.0507009873554805 * (x > 0 ? x : 1.6732632423543772 * Math.expm1(x)),
  exponential: Math.exp,
  swish: x => x / (1 + Math.exp(-x)),
  silu: x => x / (1 + Math.exp(-x)),
  mish: x => x * Math.tanh(Math.log1p(Math.exp(x))),
  gelu: x => 0.5 * x * (1 + erf(x / Math.SQRT2)),
};

for (const [name, f] of Object.entries(EXPECTED)) {
  test(`${name} outside of cells is Keras' function`, t => {
    for (const [k, y] of outside(name).entries()) {
      const expected = f(X[k]!);
      t.true(Math.abs(y - expected) < 1e-6 * Math.max(1, Math.abs(expected)), `${name}(${X[k]}) is ${y}`);
    }
  });
}

test('hard_sigmoid has two meanings, inside cells and outside', t => {
  t.deepEqual(parseActivation('hard_sigmoid', 'cell'), {kind: 'hardSigmoid', slope: 0.2, offset: 0.5});
  t.deepEqual(parseActivation('hard_sigmoid', 'cell', '3.6.0'), {
    kind: 'hardSigmoid',
    slope: 1 / 6,
    offset: 0.5,
  });
  for (const [k, y] of outside('hard_sigmoid', '3.0.5').entries()) {
    t.true(Math.abs(y - clip(X[k]! / 6 + 0.5)) < 1e-6);
  }
});

test('activation layers keep their parameters inside cells', t => {
  const layer = (class_name: string, config: object) => parseActivation({class_name, config}, 'cell');
  t.deepEqual(layer('ReLU', {max_value: 5, negative_slope: 0, threshold: 0}), {kind: 'cappedRelu', limit: 5});
  t.deepEqual(layer('ReLU', {max_value: null, negative_slope: 0.1}), {kind: 'leakyRelu', alpha: 0.1});
  t.deepEqual(layer('ReLU', {name: 're_lu', trainable: true, dtype: 'float32'}), {kind: 'relu'});
  t.deepEqual(layer('LeakyReLU', {negative_slope: 0.2}), {kind: 'leakyRelu', alpha: 0.2});
  t.deepEqual(layer('ELU', {alpha: 0.5}), {kind: 'elu', alpha: 0.5, scale: 1});
});

test('a function as Keras 3 writes it is read by its name', t => {
  const spec = {module: 'builtins', class_name: 'function', config: 'silu', registered_name: 'function'};
  t.deepEqual(namedActivation(spec, 'layer', '3'), {layer: 'swish'});
});

test('activation layers keep their parameters outside of cells', t => {
  const spec = (class_name: string, config: object) => ({class_name, config});
  t.deepEqual(
    outside(spec('LeakyReLU', {alpha: 0.5, name: 'a'})),
    X.map(x => (x > 0 ? x : 0.5 * x)).map(Math.fround),
  );
  t.deepEqual(
    outside(spec('ReLU', {max_value: 1, negative_slope: 0.5, threshold: 0.5})).map(y => y.toFixed(6)),
    X.map(x => (x >= 1 ? 1 : x > 0.5 ? x : 0.5 * (x - 0.5)).toFixed(6)),
  );
  t.is(activationSetting(spec('Activation', {activation: 'tanh'}), 'layer'), 'tanh');
});

const refused: readonly (readonly [title: string, action: () => unknown, message: RegExp])[] = [
  [
    'an unknown name',
    () => activationSetting('wobble', 'm: d'),
    /^m: d: activation 'wobble' is not known; expected one of linear, tanh/,
  ],
  ['a name of every object', () => activationSetting('constructor', 'm: d'), /'constructor' is not known/],
  ['a gated unit inside a cell', () => parseActivation('glu', 'm: l'), /'glu' is no/],
  [
    'a slope and a limit',
    () => parseActivation({class_name: 'ReLU', config: {max_value: 1, negative_slope: 0.1}}, 'm'),
    /'ReLU' is no element-wise activation/,
  ],
  [
    'a threshold',
    () => parseActivation({class_name: 'ReLU', config: {threshold: 0.5}}, 'm'),
    /'ReLU' is no element-wise activation/,
  ],
  [
    'a parameter that is not known',
    () => parseActivation({class_name: 'elu', config: {beta: 2}}, 'm'),
    /'elu' has a parameter 'beta'/,
  ],
];
for (const [title, action, message] of refused) {
  test(`${title} is refused`, t => {
    t.is(t.throws(action, {instanceOf: CarryoverError, message})?.code, 'E_LAYER');
  });
}
