import {
  boolean,
  constraint,
  harmless,
  initializer,
  integer,
  number,
  other,
  refused,
  regularizer,
} from '../../../dialects/arguments';
import {since} from '../../../dialects/version';
import {CarryoverError} from '../../../errors';
import {BatchNormalization, type Normalisation} from '../../../layers/plain/batch-normalization';
import {plainLayer} from '../../plain';
import {COMMON, ruleOf} from './parts';

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
    movingMeanInitializer: harmless(other()),
    movingVarianceInitializer: harmless(other()),
    synchronized: harmless(other()),
    fused: harmless(other()),
    renorm: refused(boolean(false), 'expected false'),
    renormClipping: harmless(other()),
    renormMomentum: harmless(other()),
    virtualBatchSize: harmless(other(), 'is left out: it acts in training only'),
    adjustment: harmless(other(), 'is left out: it acts in training only'),
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

export const NORMALIZATION = [batchNormalization];
