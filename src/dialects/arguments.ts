import {CarryoverError} from '../errors';
import {snake} from './spelling';
import {type Since, since} from './version';

export {activationArgument, parseActivation} from './activations';
export {camel, snake} from './spelling';

/** Argument values as a layer holds them. */
export type Arguments = Readonly<Record<string, unknown>>;

/**
 * What Python calls an argument: one name, or names by the release since which they hold. It is not there before the
 * first of them, nor where the name is null.
 */
export type Spelling = string | Since<string | null>;

/**
 * What an argument does to what a layer computes: nothing (`harmless`: it matters to training, to the library's own
 * speed, or to people), or something that Carryover does not do (`refused` where it is not at its default).
 */
export type Role = 'meant' | 'harmless' | 'refused';

/** What people should know of an argument, or what they should of a value of it. */
export type Note = string | ((value: unknown) => string | undefined);

/** One argument of a library's layer: what it is called, what it accepts, what it is when absent, what it is for. */
export interface Argument<T = unknown> {
  readonly kind:
    | 'integer'
    | 'number'
    | 'integers'
    | 'boolean'
    | 'choice'
    | 'activation'
    | 'initializer'
    | 'regularizer'
    | 'constraint'
    | 'other';
  /** The name in Python, where turning camelCase into snake_case does not give it. */
  readonly python?: Spelling;
  readonly choices?: readonly string[];
  /** How many `integers`; absent: any number. */
  readonly count?: number;
  readonly role: Role;
  /**
   * What people should know of a value that is not the default: what is left out, or what to do; or that of a value, which
   * may be nothing.
   */
  readonly note?: Note;
  /** The default of a release; undefined where there is none. */
  fallback(version: string): T;
}

/** The arguments of a layer under the names that programs use (camelCase), in the library's order. */
export type ArgumentTable = Readonly<Record<string, Argument>>;

/** The values of a table's arguments, as `readArguments` gives them. */
export type ValuesOf<A extends ArgumentTable> = {
  readonly [K in keyof A]: A[K] extends Argument<infer T> ? T : never;
};

/** The arguments of a dialect as a program gives them; null where Python has None for a number. */
export type ConfigOf<D extends {readonly arguments: ArgumentTable}> = {
  readonly [K in keyof D['arguments']]?: OrNone<ValuesOf<D['arguments']>[K]>;
};
type OrNone<T> = T extends number ? T | null : T;

type Default<T> = T | ((version: string) => T);

function argument<T>(
  kind: Argument['kind'],
  value: Default<T> | undefined,
  python?: Spelling,
  more: Pick<Argument, 'choices' | 'count'> = {},
): Argument<T> {
  const fallback = typeof value === 'function' ? (value as (version: string) => T) : (): T => value as T;
  return {kind, fallback, python, role: 'meant', ...more};
}

/** A name, or an object with a class and a config (tfjs' own objects too). */
export type Named = string | object | null;

/** An integer; without a default, it must be given. */
export function integer(value?: Default<number>, python?: Spelling): Argument<number>;
export function integer(value: Default<number | null>, python?: Spelling): Argument<number | null>;
export function integer(value?: Default<number | null>, python?: Spelling): Argument<number | null> {
  return argument('integer', value, python);
}

/** A number; without a default, it must be given. */
export function number(value?: Default<number>, python?: Spelling): Argument<number>;
export function number(value: Default<number | null>, python?: Spelling): Argument<number | null>;
export function number(value?: Default<number | null>, python?: Spelling): Argument<number | null> {
  return argument('number', value, python);
}

/**
 * As many integers as said, or any number of them; one integer stands for all. Without a default, they must be given.
 */
export function integers(
  count: number | undefined,
  value?: Default<readonly number[] | undefined>,
  python?: Spelling,
): Argument<readonly number[]>;
export function integers(
  count: number | undefined,
  value: Default<readonly number[] | null>,
  python?: Spelling,
): Argument<readonly number[] | null>;
export function integers(
  count: number | undefined,
  value?: Default<readonly number[] | null | undefined>,
  python?: Spelling,
): Argument<readonly number[] | null> {
  return argument('integers', value as Default<readonly number[] | null>, python, {count});
}

export const boolean = (value: Default<boolean>, python?: Spelling): Argument<boolean> =>
  argument('boolean', value, python);
export const choice = <const C extends string>(
  choices: readonly C[],
  value: Default<C>,
  python?: Spelling,
): Argument<C> => argument('choice', value, python, {choices});
export const activation = (value?: Default<string | null>, python?: Spelling): Argument<Named> =>
  argument<Named>('activation', value, python);
export const initializer = (value: Default<string | null>, python?: Spelling): Argument<Named> =>
  argument<Named>('initializer', value, python);
export const regularizer = (python?: Spelling): Argument<Named> =>
  argument<Named>('regularizer', null, python);
export const constraint = (python?: Spelling): Argument<Named> => argument<Named>('constraint', null, python);
/** Whatever the library takes. */
export const other = <T = unknown>(python?: Spelling, value?: T): Argument<T | undefined> =>
  argument<T | undefined>('other', value, python);

/** An argument that does not change what a layer computes. */
export const harmless = <T>(spec: Argument<T>, note?: Note): Argument<T> => ({
  ...spec,
  role: 'harmless',
  note,
});

