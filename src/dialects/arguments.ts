import {CarryoverError} from '../errors';
import {type Activation, sameActivation} from '../recurrence/activations';

/** Argument values as a layer holds them. */
export type Arguments = Readonly<Record<string, unknown>>;

type Kind =
  | 'size'
  | 'integer'
  | 'number'
  | 'boolean'
  | 'choice'
  | 'activation'
  | 'initializer'
  | 'regularizer'
  | 'constraint'
  | 'other';

/** One argument of a library's layer: what it accepts and what it is when absent. */
export interface Argument<T = unknown> {
  /** `size`: the number of units. */
  readonly kind: Kind;
  /** The name in Python, where turning camelCase into snake_case does not give it. */
  readonly python?: string;
  readonly choices?: readonly string[];
  /** The library takes None, which means something of its own; elsewhere null is as good as absent. */
  readonly nullable: boolean;
  /** The default of a release; undefined where the library has none. */
  fallback(version: string): T;
}

type Default<T> = T | ((version: string) => T);

function argument<T>(
  kind: Kind,
  value: Default<T>,
  nullable: boolean,
  options: {readonly python?: string; readonly choices?: readonly string[]} = {},
): Argument<T> {
  const fallback = typeof value === 'function' ? (value as (version: string) => T) : (): T => value;
  return {kind, fallback, nullable, ...options};
}

type Optional = number | null | undefined;
/** A name, or an object with a class and a config (tfjs' own objects too). */
export type Named = string | object | null;

/** The number of units; 0 where it has to be given. */
export const size = (value = 0): Argument<number> => argument('size', value, false);

/** A whole number; without a default, one that may be left out. */
export function integer(value: Default<number>): Argument<number>;
export function integer(): Argument<Optional>;
export function integer(value?: Default<number>): Argument<Optional> {
  return argument<Optional>('integer', value, value === undefined);
}

/** A number; with null for its default, one that the library may be without. */
export function number(value: Default<number>, python?: string): Argument<number>;
export function number(value: null, python?: string): Argument<number | null>;
export function number(value: Default<number> | null, python?: string): Argument<number | null> {
  return argument<number | null>('number', value, value === null, {python});
}

export const boolean = (value: Default<boolean>): Argument<boolean> => argument('boolean', value, false);
export const choice = <C extends string>(choices: readonly C[], value: Default<C>): Argument<C> =>
  argument('choice', value, false, {choices});
export const activation = (value: Default<string>): Argument<Named> =>
  argument<Named>('activation', value, true);
export const initializer = (value: Default<string>, python?: string): Argument<Named> =>
  argument<Named>('initializer', value, true, {python});
export const regularizer = (python?: string): Argument<Named> =>
  argument<Named>('regularizer', null, true, {python});
export const constraint = (python?: string): Argument<Named> =>
  argument<Named>('constraint', null, true, {python});
/** Whatever the library takes; undefined where it is not given. */
export const other = <T = unknown>(python?: string): Argument<T | undefined> =>
  argument<T | undefined>('other', undefined, true, {python});

/** The arguments of a layer, in the library's order, spelled in camelCase. */
export type ArgumentTable = Readonly<Record<string, Argument>>;

/** The values of a table's arguments, defaults filled in. */
export type ArgumentsOf<A extends ArgumentTable> = {
  readonly [K in keyof A]: A[K] extends Argument<infer T> ? T : never;
};

/** The arguments of a dialect as a program gives them. */
export type ConfigOf<D extends {readonly arguments: ArgumentTable}> = Partial<ArgumentsOf<D['arguments']>>;

