import {layers} from '@tensorflow/tfjs-layers';
import {
  activation as activationArgument,
  choice,
  harmless,
  integer,
  integers,
  number,
  other,
} from '../../../dialects/arguments';
import {before} from '../../../dialects/version';
import {CarryoverError} from '../../../errors';
import {Identity, WithoutMask} from '../../../layers/plain/attention-base';
import {activationWith} from '../../../layers/plain/dense';
import {SharedDropout, UnscaledDropout} from '../../../layers/plain/dropout';
import {Masking} from '../../../layers/plain/masking';
import {Reshape, TimeMerge} from '../../../layers/plain/rearrange';
import {plainLayer} from '../../plain';
import {activationOf, COMMON, channelsFirst, DATA_FORMAT, IN_TRAINING, SEED, sequenceFormat} from './parts';

type FlattenArgs = Parameters<typeof layers.flatten>[0];

const masking = plainLayer({
  className: 'Masking',
  arguments: {...COMMON, maskValue: number(0)},
  layer: ({maskValue}, {common}) => new Masking({...common, maskValue}),
});

const RATE = {rate: number(undefined, {'0': 'p', '2': 'rate'}), seed: SEED};

const dropout = plainLayer({
  className: 'Dropout',
  arguments: {...COMMON, ...RATE, noiseShape: other({'1.2': 'noise_shape'})},
  layer: ({rate, noiseShape}, {common, version}) => {
    // Before 0.3, dropout scales down when it does not train, instead of up when it does.
    if (before(version, '0.3')) return new UnscaledDropout({...common, rate});
    if (!Array.isArray(noiseShape)) return layers.dropout({...common, rate});
    const sharedAxes = noiseShape.flatMap((n, axis) => (n === 1 ? [axis] : []));
    return new SharedDropout({...common, rate, sharedAxes});
  },
});

/** Batch is axis 0: one draw for all steps. */
const spatialDropout1D = plainLayer({
  className: {'1.1.2': 'SpatialDropout1D'},
  arguments: {...COMMON, ...RATE, noiseShape: harmless(other())},
  layer: ({rate}, {common}) => new SharedDropout({...common, rate, sharedAxes: [1]}),
});

/** One draw for all rows and columns. */
const spatialDropout2D = plainLayer({
  className: {'1': 'SpatialDropout2D'},
  arguments: {...COMMON, ...RATE, noiseShape: harmless(other()), dataFormat: DATA_FORMAT},
  layer: ({rate, dataFormat}, {common, version}) =>
    new SharedDropout({...common, rate, sharedAxes: channelsFirst(dataFormat, version) ? [2, 3] : [1, 2]}),
});

/** One draw for all of a volume. */
const spatialDropout3D = plainLayer({
  className: {'1': 'SpatialDropout3D'},
  arguments: {...COMMON, ...RATE, noiseShape: harmless(other()), dataFormat: DATA_FORMAT},
  layer: ({rate, dataFormat}, {common, version}) =>
    new SharedDropout({
      ...common,
      rate,
      sharedAxes: channelsFirst(dataFormat, version) ? [2, 3, 4] : [1, 2, 3],
    }),
});

/** In tf.keras masks stop here. */
const identity = plainLayer({
  className: {'2.11': 'Identity'},
  arguments: COMMON,
  layer: (_, {common, version}) => (before(version, '3') ? new WithoutMask(common) : new Identity(common)),
});

const gaussianNoise = plainLayer({
  className: 'GaussianNoise',
  arguments: {
    ...COMMON,
    stddev: number(undefined, {'0': 'sigma', '2': 'stddev'}),
    seed: SEED,
  },
  layer: ({stddev}, {common}) => layers.gaussianNoise({...common, stddev}),
});

const gaussianDropout = plainLayer({
  className: 'GaussianDropout',
  arguments: {...COMMON, ...RATE},
  layer: ({rate}, {common}) => layers.gaussianDropout({...common, rate}),
});

const alphaDropout = plainLayer({
  className: {'2': 'AlphaDropout'},
  arguments: {...COMMON, ...RATE, noiseShape: harmless(other(), IN_TRAINING)},
  layer: ({rate}, {common}) => layers.alphaDropout({...common, rate}),
});

const activation = plainLayer({
  className: 'Activation',
  // 0.2 penalized the mean activation, in training.
  arguments: {
    ...COMMON,
    activation: activationArgument(),
    target: harmless(other(), IN_TRAINING),
    beta: harmless(other(), IN_TRAINING),
  },
  layer: (args, context) => activationWith(activationOf(args.activation, context), context.common),
});

const activityRegularization = plainLayer({
  className: 'ActivityRegularization',
  arguments: {...COMMON, l1: harmless(number(0)), l2: harmless(number(0))},
  layer: (_, {common}) => layers.activation({...common, activation: 'linear'}),
  notes: () => [
    'ActivityRegularization passes its input on: its penalty acts in training only, and tfjs has none',
  ],
});

/** tf.keras and Keras 0.x flatten [batch, features] too, which tfjs' own refuses. */
const flatten = plainLayer({
  className: 'Flatten',
  arguments: {...COMMON, dataFormat: sequenceFormat('2.2')},
  layer: ({dataFormat}, {common}) =>
    dataFormat === 'channels_first'
      ? layers.flatten({...common, dataFormat: 'channelsFirst'} as FlattenArgs)
      : new Reshape({...common, target: [-1]}),
});

const reshape = plainLayer({
  className: 'Reshape',
  arguments: {...COMMON, targetShape: other({'0': 'dims', '1': 'target_shape'})},
  layer: ({targetShape}, {common, where}) => {
    if (!Array.isArray(targetShape)) {
      throw new CarryoverError(
        'E_ARCHITECTURE',
        `${where}: target_shape or dims is ${JSON.stringify(targetShape ?? null)}; expected a list of numbers`,
      );
    }
    const target = targetShape.map(n => (typeof n === 'number' ? n : -1));
    return target.some(n => n < 0)
      ? new Reshape({...common, target})
      : layers.reshape({...common, targetShape: target});
  },
});

/** `dims` counts from 1 in every release. */
const permute = plainLayer({
  className: 'Permute',
  arguments: {...COMMON, dims: integers(undefined)},
  layer: ({dims}, {common}) => layers.permute({...common, dims: [...dims]}),
});

const repeatVector = plainLayer({
  className: 'RepeatVector',
  arguments: {...COMMON, n: integer()},
  layer: ({n}, {common}) => layers.repeatVector({...common, n}),
});

const timeMerge = plainLayer({
  className: {'0': 'TimeDistributedMerge', '1': null},
  arguments: {...COMMON, mode: choice(['sum', 'mul', 'ave'], 'sum')},
  layer: ({mode}, {common}) => new TimeMerge({...common, mode}),
});

export const CORE = [
  masking,
  dropout,
  spatialDropout1D,
  spatialDropout2D,
  spatialDropout3D,
  identity,
  gaussianNoise,
  gaussianDropout,
  alphaDropout,
  activation,
  activityRegularization,
  flatten,
  reshape,
  permute,
  repeatVector,
  timeMerge,
];
