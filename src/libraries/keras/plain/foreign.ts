import {InputSpec} from '@tensorflow/tfjs-layers';
import {Take, WholeReshape} from '../../../layers/plain/whole-tensor';
import {plainLayer} from './index';
import type {BuiltLayer, LayerContext, PlainLayerFactory} from './types';

type Config = Readonly<Record<string, unknown>>;

function tableOf(
  layers: Readonly<Record<string, PlainLayerFactory>>,
): ReadonlyMap<string, PlainLayerFactory> {
  return new Map(Object.entries(layers));
}

/** A layer as Keras 2 says it, with the other library's names for its arrays. */
function keras2(
  className: string,
  config: Config,
  roles: readonly string[],
  context: LayerContext,
): BuiltLayer {
  const built = plainLayer(className, config, {...context, library: 'keras2', version: '2.3.1'})!;
  return {...built, roles};
}

/** Nonlinearities that Keras calls something else. */
const KERAS_NAMES: Readonly<Record<string, string>> = {
  rectify: 'relu',
  identity: 'linear',
  lrelu: 'leaky_relu',
};

function activation(value: unknown, fallback: string): string {
  if (value === null) return 'linear';
  const name = typeof value === 'string' ? value : fallback;
  return KERAS_NAMES[name] ?? name;
}

/** Dense with its bias as one row; more than two dimensions would be flattened there, and are refused. */
function dense(config: Config, roles: readonly string[], context: LayerContext, flat: boolean): BuiltLayer {
  const built = keras2('Dense', config, roles, context);
  if (flat) built.layer.inputSpec = [new InputSpec({ndim: 2})];
  const importArrays: BuiltLayer['importArrays'] = arrays =>
    arrays.map(({shape, values}, k) => ({shape: k === 1 ? [values.length] : [...shape], values}));
  return {...built, importArrays};
}

export const lasagneLayers = tableOf({
  DenseLayer: (config, context) =>
    dense(
      {
        units: config.num_units,
        activation: activation(config.nonlinearity, 'rectify'),
        use_bias: config.b !== null,
      },
      config.b === null ? ['W'] : ['W', 'b'],
      context,
      true,
    ),
  EmbeddingLayer: (config, context) =>
    keras2('Embedding', {input_dim: config.input_size, output_dim: config.output_size}, ['W'], context),
  ConcatLayer: (config, context) => keras2('Concatenate', {axis: config.axis ?? 1}, [], context),
  ElemwiseSumLayer: (_, context) => keras2('Add', {}, [], context),
  DropoutLayer: (config, context) => keras2('Dropout', {rate: config.p ?? 0.5}, [], context),
  NonlinearityLayer: (config, context) =>
    keras2('Activation', {activation: activation(config.nonlinearity, 'rectify')}, [], context),
  FlattenLayer: (_, context) => keras2('Flatten', {}, [], context),
  ReshapeLayer: (config, {name}) => ({
    layer: new WholeReshape({name, target: config.shape as (number | number[])[]}),
    roles: [],
  }),
  SliceLayer: (config, {name}) => ({
    layer: new Take({name, index: config.indices as number, axis: (config.axis as number | undefined) ?? -1}),
    roles: [],
  }),
});

/** Layers of neupy that are a product with weights and a function, or (without units) the function alone. */
const functions =
  (name: string): PlainLayerFactory =>
  (config, context) =>
    config.n_units == null
      ? keras2('Activation', {activation: name}, [], context)
      : dense(
          {units: config.n_units, activation: name, use_bias: config.bias !== null},
          config.bias === null ? ['weight'] : ['weight', 'bias'],
          context,
          false,
        );

export const neupyLayers = tableOf({
  Embedding: (config, context) =>
    keras2('Embedding', {input_dim: config.input_size, output_dim: config.output_size}, ['weight'], context),
  Linear: functions('linear'),
  Sigmoid: functions('sigmoid'),
  HardSigmoid: functions('hard_sigmoid'),
  Tanh: functions('tanh'),
  Relu: functions('relu'),
  Elu: functions('elu'),
  Softplus: functions('softplus'),
  Softmax: functions('softmax'),
  Dropout: (config, context) => keras2('Dropout', {rate: config.proba ?? 0.5}, [], context),
  Reshape: (config, context) => keras2('Reshape', {target_shape: config.shape ?? [-1]}, [], context),
  Concatenate: (config, context) => keras2('Concatenate', {axis: config.axis ?? -1}, [], context),
});

export const epynnLayers = tableOf({
  Dense: (config, context) =>
    dense(
      {units: config.units, activation: activation(config.activate, 'sigmoid')},
      ['W', 'b'],
      context,
      true,
    ),
  Flatten: (_, context) => keras2('Flatten', {}, [], context),
  Dropout: (config, context) => keras2('Dropout', {rate: config.drop_prob ?? 0.5}, [], context),
});

/** Layers that recipes may name whatever library is around them. */
export const anyLibraryLayers = tableOf({
  Last: (_, {name}) => ({layer: new Take({name, index: -1, axis: 1}), roles: []}),
});
