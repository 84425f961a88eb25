import {layers} from '@tensorflow/tfjs-layers';
import {CarryoverError} from '../../../errors';
import {activationName} from '../../../keras';
import {SharedDropout, UnscaledDropout} from '../../../layers/plain/dropout';
import {Masking} from '../../../layers/plain/masking';
import {Reshape, TimeMerge} from '../../../layers/plain/rearrange';
import {built, channelsFirst, common, isBefore, number, numbers, text} from './read';
import type {PlainLayerFactory} from './types';

type ActivationArgs = Parameters<typeof layers.activation>[0];
type FlattenArgs = Parameters<typeof layers.flatten>[0];

const masking: PlainLayerFactory = (config, context) => {
  const maskValue = number(config, ['mask_value'], context, 0);
  return built(new Masking({...common(config, context), maskValue}), [], config);
};

/** Before 0.3, dropout scales down when it does not train, instead of up when it does. */
const dropout: PlainLayerFactory = (config, context) => {
  const rate = number(config, ['rate', 'p'], context);
  const args = {...common(config, context), rate};
  if (context.library === 'keras0' && isBefore(context, '0.3'))
    return built(new UnscaledDropout(args), [], config);
  const noise = config.noise_shape;
  if (Array.isArray(noise)) {
    const sharedAxes = noise.flatMap((n, axis) => (n === 1 ? [axis] : []));
    return built(new SharedDropout({...args, sharedAxes}), [], config);
  }
  return built(layers.dropout(args), [], config);
};

/** Batch is axis 0: one draw for all steps, or for all rows and columns. */
const spatialDropout =
  (rank: 1 | 2): PlainLayerFactory =>
  (config, context) => {
    const rate = number(config, ['rate', 'p'], context);
    const sharedAxes = rank === 1 ? [1] : channelsFirst(config, context) ? [2, 3] : [1, 2];
    return built(new SharedDropout({...common(config, context), rate, sharedAxes}), [], config);
  };

const gaussianNoise: PlainLayerFactory = (config, context) => {
  const stddev = number(config, ['stddev', 'sigma'], context);
  return built(layers.gaussianNoise({...common(config, context), stddev}), [], config);
};

const gaussianDropout: PlainLayerFactory = (config, context) => {
  const rate = number(config, ['rate', 'p'], context);
  return built(layers.gaussianDropout({...common(config, context), rate}), [], config);
};

const alphaDropout: PlainLayerFactory = (config, context) => {
  const rate = number(config, ['rate'], context);
  return built(layers.alphaDropout({...common(config, context), rate}), [], config);
};

const activation: PlainLayerFactory = (config, context) => {
  const identifier = activationName(config.activation, context.library, context.where);
  return built(
    layers.activation({...common(config, context), activation: identifier} as ActivationArgs),
    [],
    config,
  );
};

const activityRegularization: PlainLayerFactory = (config, context) =>
  built(layers.activation({...common(config, context), activation: 'linear'}), [], config, {
    notes: [
      'ActivityRegularization passes its input on: its penalty acts in training only, and tfjs has none',
    ],
  });

/** Keras 0.x flattens [batch, features] too, which tfjs' own refuses. */
const flatten: PlainLayerFactory = (config, context) => {
  if (context.library === 'keras0')
    return built(new Reshape({...common(config, context), target: [-1]}), [], config);
  const channelsFirst = text(config, ['data_format'], 'channels_last') === 'channels_first';
  const args = {...common(config, context), ...(channelsFirst ? {dataFormat: 'channelsFirst'} : {})};
  return built(layers.flatten(args as FlattenArgs), [], config);
};

const reshape: PlainLayerFactory = (config, context) => {
  const given = config.target_shape ?? config.dims;
  if (!Array.isArray(given)) {
    throw new CarryoverError(
      'E_ARCHITECTURE',
      `${context.where}: target_shape or dims is ${JSON.stringify(given ?? null)}, expected a list of numbers`,
    );
  }
  const target = given.map(n => (typeof n === 'number' ? n : -1));
  const args = common(config, context);
  const layer = target.some(n => n < 0)
    ? new Reshape({...args, target})
    : layers.reshape({...args, targetShape: target});
  return built(layer, [], config);
};

/** `dims` counts from 1 in every release. */
const permute: PlainLayerFactory = (config, context) => {
  const count = Array.isArray(config.dims) ? config.dims.length : 1;
  const dims = numbers(config, ['dims'], count, context) ?? [];
  return built(layers.permute({...common(config, context), dims}), [], config);
};

const repeatVector: PlainLayerFactory = (config, context) =>
  built(layers.repeatVector({...common(config, context), n: number(config, ['n'], context)}), [], config);

const timeMerge: PlainLayerFactory = (config, context) => {
  const mode = text(config, ['mode'], 'sum');
  if (mode !== 'sum' && mode !== 'mul' && mode !== 'ave') {
    throw new CarryoverError(
      'E_ARCHITECTURE',
      `${context.where}: mode is '${mode}', expected sum, mul or ave`,
    );
  }
  return built(new TimeMerge({...common(config, context), mode}), [], config);
};

const refuseCode: PlainLayerFactory = (_config, context) => {
  throw new CarryoverError(
    'E_LAYER',
    `${context.where}: a Lambda layer holds Python code, which cannot be carried over; write its function as a tfjs layer and pass it in customObjects under the layer's class name`,
  );
};

export const CORE: Readonly<Record<string, PlainLayerFactory>> = {
  Masking: masking,
  Dropout: dropout,
  SpatialDropout1D: spatialDropout(1),
  SpatialDropout2D: spatialDropout(2),
  GaussianNoise: gaussianNoise,
  GaussianDropout: gaussianDropout,
  AlphaDropout: alphaDropout,
  Activation: activation,
  ActivityRegularization: activityRegularization,
  Flatten: flatten,
  Reshape: reshape,
  Permute: permute,
  RepeatVector: repeatVector,
  TimeDistributedMerge: timeMerge,
  Lambda: refuseCode,
  MaskedLambda: refuseCode,
  LambdaMerge: refuseCode,
};
