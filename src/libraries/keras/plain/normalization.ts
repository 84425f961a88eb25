import {
  boolean,
  choice,
  constraint,
  harmless,
  initializer,
  integer,
  integers,
  number,
  other,
  refused,
  regularizer,
} from '../../../dialects/arguments';
import {before, since} from '../../../dialects/version';
import {CarryoverError} from '../../../errors';
import {isRecord} from '../../../keras';
import {BatchNormalization, type Normalisation} from '../../../layers/plain/batch-normalization';
import {Discretization} from '../../../layers/plain/discretization';
import {
  GroupNormalization,
  LayerNormalization,
  Rescaling,
  Standardising,
  UnitNormalization,
} from '../../../layers/plain/normalization';
import {type PlainContext, plainLayer} from '../../plain';
import {COMMON, IN_TRAINING, ruleOf, weight} from './parts';

/** Modes: 0 per feature, 1 per sample, 2 per feature with the batch's own statistics always. */
const FORMS = since<readonly Normalisation[]>({
  '0': ['deviationPerUnit', 'sampleDeviation'],
  '0.3.2': ['deviation', 'sampleDeviation'],
  '1': ['variance', 'sampleVariance', 'batch'],
});

/** Parameters are of the shape of a whole sample. */
const perUnit = since({'0': true, '0.3.2': false});
/** The moving variance is an unbiased estimate. */
const unbiased = since({'0': false, '2.1.3': true, '3': false});

const movingNames = since({
  '0': ['running_mean', 'running_std'],
  '2': ['moving_mean', 'moving_variance'],
});

const batchNormalization = plainLayer({
  className: 'BatchNormalization',
  arguments: {
    ...COMMON,
    mode: integer(0, {'0': 'mode', '2': null}),
    axis: integer(-1, {'0.3.2': 'axis'}),
    epsilon: number(since({'0': 1e-6, '1': 1e-5, '1.2': 1e-3})),
    momentum: number(since({'0': 0.9, '1': 0.99})),
    center: boolean(true, {'2': 'center'}),
    scale: boolean(true, {'2': 'scale'}),
    gammaInitializer: initializer('ones', {'0.3.2': 'gamma_init', '2': 'gamma_initializer'}),
    gammaRegularizer: regularizer({'1.1': 'gamma_regularizer'}),
    gammaConstraint: constraint({'2': 'gamma_constraint'}),
    betaInitializer: initializer('zeros', {'0.3.2': 'beta_init', '2': 'beta_initializer'}),
    betaRegularizer: regularizer({'1.1': 'beta_regularizer'}),
    betaConstraint: constraint({'2': 'beta_constraint'}),
    movingMeanInitializer: initializer('zeros', {'2': 'moving_mean_initializer'}),
    movingVarianceInitializer: initializer('ones', {'2': 'moving_variance_initializer'}),
    synchronized: harmless(other(), IN_TRAINING),
    fused: harmless(other()),
    renorm: refused(boolean(false), 'expected false'),
    renormClipping: harmless(other()),
    renormMomentum: harmless(other()),
    virtualBatchSize: harmless(other(), IN_TRAINING),
    adjustment: harmless(other(), IN_TRAINING),
  },
  arrays: ({scale, center}, version) => [
    [...(scale ? ['gamma'] : []), ...(center ? ['beta'] : []), ...movingNames(version)],
  ],
  untrained: 2,
  layer: (args, context) => {
    const {mode, axis, epsilon, momentum, scale, center} = args;
    const {version, where, backend, common} = context;
    const forms = FORMS(version);
    const form = forms[mode];
    if (form === undefined) {
      const expected = forms.map((_, k) => k).join(', ');
      throw new CarryoverError('E_ARCHITECTURE', `${where}: mode is ${mode}; expected one of ${expected}`);
    }
    return new BatchNormalization({
      ...common,
      gamma: ruleOf(args, 'gamma', context),
      beta: ruleOf(args, 'beta', context),
      movingMean: ruleOf(args, 'movingMean', context),
      movingVariance: ruleOf(args, 'movingVariance', context),
      form,
      perUnit: perUnit(version),
      axis,
      epsilon,
      momentum,
      scale,
      center,
      epsilonInMoving: backend === 'theano' && modern(version),
      unbiased: unbiased(version),
    });
  },
});
const modern = since({'0': false, '2': true});

/** What brings things to a standard and has a scale and an offset after that. */
const SCALED = {
  ...COMMON,
  epsilon: number(1e-3),
  center: boolean(true),
  scale: boolean(true),
  ...weight('gamma', 'ones', {init: null, letter: null}),
  ...weight('beta', 'zeros', {init: null, letter: null}),
};

const namesOf = ({scale, center}: {readonly scale: boolean; readonly center: boolean}): string[] => [
  ...(scale ? ['gamma'] : []),
  ...(center ? ['beta'] : []),
];

const rulesOf = (args: Readonly<Record<string, unknown>>, context: PlainContext) => ({
  gamma: ruleOf(args, 'gamma', context),
  beta: ruleOf(args, 'beta', context),
});

/** Keras 3 puts axes in order. */
const inOrder = (axis: readonly number[], version: string): number[] =>
  before(version, '3') ? [...axis] : [...axis].sort((a, b) => a - b);

const layerNormalization = plainLayer({
  className: {'2.4': 'LayerNormalization'},
  arguments: {
    ...SCALED,
    axis: integers(undefined, [-1]),
    rmsScaling: boolean(false, {'3': 'rms_scaling', '3.16': null}),
  },
  // With rms_scaling there is a scale whatever `scale` says, and no offset.
  arrays: ({rmsScaling, ...args}) => [rmsScaling ? ['gamma'] : namesOf(args)],
  layer: (args, context) =>
    new LayerNormalization({
      ...context.common,
      ...rulesOf(args, context),
      axis: inOrder(args.axis, context.version),
      epsilon: args.epsilon,
      center: args.center && !args.rmsScaling,
      scale: args.scale || args.rmsScaling,
      spread: args.rmsScaling ? 'varianceAlone' : 'deviation',
    }),
});

