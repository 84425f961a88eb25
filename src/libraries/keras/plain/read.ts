import {before} from '../../../dialects/version';
import {CarryoverError} from '../../../errors';
import {
  constraint,
  type FanRule,
  type InitializerRules,
  initializer,
  KERAS_1_INITIALIZERS,
  KERAS_2_INITIALIZERS,
  numberOf,
  regularizer,
} from '../../../keras';
import {takeMask} from '../../../layers/plain/base';
import type {WeightRuleArgs} from '../../../layers/plain/serial';
import type {BuiltLayer, LayerContext} from './types';

export type Config = Readonly<Record<string, unknown>>;

/** The first of `keys` that the config has. */
function given(config: Config, keys: readonly string[]): unknown {
  for (const key of keys) {
    if (config[key] !== undefined && config[key] !== null) return config[key];
  }
  return undefined;
}

/** A number under one of its names through the ages; without a fallback it must be there. */
export function number(
  config: Config,
  keys: readonly string[],
  context: LayerContext,
  fallback?: number,
): number {
  const value = given(config, keys);
  const result = value === undefined ? (fallback ?? Number.NaN) : numberOf(single(value), Number.NaN);
  if (Number.isNaN(result)) {
    throw new CarryoverError(
      'E_ARCHITECTURE',
      `${context.where}: ${keys.join(' or ')} is ${JSON.stringify(value ?? null)}, expected a number`,
    );
  }
  return result;
}

function single(value: unknown): unknown {
  return Array.isArray(value) && value.length === 1 ? value[0] : value;
}

/** `count` numbers, given as a list or as one for all; undefined where nothing is given. */
export function numbers(
  config: Config,
  keys: readonly string[],
  count: number,
  context: LayerContext,
): number[] | undefined {
  const value = given(config, keys);
  if (value === undefined) return undefined;
  const list = Array.isArray(value) && value.length === count ? value : new Array(count).fill(single(value));
  if (!list.every(n => typeof n === 'number')) {
    throw new CarryoverError(
      'E_ARCHITECTURE',
      `${context.where}: ${keys.join(' or ')} is ${JSON.stringify(value)}, expected ${count} numbers`,
    );
  }
  return list as number[];
}

export function text(config: Config, keys: readonly string[], fallback: string): string {
  const value = given(config, keys);
  return typeof value === 'string' ? value : fallback;
}

export function flag(config: Config, keys: readonly string[], fallback: boolean): boolean {
  const value = given(config, keys);
  return typeof value === 'boolean' ? value : fallback;
}

/** The arguments that every tfjs layer takes. */
export function common(config: Config, {name}: LayerContext): {name: string; trainable?: boolean} {
  return typeof config.trainable === 'boolean' ? {name, trainable: config.trainable} : {name};
}

export function isLegacy({library}: LayerContext): boolean {
  return library === 'keras0' || library === 'keras1';
}

/** The release is known to come before another one. */
export function isBefore({version}: LayerContext, other: string): boolean {
  return version !== undefined && before(version, other);
}

/**
 * Images have their channels before their rows. UpSampling2D, ZeroPadding2D and Cropping2D of 0.x and 1.x do not
 * write their ordering: it is the release's default, `th` before 1.1.1.
 */
export function channelsFirst(config: Config, context: LayerContext): boolean {
  const unsaid =
    context.library === 'keras0' || (context.library === 'keras1' && isBefore(context, '1.1.1'))
      ? 'th'
      : 'tf';
  const ordering = text(config, ['dim_ordering', 'data_format'], unsaid);
  return ordering === 'th' || ordering === 'channels_first';
}

interface RuleKeys {
  readonly init?: readonly string[];
  readonly regularizer?: readonly string[];
  readonly constraint?: readonly string[];
}

/** How a weight starts, what it costs and what holds it, under the given names of the config. */
export function rule(
  config: Config,
  keys: RuleKeys,
  context: LayerContext,
  fans?: FanRule,
  init?: string,
): WeightRuleArgs {
  const spec = given(config, keys.init ?? []) ?? init;
  return {
    initializer: spec === undefined ? undefined : initializer(spec, rulesOf(context), fans, context.where),
    regularizer: regularizer(given(config, keys.regularizer ?? []), context.where),
    constraint: constraint(given(config, keys.constraint ?? []), context.where),
  };
}

const rulesOf = (context: LayerContext): InitializerRules =>
  isLegacy(context) ? KERAS_1_INITIALIZERS : KERAS_2_INITIALIZERS;

export const KERNEL: RuleKeys = {
  init: ['kernel_initializer', 'init'],
  regularizer: ['kernel_regularizer', 'W_regularizer'],
  constraint: ['kernel_constraint', 'W_constraint'],
};

export const BIAS: RuleKeys = {
  init: ['bias_initializer'],
  regularizer: ['bias_regularizer', 'b_regularizer'],
  constraint: ['bias_constraint', 'b_constraint'],
};

/** What the library's result and ours may differ in, or what was taken for granted. */
export function built(
  layer: BuiltLayer['layer'],
  roles: readonly string[],
  config: Config,
  more: Pick<BuiltLayer, 'importArrays' | 'notes'> = {},
): BuiltLayer {
  // tfjs' own layers leave the mask where the executor takes it to the next layer, masked or not.
  layer.setCallHook((_, kwargs) => takeMask(kwargs));
  const notes = [...(more.notes ?? [])];
  if (config.activity_regularizer) {
    notes.push('activity_regularizer is left out: it acts in training only, and tfjs has none');
  }
  return {
    layer,
    roles,
    ...(more.importArrays ? {importArrays: more.importArrays} : {}),
    ...(notes.length > 0 ? {notes} : {}),
  };
}
