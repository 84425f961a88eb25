import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import {type Argument, nameIn, pythonName} from '../src/dialects/arguments';
import {LIBRARIES} from '../src/libraries';
import type {BuiltLayer} from '../src/libraries/built';
import {buildPlain, type PlainLayer} from '../src/libraries/plain';
import {fromWeights, type LayerArray, toWeights} from '../src/libraries/stored-arrays';
import type {CallArguments} from '../src/model/architecture';

tf.enableProdMode();

/** Some value for an argument that must be given; each its own, so that axes are told apart. */
const INTEGERS: Readonly<Record<string, number>> = {
  numQueryHeads: 4,
  numKeyValueHeads: 2,
  groups: 2,
  inputDim: 7,
  outputDim: 5,
  inputSize: 7,
  outputSize: 5,
  nbRow: 3,
};

function required(name: string, {kind, count}: Argument): unknown {
  if (kind === 'integers') return [3, 2, 2].slice(0, count);
  return kind === 'activation' ? 'tanh' : (INTEGERS[name] ?? 2);
}

/** A config with what must be given and nothing else, as a release spells it; optional units are given too. */
function configOf(declaration: PlainLayer, version: string): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(declaration.arguments).flatMap(([name, spec]) => {
      const python = pythonName(name, spec, version);
      const isOpen = spec.fallback(version) === undefined && spec.kind !== 'other';
      return python !== undefined && (isOpen || name === 'nUnits') ? [[python, required(name, spec)]] : [];
    }),
  );
}

/** What has to be given of arguments that take anything. */
const OTHERS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  EinsumDense: {equation: 'ab,bcd->acd', output_shape: [3, 2], bias_axes: 'cd'},
  Attention: {use_scale: true, score_mode: 'concat'},
  GroupNormalization: {groups: 2},
};

/** The first of these shapes that the layer takes. */
const SHAPES = [
  [2, 6],
  [2, 5, 6],
  [2, 5, 4, 6],
  [2, 5, 4, 5, 6],
];

/** Layers of several inputs, and how they are called. */
const CALLS: ReadonlyMap<string, CallArguments | undefined> = new Map([
  ['Attention', undefined],
  ['AdditiveAttention', undefined],
  ['MultiHeadAttention', {args: [{input: 0}], kwargs: {value: {input: 1}}}],
  ['GroupedQueryAttention', {args: [{input: 0}], kwargs: {value: {input: 1}}}],
  ['GroupQueryAttention', {args: [{input: 0}], kwargs: {value: {input: 1}}}],
]);

function run(built: () => BuiltLayer, isTwo = false): BuiltLayer {
  let last: unknown;
  for (const shape of SHAPES) {
    const one = built();
    try {
      one.layer.apply(isTwo ? [tf.ones(shape), tf.ones(shape)] : tf.ones(shape));
      return one;
    } catch (error) {
      last = error;
    }
  }
  throw last;
}

const random = (shape: readonly number[]): LayerArray => ({
  shape,
  values: Float32Array.from({length: shape.reduce((a, b) => a * b, 1)}, () => Math.random()),
});

/** Every declared layer with arrays, and some of the releases that have it. */
const declared = LIBRARIES.flatMap(({name: library, plainLayers, releases, defaultVersion}) =>
  [...plainLayers].flatMap(([className, declaration]) => {
    const some = [...new Set([...releases.filter((_, k) => k % 3 === 0), defaultVersion])];
    const versions = some.filter(version => nameIn(declaration.className, version) === className);
    return declaration.arrays && versions.length > 0 ? [{library, className, declaration, versions}] : [];
  }),
);

test('there are layers with arrays in five libraries and more', t => {
  t.true(new Set(declared.map(({library}) => library)).size > 4);
  t.true(declared.length > 30);
});

for (const {library, className, declaration, versions} of declared) {
  test(`${library} ${className}: arrays go out and come in as the same weights`, t => {
    for (const version of versions) {
      const config = {...configOf(declaration, version), ...OTHERS[className]};
      const call = CALLS.get(className);
      const context = {library, version, className, name: 'layer', where: className, call};
      const built = run(() => buildPlain(declaration, config, context), CALLS.has(className));
      const {layer, roles, layouts = []} = built;
      const weights = layer.weights.map(weight => random(weight.shape as number[]));
      t.true(layouts.length > 0);
      t.is(roles.length, weights.length, 'one name for each array');
      for (const [k, layout] of layouts.entries()) {
        const arrays = fromWeights({layer, layouts: [layout]}, weights);
        t.deepEqual(toWeights(built, arrays), weights, `${version}, layout ${k}`);
        const sorted = (list: readonly LayerArray[]) => list.flatMap(({values}) => [...values]).sort();
        t.deepEqual(sorted(arrays), sorted(weights));
      }
    }
  });
}

test('a kernel over time of Keras 1.0 lies with its filters first', t => {
  const declaration = LIBRARIES.find(({name}) => name === 'keras1')!.plainLayers.get('Convolution1D')!;
  const context = {library: 'keras1', version: '1.2.2', className: 'Convolution1D', name: 'c', where: 'c'};
  const {layer, layouts} = run(() => buildPlain(declaration, {nb_filter: 2, filter_length: 3}, context));
  const weights = layer.weights.map(weight => random(weight.shape as number[]));
  t.deepEqual(weights[0]!.shape, [3, 1, 6, 2]);
  const [kernel] = fromWeights({layer, layouts: layouts!.slice(1)}, weights);
  t.deepEqual(kernel!.shape, [2, 6, 3, 1]);
  // W[filter, channel, step] is the other's W[step, channel, filter].
  t.is(kernel!.values[1 * 18 + 4 * 3 + 2], weights[0]!.values[2 * 12 + 4 * 2 + 1]);
});
