import {layers} from '@tensorflow/tfjs-layers';
import {boolean, harmless, integer, number, other, refused} from '../../../dialects/arguments';
import {before, since} from '../../../dialects/version';
import {CarryoverError} from '../../../errors';
import {denseWith} from '../../../layers/plain/dense';
import {Highway, MaxoutDense} from '../../../layers/plain/dense-variants';
import {EinsumDense} from '../../../layers/plain/einsum-dense';
import {DropoutEmbedding} from '../../../layers/plain/embedding';
import {type PlainLayer, plainLayer} from '../../plain';
import {
  ACTIVATION,
  activationOf,
  BIAS,
  COMMON,
  KERNEL,
  kernelAndBias,
  LORA,
  OLD_BIAS,
  OLD_KERNEL,
  ruleOf,
  tfjsRules,
  weight,
} from './parts';

type EmbeddingArgs = Parameters<typeof layers.embedding>[0];

/** How Keras 3 loads and trains a kernel. */
export const LOADED = {
  ...LORA,
  quantizationConfig: refused(other(), 'save the model before quantizing it'),
};

const dense = plainLayer({
  className: 'Dense',
  arguments: {
    ...COMMON,
    units: integer(undefined, {'0': 'output_dim', '2': 'units'}),
    ...ACTIVATION,
    ...KERNEL,
    ...BIAS,
    ...LOADED,
  },
  arrays: (args, version) => [kernelAndBias(args, version)],
  inputShape: ([kernel]) => [null, kernel![0]!],
  layer: (args, context) =>
    denseWith({
      ...context.common,
      units: args.units,
      activation: activationOf(args.activation, context),
      useBias: args.useBias,
      kernel: ruleOf(args, 'kernel', context),
      bias: ruleOf(args, 'bias', context),
    }),
});

const einsumDense = plainLayer({
  className: {'2.4': 'EinsumDense'},
  arguments: {
    ...COMMON,
    equation: other<unknown>('equation'),
    outputShape: other<unknown>('output_shape'),
    biasAxes: other<unknown>('bias_axes', null),
    ...ACTIVATION,
    ...weight('kernel', 'glorot_uniform', {init: null, letter: null}),
    ...weight('bias', 'zeros', {init: null, letter: null}),
    ...LOADED,
    gptqUnpackedColumnSize: harmless(other()),
  },
  arrays: ({biasAxes}) => [['kernel', 'bias'].slice(0, biasAxes == null ? 1 : 2)],
  layer: (args, context) => {
    const {equation, outputShape, biasAxes} = args;
    const target = [outputShape ?? []].flat();
    if (typeof equation !== 'string' || !target.every(n => n === null || typeof n === 'number')) {
      throw new CarryoverError(
        'E_ARCHITECTURE',
        `${context.where}: equation is ${JSON.stringify(equation)} and output_shape ${JSON.stringify(outputShape)}; expected letters such as 'abc,cd->abd' and numbers`,
      );
    }
    return new EinsumDense({
      ...context.common,
      equation,
      target: target as (number | null)[],
      biasAxes: typeof biasAxes === 'string' ? biasAxes : null,
      activation: activationOf(args.activation, context),
      kernel: ruleOf(args, 'kernel', context),
      bias: ruleOf(args, 'bias', context),
    });
  },
});

/** Dense works on the last axis of what it gets, and so does this. */
const timeDistributedDense: PlainLayer = {
  ...dense,
  className: {'0': 'TimeDistributedDense', '2': null},
  inputShape: ([kernel]) => [null, null, kernel![0]!],
};

