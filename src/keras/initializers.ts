import {initializers} from '@tensorflow/tfjs-layers';
import {CarryoverError} from '../errors';
import type {FanRule} from './fans';
import {
  FanScaled,
  type FanScaledConfig,
  type Initializer,
  Orthogonal,
  TiledIdentity,
  Uniform,
} from './initializer-classes';
import {namedSpec, numberOf} from './spec';

/** How initializers of one name draw where releases differ. */
export interface InitializerRules {
  /** `glorot_normal` and `he_normal` are cut at two standard deviations. */
  readonly truncated: boolean;
  /** Of `orthogonal`, and how it makes a matrix of an array of more dimensions. */
  readonly gain: number;
  readonly flatten: 'first' | 'last';
  /** How kernels count their fans where their layer says nothing else. */
  readonly fans: FanRule;
}

/** Keras 0.x and 1.x. Source: keras/initializations.py of 0.2.0, 0.3.3, 1.2.2. */
export const KERAS_1_INITIALIZERS: InitializerRules = {
  truncated: false,
  gain: 1.1,
  flatten: 'first',
  fans: 'th',
};

/** Keras 2 and later. Source: keras/initializers.py of 2.2.4. */
export const KERAS_2_INITIALIZERS: InitializerRules = {
  truncated: true,
  gain: 1,
  flatten: 'last',
  fans: 'channelsLast',
};

type Fan = Pick<FanScaledConfig, 'scale' | 'mode' | 'distribution'>;

const FAN_SCALED: Record<string, Fan> = {
  lecununiform: {scale: 1, mode: 'fanIn', distribution: 'uniform'},
  lecunnormal: {scale: 1, mode: 'fanIn', distribution: 'normal'},
  glorotuniform: {scale: 1, mode: 'fanAvg', distribution: 'uniform'},
  glorotnormal: {scale: 1, mode: 'fanAvg', distribution: 'normal'},
  heuniform: {scale: 2, mode: 'fanIn', distribution: 'uniform'},
  henormal: {scale: 2, mode: 'fanIn', distribution: 'normal'},
};

const MODES: Record<string, Fan['mode']> = {fan_in: 'fanIn', fan_out: 'fanOut', fan_avg: 'fanAvg'};

const DISTRIBUTIONS: Record<string, Fan['distribution']> = {
  uniform: 'uniform',
  normal: 'truncated',
  truncated_normal: 'truncated',
  untruncated_normal: 'normal',
};

/** `fanAvg`, as tfjs spells it, is Keras' `fan_avg`. */
const snake = (name: unknown): string => String(name).replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`);

/**
 * The tfjs initializer of a Keras name or config; `normal` and `uniform` have scale 0.05 throughout.
 * @param fans how kernels of convolutions count their fans where the layer has a rule of its own
 */
export function initializer(
  spec: unknown,
  rules: InitializerRules,
  fans: FanRule = rules.fans,
  where = 'initializer',
): Initializer {
  const named = namedSpec(spec ?? 'zeros', 'an initializer', where);
  if (named === undefined) return initializers.zeros();
  const {config} = named;
  const seed = typeof config.seed === 'number' ? config.seed : undefined;
  // Keras 3.0 to 3.6 write `OrthogonalInitializer`.
  const name = named.name
    .toLowerCase()
    .replaceAll('_', '')
    .replace(/initializer$/, '');
  const fan = FAN_SCALED[name];
  if (fan !== undefined) {
    const distribution = fan.distribution === 'normal' && rules.truncated ? 'truncated' : fan.distribution;
    return new FanScaled({...fan, distribution, rule: fans, seed});
  }
  switch (name) {
    case 'zero':
    case 'zeros':
      return initializers.zeros();
    case 'one':
    case 'ones':
      return initializers.ones();
    case 'constant':
      return initializers.constant({value: numberOf(config.value, 0)});
    case 'uniform':
    case 'randomuniform':
      return new Uniform({
        minval: numberOf(config.minval, -0.05),
        maxval: numberOf(config.maxval, 0.05),
        seed,
      });
    case 'normal':
    case 'randomnormal':
    case 'truncatednormal': {
      const args = {mean: numberOf(config.mean, 0), stddev: numberOf(config.stddev, 0.05), seed: seed ?? 0};
      if (seed === undefined) Reflect.deleteProperty(args, 'seed');
      return name === 'truncatednormal'
        ? initializers.truncatedNormal(args)
        : initializers.randomNormal(args);
    }
    case 'orthogonal':
      return new Orthogonal({
        gain: numberOf(config.gain ?? config.scale, rules.gain),
        flatten: rules.flatten,
        seed,
      });
    case 'identity':
      return new TiledIdentity({gain: numberOf(config.gain ?? config.scale, 1)});
    case 'variancescaling':
      return new FanScaled({
        scale: numberOf(config.scale, 1),
        mode: MODES[snake(config.mode ?? 'fan_in')] ?? 'fanIn',
        distribution: DISTRIBUTIONS[snake(config.distribution ?? 'normal')] ?? 'truncated',
        rule: fans,
        seed,
      });
    default:
      throw new CarryoverError(
        'E_LAYER',
        `${where}: initializer '${named.name}' is not one of Keras's; expected a name such as glorot_uniform, orthogonal or zeros; name one of those if the weights come from a file`,
      );
  }
}
