import {type Argument, integers, number, type ValuesOf} from '../../../dialects/arguments';
import {since} from '../../../dialects/version';
import {ElementWise, type MaskedSoftmax} from '../../../layers/plain/element-wise';
import {LearnedActivation} from '../../../layers/plain/learned-activations';
import {type PlainContext, plainLayer} from '../../plain';
import {COMMON, ruleOf, weight} from './parts';

/** An activation with fixed parameters, which its arguments are. */
const fixed = (
  className: Parameters<typeof plainLayer>[0]['className'],
  fn: string,
  own: Readonly<Record<string, Argument<number> | Argument<number | null>>>,
) =>
  plainLayer({
    className,
    arguments: {...COMMON, ...own},
    layer: (args, {common}) => {
      const values = Object.keys(own).map(name => [name, args[name as keyof typeof args]]);
      return new ElementWise({...common, fn, parameters: Object.fromEntries(values)});
    },
  });

const SHARED = {sharedAxes: integers(undefined, null, {'1.2': 'shared_axes'})};

/** An activation with trained parameters, one array each. */
function learned<N extends string>(
  fn: string,
  names: readonly N[],
  args: ValuesOf<typeof SHARED> & Readonly<Record<`${N}Initializer`, unknown>>,
  context: PlainContext,
): LearnedActivation {
  const rules = names.map(name => ruleOf(args, name, context));
  return new LearnedActivation({...context.common, fn, rules, sharedAxes: [...(args.sharedAxes ?? [])]});
}

const alphaName = since({'0': ['alphas'], '2': ['alpha']});

const prelu = plainLayer({
  className: 'PReLU',
  arguments: {...COMMON, ...weight('alpha', 'zeros', {init: 'init', letter: null}), ...SHARED},
  arrays: (_, version) => [alphaName(version)],
  layer: (args, context) => learned('prelu', ['alpha'], args, context),
});

const constant = (value: number): object => ({class_name: 'Constant', config: {value}});

const parametricSoftplus = plainLayer({
  className: {'0': 'ParametricSoftplus', '2': null},
  arguments: {...COMMON, alphaInit: number(0.2), betaInit: number(5), ...SHARED},
  arrays: () => [['alphas', 'betas']],
  layer: ({alphaInit, betaInit, sharedAxes}, context) => {
    const args = {alphaInitializer: constant(alphaInit), betaInitializer: constant(betaInit), sharedAxes};
    return learned('parametricSoftplus', ['alpha', 'beta'], args, context);
  },
});

const srelu = plainLayer({
  className: {'0.3.3': 'SReLU', '2': null},
  arguments: {
    ...COMMON,
    ...weight('tLeft', 'zero', {init: 't_left_init', letter: null}),
    ...weight('aLeft', 'glorot_uniform', {init: 'a_left_init', letter: null}),
    ...weight('tRight', 'glorot_uniform', {init: 't_right_init', letter: null}),
    ...weight('aRight', 'one', {init: 'a_right_init', letter: null}),
    ...SHARED,
  },
  arrays: () => [['t_left', 'a_left', 't_right', 'a_right']],
  layer: (args, context) => learned('srelu', ['tLeft', 'aLeft', 'tRight', 'aRight'], args, context),
});

const maskedSoftmax = since<MaskedSoftmax>({'0': 'ignored', '2.4': 'lowered', '3.14': 'zeroed'});

const softmax = plainLayer({
  className: {'2.1.3': 'Softmax'},
  arguments: {...COMMON, axis: integers(undefined, [-1])},
  layer: ({axis}, {common, version}) =>
    new ElementWise({
      ...common,
      fn: 'softmax',
      parameters: {axis: [...axis]},
      masked: maskedSoftmax(version),
    }),
});

export const ACTIVATIONS = [
  softmax,
  fixed('LeakyReLU', 'leakyRelu', {alpha: number(0.3, {'0': 'alpha', '3': 'negative_slope'})}),
  fixed({'0.3': 'ELU'}, 'elu', {alpha: number(1)}),
  fixed('ThresholdedReLU', 'thresholdedRelu', {theta: number(1)}),
  fixed({'0': 'ThresholdedLinear', '1': null}, 'thresholdedLinear', {theta: number(1)}),
  fixed({'2.1.3': 'ReLU'}, 'relu', {
    maxValue: number(null),
    negativeSlope: number(0),
    threshold: number(0),
  }),
  prelu,
  parametricSoftplus,
  srelu,
];
