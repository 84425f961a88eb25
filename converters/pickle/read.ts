import {Cursor} from './cursor';
import {INSTRUCTIONS, STOP} from './instructions';
import {Machine} from './machine';
import {checkTree} from './tree';
import type {PickleValue} from './value';

/** Bounds the memory of what a file of one-byte instructions makes; a Map, such as the memo, holds twice as many. */
const MAX_INSTRUCTIONS = 1 << 23;

/** How a pickle is read. */
export interface PickleOptions {
  /** The file's name, for messages. */
  readonly where?: string;
  /**
   * Classes and functions that are read as inert records, besides NumPy arrays and Python's own containers:
   * `module.name`, or `package.*` for all of a package. Default none.
   */
  readonly classes?: readonly string[];
}

/**
 * Reads a pickle (protocols 0 to 5, of Python 2 and 3) as data. Nothing in it is run, and no name in it is looked up
 * outside this reader's list; keys such as `__proto__` are keys of Maps. NumPy arrays keep views of `bytes` until they
 * are read: do not change them before.
 *
 * @throws CarryoverError E_FORMAT when it is damaged, cut off, contains itself, or names a class or function that is on
 *   neither list (the message says which, and where)
 */
export function readPickle(
  bytes: Uint8Array,
  {where = 'pickle', classes = []}: PickleOptions = {},
): PickleValue {
  const cursor = new Cursor(bytes, where);
  const machine = new Machine(cursor, classes);
  for (let count = 0; ; count++) {
    const code = cursor.next();
    if (code === STOP) break;
    if (count >= MAX_INSTRUCTIONS) throw cursor.fail(`more than ${MAX_INSTRUCTIONS} instructions`);
    const instruction = INSTRUCTIONS.get(code);
    if (instruction === undefined) {
      throw cursor.fail(
        `0x${code.toString(16).padStart(2, '0')} is no instruction; not a pickle, or damaged`,
      );
    }
    instruction(machine, cursor);
  }
  const value = machine.result();
  if (cursor.left > 0) {
    throw cursor.fail(`${cursor.left} bytes follow the end of the pickle; expected one pickle and no more`);
  }
  checkTree(value, bytes.length, where);
  return value;
}
