import {CarryoverError} from '../../../errors';
import {BatchNormalization, type Normalisation} from '../../../layers/plain/batch-normalization';
import {built, type Config, common, flag, isBefore, number, rule} from './read';
import type {LayerContext, PlainLayerFactory} from './types';

/** Modes: 0 per feature, 1 per sample, 2 per feature with the batch's own statistics always. */
function formOf(mode: number, context: LayerContext): Normalisation {
  const first = context.library === 'keras0';
  if (mode === 0) return !first ? 'variance' : isBefore(context, '0.3.1') ? 'deviationPerUnit' : 'deviation';
  if (mode === 1) return first ? 'sampleDeviation' : 'sampleVariance';
  if (mode === 2 && !first) return 'batch';
  throw new CarryoverError(
    'E_ARCHITECTURE',
    `${context.where}: BatchNormalization mode is ${mode}, expected ${first ? '0 or 1' : '0, 1 or 2'}`,
  );
}

const INIT = {
  gamma: {
    init: ['gamma_initializer', 'gamma_init'],
    regularizer: ['gamma_regularizer'],
    constraint: ['gamma_constraint'],
  },
  beta: {
    init: ['beta_initializer', 'beta_init'],
    regularizer: ['beta_regularizer'],
    constraint: ['beta_constraint'],
  },
};

const legacy = (
  config: Config,
  context: LayerContext,
): ConstructorParameters<typeof BatchNormalization>[0] => {
  const first = context.library === 'keras0';
  return {
    ...common(config, context),
    form: formOf(number(config, ['mode'], context, 0), context),
    perUnit: first && isBefore(context, '0.3.1'),
    axis: number(config, ['axis'], context, -1),
    epsilon: number(config, ['epsilon'], context, first ? 1e-6 : 1e-3),
    momentum: number(config, ['momentum'], context, first ? 0.9 : 0.99),
  };
};

const batchNormalization: PlainLayerFactory = (config, context) => {
  const rules = {
    gamma: rule(config, INIT.gamma, context, undefined, 'one'),
    beta: rule(config, INIT.beta, context, undefined, 'zero'),
  };
  if (context.library === 'keras0' || context.library === 'keras1') {
    const layer = new BatchNormalization({...legacy(config, context), ...rules});
    return built(layer, ['gamma', 'beta', 'running_mean', 'running_std'], config);
  }
  const [scale, center] = [flag(config, ['scale'], true), flag(config, ['center'], true)];
  const layer = new BatchNormalization({
    ...common(config, context),
    ...rules,
    form: 'variance',
    axis: number(config, ['axis'], context, -1),
    epsilon: number(config, ['epsilon'], context, 1e-3),
    momentum: number(config, ['momentum'], context, 0.99),
    scale,
    center,
    epsilonInMoving: context.backend === 'theano',
    unbiased: context.library === 'keras2' && !isBefore(context, '2.1.3'),
  });
  const learned = [...(scale ? ['gamma'] : []), ...(center ? ['beta'] : [])];
  return built(layer, [...learned, 'moving_mean', 'moving_variance'], config);
};

export const NORMALIZATION: Readonly<Record<string, PlainLayerFactory>> = {
  BatchNormalization: batchNormalization,
};