/** `forgetBiasInit` → `forget_bias_init` */
export function snake(name: string): string {
  return name.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`);
}

/** `hard_sigmoid` → `hardSigmoid` */
export function camel(name: string): string {
  return name.replace(/_+(\w)/g, (_, letter: string) => letter.toUpperCase());
}

/**
 * Reads a layer's arguments from a config in TypeScript's spelling, in Python's, or as tfjs spells them after
 * saving and loading (which turns `WRegularizer` into `wRegularizer`). Fills in the release's defaults.
 * @throws CarryoverError `E_USAGE` for a value of the wrong kind
 */
export function readArguments(
  table: ArgumentTable,
  config: Readonly<Record<string, unknown>>,
  version: string,
  where: string,
): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const [name, spec] of Object.entries(table)) {
    const value = spellingsOf(name, spec).map(spelling => ownValue(config, spelling));
    const given = value.find(candidate => candidate !== undefined && (candidate !== null || spec.nullable));
    if (given === undefined) result[name] = spec.fallback(version);
    else result[name] = given === null ? null : checked(spec, given, `${where}: ${name}`);
  }
  return result;
}

/** In TypeScript, in Python, and after tfjs' saving and loading. */
export function spellingsOf(name: string, spec?: Argument): string[] {
  return [name, spec?.python ?? snake(name), name.charAt(0).toLowerCase() + name.slice(1)];
}

const ownValue = (config: Readonly<Record<string, unknown>>, name: string): unknown =>
  Object.hasOwn(config, name) ? config[name] : undefined;

function checked(spec: Argument, value: unknown, where: string): unknown {
  const wrong = (expected: string): never => {
    throw new CarryoverError('E_USAGE', `${where} is ${JSON.stringify(value)}; expected ${expected}`);
  };
  switch (spec.kind) {
    case 'size':
    case 'integer':
      return Number.isInteger(value) ? value : wrong('an integer');
    case 'number':
      return typeof value === 'number' ? value : wrong('a number');
    case 'boolean':
      // Old JSON says 0 and 1 as well.
      return typeof value === 'boolean' || value === 0 || value === 1
        ? Boolean(value)
        : wrong('true or false');
    case 'choice':
      return spec.choices!.includes(value as string) ? value : wrong(`one of ${spec.choices!.join(', ')}`);
    default:
      return value;
  }
}

const SELU = {alpha: 1.6732632423543772, scale: 1.0507009873554805};

/**
 * An activation by a Keras name (`hard_sigmoid` or `hardSigmoid`), or a serialized activation layer.
 * @param slope of hard_sigmoid: 0.2 in Keras 0 to 2 (`clip(0.2x + 0.5, 0, 1)`), 1/6 in Keras 3
 * @throws CarryoverError `E_LAYER` for one that is unknown, or not element-wise
 */
export function parseActivation(spec: unknown, where: string, slope = 0.2): Activation {
  if (spec === null || spec === undefined) return {kind: 'linear'};
  if (typeof spec === 'object' && 'kind' in spec) return spec as Activation;
  const record =
    typeof spec === 'object' ? (spec as {class_name?: string; className?: string; config?: unknown}) : {};
  const name = camel(typeof spec === 'string' ? spec : (record.class_name ?? record.className ?? '?'));
  const config = (record.config ?? {}) as Record<string, number | undefined>;
  switch (name) {
    case 'linear':
    case 'tanh':
    case 'sigmoid':
    case 'relu':
    case 'softplus':
    case 'softsign':
    case 'exponential':
      return {kind: name};
    case 'ReLU':
      return {kind: 'relu'};
    case 'hardSigmoid':
      return {kind: 'hardSigmoid', slope, offset: 0.5};
    case 'elu':
    case 'ELU':
      return {kind: 'elu', alpha: config.alpha ?? 1, scale: 1};
    case 'selu':
      return {kind: 'elu', ...SELU};
    case 'relu6':
      return {kind: 'cappedRelu', limit: 6};
    case 'LeakyReLU':
      return {kind: 'leakyRelu', alpha: config.alpha ?? 0.3};
    default:
      throw new CarryoverError(
        'E_LAYER',
        `${where}: '${String(name)}' is no element-wise activation of a recurrent layer; ` +
          'known are linear, tanh, sigmoid, hard_sigmoid, relu, elu, selu, softplus, softsign, exponential',
      );
  }
}

/**
 * The Keras name of an activation, for a dialect's `fromRecurrence`; the activation itself where it has none, which no
 * dialect takes for one of its own.
 */
export function activationArgument(f: Activation | undefined): unknown {
  if (!f) return undefined;
  const names = [
    'linear',
    'tanh',
    'sigmoid',
    'relu',
    'softplus',
    'softsign',
    'exponential',
    'hardSigmoid',
    'elu',
    'selu',
  ];
  return names.find(name => sameActivation(parseActivation(name, 'activation'), f)) ?? f;
}
