import {layers} from '@tensorflow/tfjs-layers';
import {activationName} from '../../../keras';
import {Highway, MaxoutDense} from '../../../layers/plain/dense-variants';
import {DropoutEmbedding} from '../../../layers/plain/embedding';
import {BIAS, built, type Config, common, flag, isBefore, isLegacy, KERNEL, number, rule} from './read';
import type {BuiltLayer, LayerArray, LayerContext, PlainLayerFactory} from './types';

type DenseArgs = Parameters<typeof layers.dense>[0];
type EmbeddingArgs = Parameters<typeof layers.embedding>[0];

function kernelRoles(context: LayerContext, useBias: boolean): string[] {
  const roles = isLegacy(context) ? ['W', 'b'] : ['kernel', 'bias'];
  return useBias ? roles : roles.slice(0, 1);
}

/** Dense, and TimeDistributedDense of 0.x and 1.x: both work on the last axis of what they get. */
const dense: PlainLayerFactory = (config, context) => {
  const useBias = flag(config, ['use_bias', 'bias'], true);
  const kernel = rule(config, KERNEL, context, undefined, 'glorot_uniform');
  const bias = rule(config, BIAS, context);
  const args = {
    ...common(config, context),
    units: number(config, ['units', 'output_dim'], context),
    activation: activationName(config.activation, context.library, context.where),
    useBias,
    kernelInitializer: kernel.initializer,
    kernelRegularizer: kernel.regularizer,
    kernelConstraint: kernel.constraint,
    biasInitializer: bias.initializer,
    biasRegularizer: bias.regularizer,
    biasConstraint: bias.constraint,
  };
  return built(layers.dense(args as DenseArgs), kernelRoles(context, useBias), config);
};

const maxoutDense: PlainLayerFactory = (config, context) => {
  const useBias = flag(config, ['bias'], true);
  const layer = new MaxoutDense({
    ...common(config, context),
    units: number(config, ['output_dim'], context),
    pieces: number(config, ['nb_feature'], context, 4),
    useBias,
    kernel: rule(config, KERNEL, context, undefined, 'glorot_uniform'),
    bias: rule(config, BIAS, context),
  });
  return built(layer, kernelRoles(context, useBias), config);
};

/** Keras ≥ 1.2 saves both kernels before both biases; before, each kernel had its bias after it. */
const highway: PlainLayerFactory = (config, context) => {
  const useBias = flag(config, ['bias'], true);
  const kernelsFirst = context.library !== 'keras0' && !isBefore(context, '1.2');
  const legacyBias = number(config, ['transform_bias'], context, kernelsFirst ? 1 : -2);
  const layer = new Highway({
    ...common(config, context),
    activation: activationName(config.activation, context.library, context.where),
    useBias,
    kernelsFirst,
    kernel: rule(config, KERNEL, context, undefined, 'glorot_uniform'),
    carryKernel: rule(config, {init: KERNEL.init}, context, undefined, 'glorot_uniform'),
    bias: rule(config, BIAS, context),
    carryBias: rule({init: {class_name: 'Constant', config: {value: legacyBias}}}, {init: ['init']}, context),
  });
  const order = kernelsFirst ? ['W', 'W_carry', 'b', 'b_carry'] : ['W', 'b', 'W_carry', 'b_carry'];
  const roles = order.filter(role => useBias || role.startsWith('W'));
  return built(layer, roles, config, {importArrays: arrays => inHighwayOrder(arrays, kernelsFirst)});
};

/** The rank of the second array tells in which of the two orders a file has them. */
function inHighwayOrder(
  arrays: readonly LayerArray[],
  kernelsFirst: boolean,
): {shape: number[]; values: Float32Array}[] {
  const list = arrays.map(({shape, values}) => ({shape: [...shape], values}));
  if (list.length !== 4 || (list[1]!.shape.length === 2) === kernelsFirst) return list;
  return [list[0]!, list[2]!, list[1]!, list[3]!];
}

/**
 * Embedding. With `dropout` it is Carryover's own: 1.x scales kept rows up in training; 0.3.1 to 0.3.3 do not,
 * and multiply by 1 − dropout otherwise.
 */
const embedding: PlainLayerFactory = (config, context) => {
  const keys = {
    init: ['embeddings_initializer', 'init'],
    regularizer: ['embeddings_regularizer', 'W_regularizer'],
    constraint: ['embeddings_constraint', 'W_constraint'],
  };
  const table = rule(config, keys, context, undefined, 'uniform');
  const dropout = isLegacy(context) ? number(config, ['dropout'], context, 0) : 0;
  const sizes = {
    ...common(config, context),
    inputDim: number(config, ['input_dim'], context),
    outputDim: number(config, ['output_dim'], context),
    maskZero: flag(config, ['mask_zero'], false),
  };
  const roles = [isLegacy(context) ? 'W' : 'embeddings'];
  if (dropout > 0) {
    const scaling = context.library === 'keras0' ? 'unscaled' : 'kept';
    return built(
      new DropoutEmbedding({...sizes, dropout, scaling, rule: table, ...length(config)}),
      roles,
      config,
    );
  }
  const args = {
    ...sizes,
    ...length(config),
    embeddingsInitializer: table.initializer,
    embeddingsRegularizer: table.regularizer,
    embeddingsConstraint: table.constraint,
  };
  return built(layers.embedding(args as EmbeddingArgs), roles, config);
};

function length(config: Config): {inputLength?: number} {
  return typeof config.input_length === 'number' ? {inputLength: config.input_length} : {};
}

export const DENSE: Readonly<Record<string, (config: Config, context: LayerContext) => BuiltLayer>> = {
  Dense: dense,
  TimeDistributedDense: dense,
  MaxoutDense: maxoutDense,
  Highway: highway,
  Embedding: embedding,
};