/** An argument that Carryover takes at its default only; the note says what to do instead. */
export const refused = <T>(spec: Argument<T>, note?: string): Argument<T> => ({
  ...spec,
  role: 'refused',
  note,
});

/** What Python calls an argument in a release; undefined where the release does not have it. */
export function pythonName(name: string, {python}: Argument, version: string): string | undefined {
  return nameIn(python ?? snake(name), version);
}

/** The name in force in a release. */
export function nameIn(names: Spelling, version: string): string | undefined {
  if (typeof names === 'string') return names;
  return since<string | null>({'0': null, ...names})(version) ?? undefined;
}

/** Every name that Python ever had for an argument, the newest first. */
export function pythonNames(name: string, {python}: Argument): string[] {
  if (typeof python !== 'object') return [python ?? snake(name)];
  const names = Object.values(python).filter(spelling => spelling !== null);
  return [...new Set(names.reverse())];
}

/**
 * Every spelling of an argument: that of programs, those of Python, and what tfjs makes of a name on saving and loading
 * (`WRegularizer` becomes `wRegularizer`).
 */
export function spellings(name: string, spec: Argument): string[] {
  return [name, ...pythonNames(name, spec), name.charAt(0).toLowerCase() + name.slice(1)];
}

/**
 * Reads a layer's arguments from a config, under any of their spellings. Fills in the release's defaults.
 * @throws CarryoverError for a value of the wrong kind, `code` being whose mistake that is: a program's or a file's
 */
export function readArguments(
  table: ArgumentTable,
  config: Arguments,
  version: string,
  where: string,
  code: 'E_USAGE' | 'E_ARCHITECTURE' = 'E_USAGE',
): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const [name, spec] of Object.entries(table)) {
    const fallback = spec.fallback(version);
    const found = spellings(name, spec).find(spelling => isGiven(spec, config[spelling], fallback));
    result[name] =
      found === undefined
        ? fallback
        : checked(spec, config[found], expected => {
            throw new CarryoverError(
              code,
              `${where}: ${found} is ${JSON.stringify(config[found])}; expected ${expected}`,
              {argument: found},
            );
          });
  }
  return result;
}

/** Null is as good as absent where the library has no None: for numbers and the like that have a default. */
function isGiven({kind}: Argument, value: unknown, fallback: unknown): boolean {
  if (value !== null) return value !== undefined;
  return (
    (fallback ?? null) === null || !['integer', 'number', 'integers', 'boolean', 'choice'].includes(kind)
  );
}

function checked(spec: Argument, given: unknown, wrong: (expected: string) => never): unknown {
  const value = plain(given);
  if (value === null) return value;
  switch (spec.kind) {
    case 'integer':
      return Number.isInteger(value) ? value : wrong('an integer');
    case 'number':
      return typeof value === 'number' ? value : wrong('a number');
    case 'integers': {
      const {count = Array.isArray(value) ? value.length : 1} = spec;
      const list = Array.isArray(value) ? value : new Array(count).fill(value);
      const fits = list.length === count && list.every(Number.isInteger);
      return fits ? list : wrong(`${spec.count ?? 'a list of'} integers`);
    }
    case 'boolean':
      // Old JSON says 0 and 1 as well.
      return typeof value === 'boolean' || value === 0 || value === 1
        ? Boolean(value)
        : wrong('true or false');
    case 'choice':
      return spec.choices!.includes(value as string) ? value : wrong(`one of ${spec.choices!.join(', ')}`);
    default:
      return given;
  }
}

/** A list of one value counts as the value, and so does a numpy scalar as Keras wrote it. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 1 ? plain(value[0]) : value;
  const {type, value: number} = (value ?? {}) as {type?: unknown; value?: unknown};
  return type === 'ndarray' && typeof number === 'number' ? number : value;
}

/**
 * Holds a config against the arguments of its class, so that nothing in it passes unnoticed.
 * @param what the class and its library, for messages: `Dense of keras2`
 * @returns notes on values that do not carry over and need not
 * @throws CarryoverError `E_LAYER` for an argument that no release has, or one that is refused and not at its default
 */
export function checkArguments(
  table: ArgumentTable,
  config: Arguments,
  version: string,
  where: string,
  what: string,
): string[] {
  const values = readArguments(table, config, version, where, 'E_ARCHITECTURE');
  const named = new Map(
    Object.entries(table).flatMap(([name, spec]) => spellings(name, spec).map(spelling => [spelling, name])),
  );
  const given = Object.keys(config).filter(key => config[key] !== undefined && config[key] !== null);
  return given.flatMap(key => {
    const name = named.get(key);
    const value = JSON.stringify(config[key]);
    if (name === undefined) {
      throw new CarryoverError(
        'E_LAYER',
        `${where}: no release of ${what} known here has an argument '${key}' (${value}); remove it where it changes nothing`,
        {argument: key},
      );
    }
    const {role, note, fallback} = table[name]!;
    if (role === 'meant' || sameValue(values[name], fallback(version))) return [];
    const said = typeof note === 'function' ? note(config[key]) : note;
    if (role === 'harmless') return said === undefined ? [] : [`${key} ${said}`];
    throw new CarryoverError('E_LAYER', `${where}: ${key} is ${value}, which is not supported; ${said}`, {
      argument: key,
    });
  });
}

const sameValue = (a: unknown, b: unknown): boolean =>
  (a ?? null) === (b ?? null) || JSON.stringify(a) === JSON.stringify(b);
