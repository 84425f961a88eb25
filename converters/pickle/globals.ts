import type {CarryoverError} from '../../src/errors';
import {PickleArray} from './array';
import {fromBuffer, makeDtype, makeScalar} from './numpy';
import {latin1Bytes} from './text';
import {kindOf, PickleGlobal, PickleObject, type PickleValue, quoted} from './value';

/** What a function of the allow-list may use. */
export interface Call {
  readonly args: readonly PickleValue[];
  /** The place in the file, for messages of what is read later. */
  readonly where: string;
  fail(what: string): CarryoverError;
  /** Accounts for work that the length of the file does not bound: memory of so many bytes or items. */
  spend(amount: number): void;
  /** A value as key of a Map or member of a Set. */
  key(value: PickleValue): PickleValue;
  isInert(global: PickleGlobal): boolean;
}

type Function = (call: Call) => PickleValue;

/** What pickles of NumPy arrays and of Python's own containers call, by its name in Python 3 and NumPy 1. */
const FUNCTIONS: ReadonlyMap<string, Function> = new Map<string, Function>([
  ['numpy.core.multiarray._reconstruct', blankArray],
  ['numpy.core.multiarray.scalar', ({args, where, fail}) => makeScalar(args, where, fail)],
  ['numpy.core.numeric._frombuffer', ({args, where, fail}) => fromBuffer(args, where, fail)],
  ['numpy.dtype', ({args, fail}) => makeDtype(args, fail)],
  ['collections.OrderedDict', orderedDict],
  ['builtins.set', members],
  ['builtins.frozenset', members],
  ['builtins.bytes', bytes],
  ['builtins.bytearray', bytes],
  ['_codecs.encode', ({args, ...call}) => encoded(args[0], args[1], call)],
  ['copyreg._reconstructor', reconstructor],
]);

/** Types that stand in pickles as values and are never called. */
const NAMES: ReadonlySet<string> = new Set([
  'numpy.ndarray',
  ...['object', 'bool', 'int', 'float', 'complex', 'str', 'list', 'tuple', 'dict'].map(
    name => `builtins.${name}`,
  ),
]);

const MODULES: ReadonlyMap<string, string> = new Map([
  ['__builtin__', 'builtins'],
  ['copy_reg', 'copyreg'],
]);

function fullName({module, name}: PickleGlobal): string {
  return `${module}.${name}`;
}

export function functionOf(global: PickleGlobal): Function | undefined {
  return FUNCTIONS.get(fullName(global));
}

/**
 * Whether a caller's list names a class or function: `module.name` exactly, or `package.*` for everything in a package.
 */
export function isListed(global: PickleGlobal, classes: readonly string[]): boolean {
  return classes.some(entry => {
    if (!entry.endsWith('.*')) return entry === fullName(global);
    const name = entry.slice(0, -2);
    return global.module === name || global.module.startsWith(`${name}.`);
  });
}

/**
 * The class or function of that name, where the reader's list or the caller's has it.
 * @returns undefined where neither has
 */
export function lookUp(module: string, name: string, classes: readonly string[]): PickleGlobal | undefined {
  // A dotted name leads from a module to what it imports.
  if (!/^[A-Za-z_]\w*$/.test(name) || !/^[A-Za-z_][\w.]*$/.test(module)) return undefined;
  const renamed = MODULES.get(module) ?? module.replace(/^numpy\._core\./, 'numpy.core.');
  const global = new PickleGlobal(renamed, name);
  const full = fullName(global);
  return FUNCTIONS.has(full) || NAMES.has(full) || isListed(global, classes) ? global : undefined;
}

/** `_reconstruct(numpy.ndarray, (0,), b'b')`: an array whose contents follow. */
function blankArray({args, where, fail}: Call): PickleArray {
  const [type] = args;
  if (!(type instanceof PickleGlobal) || fullName(type) !== 'numpy.ndarray') {
    throw fail(`an array of a class of its own (${kindOf(type)}); expected a plain numpy.ndarray`);
  }
  return new PickleArray(where);
}

/** `OrderedDict()`, or Python 2's `OrderedDict([[key, value], ...])`. */
function orderedDict({args, fail, spend, key}: Call): Map<PickleValue, PickleValue> {
  const [pairs = []] = args;
  if (!Array.isArray(pairs)) throw fail(`an OrderedDict of ${kindOf(pairs)}; expected a list of pairs`);
  const items = pairs as readonly PickleValue[];
  spend(items.length);
  const map = new Map<PickleValue, PickleValue>();
  for (const pair of items) {
    if (!Array.isArray(pair) || pair.length !== 2) throw fail('an OrderedDict of something other than pairs');
    map.set(key(pair[0] as PickleValue), pair[1] as PickleValue);
  }
  return map;
}

function members({args, fail, spend, key}: Call): Set<PickleValue> {
  const [items = []] = args;
  if (!Array.isArray(items)) throw fail(`a set of ${kindOf(items)}; expected a list`);
  spend(items.length);
  return new Set((items as readonly PickleValue[]).map(item => key(item)));
}

/** Empty, from bytes, or from text and its encoding. */
function bytes({args, ...call}: Call): Uint8Array {
  const [source, encoding] = args;
  if (source === undefined) return new Uint8Array(0);
  return source instanceof Uint8Array ? source : encoded(source, encoding, call);
}

/** Protocols before 3 have no bytes: Python 3 writes them as text of the same code points. */
function encoded(
  text: PickleValue | undefined,
  encoding: PickleValue | undefined,
  {fail, spend}: Pick<Call, 'fail' | 'spend'>,
): Uint8Array {
  if (typeof text !== 'string' || (encoding !== 'latin1' && encoding !== 'latin-1')) {
    const shown = typeof encoding === 'string' ? quoted(encoding) : kindOf(encoding);
    throw fail(`bytes from ${kindOf(text)} in the encoding ${shown}; expected a string in 'latin1'`);
  }
  spend(text.length);
  const out = latin1Bytes(text);
  if (out === undefined) throw fail('bytes from a string with characters beyond U+00FF');
  return out;
}

/** `_reconstructor(class, object, None)`: an instance, in protocols 0 and 1. */
function reconstructor({args, fail, isInert}: Call): PickleObject {
  const [type, base] = args;
  if (!(type instanceof PickleGlobal) || !isInert(type)) {
    throw fail(`an instance of ${kindOf(type)}, which is no class that is expected here`);
  }
  if (!(base instanceof PickleGlobal) || fullName(base) !== 'builtins.object') {
    throw fail(`an instance of ${fullName(type)}, which extends ${kindOf(base)}; expected a plain class`);
  }
  return new PickleObject(type, []);
}
