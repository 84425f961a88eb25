import {ElementWise} from '../../../layers/plain/element-wise';
import {LearnedActivation} from '../../../layers/plain/learned-activations';
import {built, common, isLegacy, number, rule} from './read';
import type {PlainLayerFactory} from './types';

/** An activation with fixed parameters: [argument name in Python, name here, default]. */
const fixed =
  (
    fn: string,
    ...parameters: [python: readonly string[], ours: string, fallback: number][]
  ): PlainLayerFactory =>
  (config, context) => {
    const values = parameters.map(([python, ours, fallback]) => [
      ours,
      number(config, python, context, fallback),
    ]);
    const layer = new ElementWise({...common(config, context), fn, parameters: Object.fromEntries(values)});
    return built(layer, [], config);
  };

/** ReLU of Keras ≥ 2.1; no maximum where none is given. */
const relu: PlainLayerFactory = (config, context) => {
  const parameters = {
    maxValue: config.max_value == null ? null : number(config, ['max_value'], context),
    negativeSlope: number(config, ['negative_slope'], context, 0),
    threshold: number(config, ['threshold'], context, 0),
  };
  return built(new ElementWise({...common(config, context), fn: 'relu', parameters}), [], config);
};

function sharedAxes(value: unknown): number[] {
  return [value].flat().filter(axis => typeof axis === 'number');
}

const prelu: PlainLayerFactory = (config, context) => {
  const alphas = rule(
    config,
    {
      init: ['alpha_initializer', 'init'],
      regularizer: ['alpha_regularizer'],
      constraint: ['alpha_constraint'],
    },
    context,
  );
  const layer = new LearnedActivation({
    ...common(config, context),
    fn: 'prelu',
    rules: [alphas],
    sharedAxes: sharedAxes(config.shared_axes),
  });
  return built(layer, [isLegacy(context) ? 'alphas' : 'alpha'], config);
};

const parametricSoftplus: PlainLayerFactory = (config, context) => {
  const constant = (key: string, fallback: number): ReturnType<typeof rule> => {
    const init = {class_name: 'Constant', config: {value: number(config, [key], context, fallback)}};
    return rule({init}, {init: ['init']}, context);
  };
  const layer = new LearnedActivation({
    ...common(config, context),
    fn: 'parametricSoftplus',
    rules: [constant('alpha_init', 0.2), constant('beta_init', 5)],
    sharedAxes: sharedAxes(config.shared_axes),
  });
  return built(layer, ['alphas', 'betas'], config);
};

const srelu: PlainLayerFactory = (config, context) => {
  const defaults = {t_left: 'zero', a_left: 'glorot_uniform', t_right: 'glorot_uniform', a_right: 'one'};
  const layer = new LearnedActivation({
    ...common(config, context),
    fn: 'srelu',
    rules: Object.entries(defaults).map(([name, init]) =>
      rule(config, {init: [`${name}_init`]}, context, undefined, init),
    ),
    sharedAxes: sharedAxes(config.shared_axes),
  });
  return built(layer, Object.keys(defaults), config);
};

export const ACTIVATIONS: Readonly<Record<string, PlainLayerFactory>> = {
  LeakyReLU: fixed('leakyRelu', [['alpha', 'negative_slope'], 'alpha', 0.3]),
  ELU: fixed('elu', [['alpha'], 'alpha', 1]),
  ThresholdedReLU: fixed('thresholdedRelu', [['theta'], 'theta', 1]),
  ThresholdedLinear: fixed('thresholdedLinear', [['theta'], 'theta', 1]),
  Softmax: fixed('softmax', [['axis'], 'axis', -1]),
  ReLU: relu,
  PReLU: prelu,
  ParametricSoftplus: parametricSoftplus,
  SReLU: srelu,
};
