import type {PickleArray, PickleDtype} from './array';

/**
 * What a pickle holds, as data. Integers beyond 2^53 are bigint; dictionaries (OrderedDict too) are Maps, sets are Sets,
 * lists are arrays, tuples are frozen arrays; bytes and bytearrays are views of the pickle's own memory where they can
 * be. Python 2's `str` is read as Latin-1, as NumPy and neupy read it.
 */
export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly PickleValue[]
  | ReadonlyMap<PickleValue, PickleValue>
  | ReadonlySet<PickleValue>
  | PickleArray
  | PickleDtype
  | PickleGlobal
  | PickleObject;

/** A class or function that a pickle names: the name alone, nothing is behind it. */
export class PickleGlobal {
  /** The Python module that has it. */
  readonly module: string;
  /** Its name in that module. */
  readonly name: string;

  constructor(module: string, name: string) {
    this.module = module;
    this.name = name;
  }
}

/** An instance of a library's class, or the result of its function: what the file says of it, inert. */
export class PickleObject {
  /** The Python module of its class. */
  readonly module: string;
  /** The class's name. */
  readonly name: string;
  /** What the class or function was called with. */
  readonly args: readonly PickleValue[];
  /** What it was called with by name. */
  readonly keywords: ReadonlyMap<PickleValue, PickleValue>;
  /** The instance's attributes, a Map as a rule; undefined where the file gives none. */
  state: PickleValue | undefined;

  constructor(
    {module, name}: PickleGlobal,
    args: readonly PickleValue[],
    keywords: ReadonlyMap<PickleValue, PickleValue> = new Map(),
  ) {
    this.module = module;
    this.name = name;
    this.args = args;
    this.keywords = keywords;
  }

  /** An attribute of the instance; undefined where it has none of that name. */
  attribute(name: string): PickleValue | undefined {
    return this.state instanceof Map ? (this.state as Map<PickleValue, PickleValue>).get(name) : undefined;
  }
}

/** Makes an array a tuple. */
export function tuple(items: PickleValue[]): readonly PickleValue[] {
  return Object.freeze(items);
}

export function isTuple(value: PickleValue | undefined): value is readonly PickleValue[] {
  return Array.isArray(value) && Object.isFrozen(value);
}

/** Text of a file for a message: quoted, in one line, not too long. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}

/** What a value is, in Python's words, for messages. */
export function kindOf(value: PickleValue | undefined): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'None';
  if (typeof value === 'string') return 'a string';
  if (typeof value === 'boolean') return 'a bool';
  if (typeof value === 'number' || typeof value === 'bigint') return 'a number';
  if (value instanceof Uint8Array) return 'bytes';
  if (Array.isArray(value)) return Object.isFrozen(value) ? 'a tuple' : 'a list';
  if (value instanceof Map) return 'a dict';
  if (value instanceof Set) return 'a set';
  if (value instanceof PickleGlobal) return `the name ${value.module}.${value.name}`;
  if (value instanceof PickleObject) return `an object of ${value.module}.${value.name}`;
  return 'a NumPy array or dtype';
}