/** Masks stop here. */
const rmsNormalization = plainLayer({
  className: {'3.9': 'RMSNormalization'},
  arguments: {...COMMON, axis: integers(undefined, [-1]), epsilon: number(1e-6)},
  arrays: () => [['scale']],
  layer: ({axis, epsilon}, {common, version}) =>
    new LayerNormalization({
      ...common,
      axis: inOrder(axis, version),
      epsilon,
      center: false,
      spread: 'meanSquare',
      stopsMask: true,
    }),
});

/** tf.keras counts steps by their mask, which fits shapes by chance alone: it is refused there. */
const groupNormalization = plainLayer({
  className: {'2.11': 'GroupNormalization'},
  arguments: {...SCALED, groups: integer(32), axis: integer(-1)},
  arrays: args => [namesOf(args)],
  layer: (args, context) => {
    if (args.axis === 0) {
      throw new CarryoverError('E_ARCHITECTURE', `${context.where}: axis is 0, the batch; expected another`);
    }
    return new GroupNormalization({
      ...context.common,
      ...rulesOf(args, context),
      axis: [args.axis],
      epsilon: args.epsilon,
      center: args.center,
      scale: args.scale,
      groups: args.groups,
      refusesMask: before(context.version, '3'),
    });
  },
});

const unitNormalization = plainLayer({
  className: {'2.8': 'UnitNormalization'},
  arguments: {...COMMON, axis: integers(undefined, [-1])},
  layer: ({axis}, {common}) => new UnitNormalization({...common, axis: [...axis]}),
});

/** Numbers in lists of lists, and their shape without the ones that come before it. */
function numbersOf(value: unknown, name: string, where: string): {numbers: number[]; shape: number[]} {
  const shape: number[] = [];
  let inner = isRecord(value) && value.type === 'ndarray' ? value.value : value;
  const numbers = [inner].flat(Number.POSITIVE_INFINITY) as number[];
  for (; Array.isArray(inner); inner = inner[0]) shape.push(inner.length);
  while (shape[0] === 1) shape.shift();
  if (numbers.every(n => typeof n === 'number') && numbers.length === shape.reduce((a, b) => a * b, 1)) {
    return {numbers, shape};
  }
  throw new CarryoverError(
    'E_ARCHITECTURE',
    `${where}: ${name} is ${JSON.stringify(value)}; expected a number or a list of numbers`,
  );
}

/** To Keras 3 masks stop at preprocessing layers. */
const passesMask = since({'0': false, '3': true});

const normalization = plainLayer({
  className: {'2.4': 'Normalization'},
  arguments: {
    ...COMMON,
    axis: other<unknown>('axis', -1),
    mean: other<unknown>('mean', null),
    variance: other<unknown>('variance', null),
    invert: boolean(false, {'2.10': 'invert'}),
    batchInputShape: harmless(other()),
  },
  arrays: ({mean}) => [mean == null ? ['mean', 'variance', 'count'] : []],
  untrained: 3,
  layer: ({axis, mean, variance, invert}, {common, version, where}) => {
    const axes = axis === null ? [] : ([axis].flat() as number[]);
    const own = {...common, axis: axes, invert, stopsMask: !passesMask(version)};
    if (mean == null) return new Standardising(own);
    const [shift, spread] = [numbersOf(mean, 'mean', where), numbersOf(variance, 'variance', where)];
    return new Standardising({...own, mean: shift, variance: spread});
  },
});

const rescaling = plainLayer({
  className: {'2.4': 'Rescaling'},
  arguments: {...COMMON, scale: other<unknown>('scale'), offset: other<unknown>('offset', 0)},
  layer: ({scale, offset}, {common, version, where}) => {
    const numbers = (value: unknown, name: string) => {
      const {numbers: all, shape} = numbersOf(value, name, where);
      return shape.length === 0 ? all[0]! : all;
    };
    return new Rescaling({
      ...common,
      scale: numbers(scale, 'scale'),
      offset: numbers(offset, 'offset'),
      stopsMask: !passesMask(version),
    });
  },
});

const BIN_OUTPUTS = ['int', 'one_hot', 'multi_hot', 'count'] as const;

/** Bins of numbers; those that `adapt` found stand in the config, too. */
const discretization = plainLayer({
  className: {'2.4': 'Discretization'},
  arguments: {
    ...COMMON,
    binBoundaries: other<unknown>('bin_boundaries', null),
    numBins: harmless(other()),
    epsilon: harmless(other()),
    outputMode: choice(BIN_OUTPUTS, 'int', {'2.9': 'output_mode'}),
    sparse: refused(boolean(false), 'expected false; sparse tensors are not there in tfjs'),
  },
  layer: ({binBoundaries, outputMode}, {common, where}) => {
    if (binBoundaries == null) {
      throw new CarryoverError(
        'E_LAYER',
        `${where}: there are no bin_boundaries; expected those that adapt() finds in data; call it before the model is saved`,
      );
    }
    const {numbers} = numbersOf(binBoundaries, 'bin_boundaries', where);
    return new Discretization({...common, boundaries: numbers, output: outputMode});
  },
});

export const NORMALIZATION = [
  batchNormalization,
  layerNormalization,
  rmsNormalization,
  groupNormalization,
  unitNormalization,
  normalization,
  rescaling,
  discretization,
];
