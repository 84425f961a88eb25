import * as tf from '@tensorflow/tfjs-core';
import type {LayersModel} from '@tensorflow/tfjs-layers';
import type {WeightFile} from '../../converters/arrays';
import {before} from '../../src/dialects/version';
import {type BuiltModel, buildModel} from '../../src/model/build';
import {architectureOf, assemble} from '../../src/model/open';
import {parseArchitecture} from '../../src/model/parse';
import {predictAll} from '../../src/verify/verify';
import type {Data} from './argument-bases';
import type {ArgumentCase} from './argument-cases';

/* Runs a layer with its arguments; fixtures/arguments/record.py does the same with Keras itself. */

/** Sums that tell an output from others: its shape, the sum of its numbers, and that of cos(1), cos(2), ... times them. */
export type Digest = readonly (readonly [readonly number[], number, number])[];

export interface Run {
  /** Of all outputs of two calls. */
  readonly digest: Digest;
  readonly notes: readonly string[];
}

const count = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** Numbers from -0.8 to 0.8, or of arrays with one axis from 0.25 to 0.75. @param k which array it is */
export function filled(shape: readonly number[], k: number): Float32Array {
  const part = (x: number): number => x - Math.floor(x);
  return Float32Array.from({length: count(shape)}, (_, i) => {
    const x = part(0.61803399 * (i + 1) + 0.37 * k);
    return shape.length < 2 ? 0.25 + 0.5 * x : 1.6 * x - 0.8;
  });
}

/** What goes in; every third step of masked data is 0. */
export function dataOf({shape, below, gaps}: Data, k: number, masked: boolean): tf.Tensor {
  const values = filled([1, ...shape], 100 + k).map(x => (below ? Math.floor(((x + 0.8) / 1.6) * below) : x));
  const perStep = count(shape.slice(2));
  const kept = values.map((x, i) => ((masked || gaps) && Math.floor(i / perStep) % 3 === 0 ? 0 : x));
  return tf.tensor(kept, [...shape], below ? 'int32' : 'float32');
}

function digestOf(tensors: readonly tf.Tensor[]): Digest {
  return tensors.map(tensor => {
    const values = Array.from(tensor.dataSync());
    const all = values.reduce((sum, x) => sum + x, 0);
    return [tensor.shape, all, values.reduce((sum, x, i) => sum + x * Math.cos(i + 1), 0)];
  });
}

/** Keras' JSON of a model with one layer. */
export function jsonOf(one: ArgumentCase, release: string): object {
  if (before(release, '1')) return sequential(one);
  const three = !before(release, '3');
  const of = (className: string, config: object, names: readonly string[]) => ({
    class_name: className,
    name: (config as {name: string}).name,
    config,
    inbound_nodes: names.length === 0 ? [] : nodesOf(names, className === one.className ? one.call : []),
    ...(three && {module: 'keras.layers', registered_name: null}),
  });
  const nodesOf = (names: readonly string[], keywords: readonly string[]): unknown[] => {
    if (three) {
      const tensors = names.map(name => ({
        class_name: '__keras_tensor__',
        config: {shape: [], dtype: 'float32', keras_history: [name, 0, 0]},
      }));
      const data = tensors.slice(0, tensors.length - keywords.length);
      const kwargs = Object.fromEntries(keywords.map((key, k) => [key, tensors[data.length + k]]));
      return [{args: data.length > 1 ? [data] : data, kwargs}];
    }
    const data = names.slice(0, names.length - keywords.length);
    if (keywords.length === 0) return [data.map(name => [name, 0, 0])];
    const kwargs = Object.fromEntries(keywords.map((key, k) => [key, [names[data.length + k], 0, 0]]));
    return [data.map(name => [name, 0, 0, kwargs])];
  };
  const shape = three ? 'batch_shape' : 'batch_input_shape';
  const inputs = one.inputs.map((data, k) =>
    of(
      'InputLayer',
      {
        name: `x${k}`,
        [shape]: data.shape,
        [before(release, '2') ? 'input_dtype' : 'dtype']: data.below ? 'int32' : 'float32',
      },
      [],
    ),
  );
  const names = one.inputs.map((_, k) => `x${k}`);
  const masks = one.masked
    ? names.map((name, k) => of('Masking', {name: `m${k}`, mask_value: 0}, [name]))
    : [];
  const last = one.followed ? 'after' : 'layer';
  const lstm = before(release, '2') ? {name: 'after', output_dim: 2} : {name: 'after', units: 2};
  const layers = [
    ...inputs,
    ...masks,
    of(one.className, {name: 'layer', ...one.config}, one.masked ? names.map((_, k) => `m${k}`) : names),
    ...(one.followed ? [of('LSTM', lstm, ['layer'])] : []),
  ];
  return {
    class_name: three ? 'Functional' : 'Model',
    keras_version: release,
    backend: before(release, '2') ? 'theano' : 'tensorflow',
    config: {
      name: 'model',
      layers: layers.map((layer, k) =>
        layer.class_name === one.className && k >= inputs.length ? {...layer, name: 'layer'} : layer,
      ),
      input_layers: names.map(name => [name, 0, 0]),
      output_layers: Array.from({length: one.followed ? 1 : one.outputs}, (_, k) => [last, 0, k]),
    },
    ...(three && {module: 'keras.src.models.functional', registered_name: 'Functional'}),
  };
}

