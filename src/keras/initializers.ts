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

export type KerasAge = 'keras0' | 'keras1' | 'keras2' | 'keras3';

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

/**
 * The tfjs initializer of a Keras name or config.
 *
 * What changed with age: `glorot_normal` and `he_normal` are plain normals in 0.x and 1.x and truncated from
 * 2.0; `orthogonal` has gain 1.1 in 0.x and 1.x, 1 later; `normal` and `uniform` have scale 0.05 throughout.
 * `rule` says how kernels of convolutions count their fans where it is not the age's default.
 * Source: keras/initializations.py of 0.2.0, 0.3.3, 1.2.2; keras/initializers.py of 2.2.4.
 */
export function initializer(
  spec: unknown,
  age: KerasAge,
  rule?: FanRule,
  where = 'initializer',
): Initializer {
  const named = namedSpec(spec ?? 'zeros', 'an initializer', where);
  if (named === undefined) return initializers.zeros();
  const {config} = named;
  const legacy = age === 'keras0' || age === 'keras1';
  const fanRule: FanRule = rule ?? (legacy ? 'th' : 'keras2');
  const seed = typeof config.seed === 'number' ? config.seed : undefined;
  const name = named.name.toLowerCase().replaceAll('_', '');
  const fan = FAN_SCALED[name];
  if (fan !== undefined) {
    const distribution = fan.distribution === 'normal' && !legacy ? 'truncated' : fan.distribution;
    return new FanScaled({...fan, distribution, rule: fanRule, seed});
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
        gain: numberOf(config.gain ?? config.scale, legacy ? 1.1 : 1),
        flatten: legacy ? 'first' : 'last',
        seed,
      });
    case 'identity':
      return new TiledIdentity({gain: numberOf(config.gain ?? config.scale, 1)});
    case 'variancescaling':
      return new FanScaled({
        scale: numberOf(config.scale, 1),
        mode: MODES[String(config.mode ?? 'fan_in')] ?? 'fanIn',
        distribution: DISTRIBUTIONS[String(config.distribution ?? 'normal')] ?? 'truncated',
        rule: fanRule,
        seed,
      });
    default:
      throw new CarryoverError(
        'E_LAYER',
        `${where}: initializer '${named.name}' is not one of Keras's; expected a name such as glorot_uniform, orthogonal or zeros; name one of those if the weights come from a file`,
      );
  }
}