const maxoutDense = plainLayer({
  className: {'0': 'MaxoutDense', '2.4': null},
  arguments: {
    ...COMMON,
    units: integer(undefined, 'output_dim'),
    pieces: integer(4, 'nb_feature'),
    ...OLD_KERNEL,
    ...OLD_BIAS,
  },
  arrays: ({useBias}) => [useBias ? ['W', 'b'] : ['W']],
  inputShape: ([kernel]) => [null, kernel![1]!],
  layer: (args, context) =>
    new MaxoutDense({
      ...context.common,
      units: args.units,
      pieces: args.pieces,
      useBias: args.useBias,
      kernel: ruleOf(args, 'kernel', context),
      bias: ruleOf(args, 'bias', context),
    }),
});

/** Keras ≥ 1.2 saves both kernels before both biases; before, each kernel had its bias after it. */
const kernelsFirst = since({'0': false, '1.2': true});

const highway = plainLayer({
  className: {'0.3.1': 'Highway', '2.4': null},
  arguments: {
    ...COMMON,
    ...ACTIVATION,
    ...OLD_KERNEL,
    ...OLD_BIAS,
    // How the carry gate's bias starts; from 1.2 on it is taken and not heeded.
    transformBias: number(since<number | null>({'0': -2, '1.2': null})),
  },
  arrays: ({useBias}, version) => {
    if (!useBias) return [['W', 'W_carry']];
    const order = kernelsFirst(version) ? ['W', 'W_carry', 'b', 'b_carry'] : ['W', 'b', 'W_carry', 'b_carry'];
    const swapped = [0, 2, 1, 3].map(weight => ({name: order[weight]!, weight}));
    return [order, swapped];
  },
  inputShape: ([kernel]) => [null, kernel![0]!],
  layer: (args, context) =>
    new Highway({
      ...context.common,
      activation: activationOf(args.activation, context),
      useBias: args.useBias,
      kernelsFirst: kernelsFirst(context.version),
      kernel: ruleOf(args, 'kernel', context),
      carryKernel: {initializer: ruleOf(args, 'kernel', context).initializer},
      bias: ruleOf(args, 'bias', context),
      carryBias: ruleOf(
        {transformInitializer: constant(carryBias(args.transformBias, context.version))},
        'transform',
        context,
      ),
    }),
});

/** How the carry gate's bias starts. */
const carryBias = (told: number | null, version: string): number =>
  before(version, '1.2') ? (told ?? -2) : 1;

const constant = (value: number): object => ({class_name: 'Constant', config: {value}});

/**
 * Embedding. With `dropout` it is Carryover's own: 1.x scales kept rows up in training; 0.3.1 to 0.3.3 do not,
 * and multiply by 1 − dropout otherwise.
 */
const embedding = plainLayer({
  className: 'Embedding',
  arguments: {
    ...COMMON,
    inputDim: integer(),
    outputDim: integer(),
    inputLength: integer(null),
    maskZero: boolean(false),
    ...weight('embeddings', 'uniform', {init: 'init', letter: 'W'}),
    dropout: number(0, {'0.3.3': 'dropout', '2': null}),
    sparse: harmless(other()),
    useOneHotMatmul: harmless(other()),
    ...LOADED,
  },
  arrays: (_, version) => [tableName(version)],
  inputShape: () => [null, null],
  layer: (args, context) => {
    const {inputDim, outputDim, maskZero, dropout, inputLength} = args;
    const sizes = {
      ...context.common,
      inputDim,
      outputDim,
      maskZero,
      ...(inputLength === null ? {} : {inputLength}),
    };
    if (dropout > 0) {
      const scaling = rowScaling(context.version);
      return new DropoutEmbedding({...sizes, dropout, scaling, rule: ruleOf(args, 'embeddings', context)});
    }
    return layers.embedding({...sizes, ...tfjsRules(args, ['embeddings'], context)} as EmbeddingArgs);
  },
});
const tableName = since({'0': ['W'], '2': ['embeddings']});
const rowScaling = since<'unscaled' | 'kept'>({'0': 'unscaled', '1': 'kept'});

export const DENSE = [dense, einsumDense, timeDistributedDense, maxoutDense, highway, embedding];