/** 0.x has a list of layers, of which the first says what goes in. */
function sequential(one: ArgumentCase): object {
  const first = ({shape}: Data) => ({
    name: one.masked ? 'Masking' : 'Activation',
    input_shape: shape.slice(1),
    ...(one.masked ? {mask_value: 0} : {activation: 'linear'}),
  });
  const layer = {name: one.className, custom_name: 'layer', ...one.config};
  const after = one.followed ? [{name: 'LSTM', output_dim: 2, custom_name: 'after'}] : [];
  const [data, ...others] = one.inputs;
  if (others.length > 0) {
    const branches = one.inputs.map(input => ({name: 'Sequential', layers: [first(input)]}));
    return {name: 'Sequential', layers: [{...layer, layers: branches}, ...after]};
  }
  const own = data!.below ? [{...layer, input_length: data!.shape[1]}] : [first(data!), layer];
  return {name: 'Sequential', layers: [...own, ...after]};
}

/** A weight file with the arrays that Keras itself has, whose numbers tell them apart. */
function fileOf(shapes: Readonly<Record<string, readonly (readonly number[])[]>>): WeightFile {
  let k = 0;
  const groups = Object.entries(shapes).map(([name, list]) => ({
    name,
    arrays: list.map((shape, index) => {
      const values = filled(shape, k++);
      return {
        name: `${name}/${index}`,
        shape,
        dtype: 'float32',
        read: () => ({dtype: 'float32', shape, values}),
      };
    }),
  }));
  return {format: 'keras-h5', facts: {}, groups, close: () => {}} as unknown as WeightFile;
}

export type Shapes = Readonly<Record<string, readonly (readonly number[])[]>>;

/** In a scope of tfjs: all tensors are freed afterwards. */
function scoped<T>(action: () => T): T {
  tf.engine().startScope();
  try {
    return action();
  } finally {
    tf.engine().endScope();
  }
}

const optionsOf = (release: string) => ({
  version: release,
  backend: before(release, '2') ? 'theano' : 'tensorflow',
});

const fresh = (one: ArgumentCase, release: string): BuiltModel =>
  buildModel(parseArchitecture(jsonOf(one, release), 'architecture', optionsOf(release)));

/** The tfjs weights get numbers that tell them apart. */
function fill(model: LayersModel): void {
  const shapes = model.weights.map(({shape}) => shape as number[]);
  model.setWeights(shapes.map((shape, k) => tf.tensor(filled(shape, k), shape)));
}

/**
 * Builds the model of a case and runs it twice.
 * @param shapes the shapes of each layer's arrays in Keras itself; without them the numbers are put into the tfjs weights
 */
export function run(one: ArgumentCase, release: string, shapes?: Shapes): Run {
  return scoped(() => {
    const {model, notes} = shapes ? assembled(one, release, shapes) : fresh(one, release);
    if (!shapes) fill(model);
    const inputs = one.inputs.map((data, k) => dataOf(data, k, one.masked));
    const outputs = [predictAll(model, inputs), predictAll(model, inputs)].flat();
    return {digest: digestOf(outputs), notes};
  });
}

function assembled(one: ArgumentCase, release: string, shapes: Shapes): BuiltModel {
  const file = fileOf(shapes);
  const given = {json: jsonOf(one, release), name: 'architecture'};
  const architecture = architectureOf(file, given, {...optionsOf(release), where: 'weights'});
  return assemble(file, architecture, {where: 'weights'});
}

/** What arguments may change of a model beside its results. */
export function effects(one: ArgumentCase, release: string): Readonly<Record<string, string>> {
  return scoped(() => {
    const {model} = fresh(one, release);
    const initial = tallies(model);
    fill(model);
    const inputs = one.inputs.map((data, k) => dataOf(data, k, one.masked));
    return {...initial, ...effectsOf(model, inputs)};
  });
}

/** How many of the weights of a new model are 0 and 1. */
function tallies(model: LayersModel): Record<string, string> {
  const values = model.getWeights().map(weight => weight.dataSync());
  const tally = (n: number): number =>
    values.reduce((sum, array) => sum + array.filter(x => x === n).length, 0);
  const same = values.filter(array => array.every(x => x === array[0])).map(array => array[0]!.toFixed(4));
  const shapes = model.weights.map(({shape}) => `[${shape}]`).join(' ');
  return {'initial weights': `${tally(0)} ${tally(1)} ${same.join(' ')}`, weights: shapes};
}

function effectsOf(model: LayersModel, inputs: readonly tf.Tensor[]): Record<string, string> {
  const losses = model.layers
    .flatMap(layer => layer.calculateLosses())
    .map(loss => loss.dataSync()[0]!.toFixed(4));
  const constraints = model.weights.filter(weight => 'constraint' in weight && weight.constraint).length;
  const earlier = model.getWeights().map(weight => tf.clone(weight));
  const predicted = digestOf(predictAll(model, inputs));
  const trained = model.apply([...inputs], {training: true}) as tf.Tensor | tf.Tensor[];
  const training = [trained].flat();
  const changed = model.getWeights().map((weight, k) =>
    tf
      .sum(tf.abs(tf.sub(weight, earlier[k]!)))
      .dataSync()[0]!
      .toFixed(5),
  );
  const sameInTraining = same(digestOf(training), predicted);
  return {
    losses: losses.join(' '),
    constraints: `${constraints}`,
    'trainable weights': `${model.trainableWeights.length}`,
    'training updates': changed.join(' '),
    'training results': sameInTraining ? 'as otherwise' : 'others',
  };
}

/** Whether two digests are of the same numbers, as far as float32 goes. */
export function same(a: Digest, b: Digest): boolean {
  return (
    a.length === b.length &&
    a.every(([shape, ...sums], k) => {
      const [other, ...others] = b[k]!;
      const scale = 1e-5 * Math.max(1, count(shape));
      return (
        shape.join() === other.join() &&
        sums.every((sum, j) => Math.abs(sum - others[j]!) <= Math.max(scale, 1e-5 * Math.abs(sum)))
      );
    })
  );
}
