import {LIMITS, type Limits} from '../limits';
import {Cursor} from './cursor';
import {INSTRUCTIONS, STOP} from './instructions';
import {Machine} from './machine';
import {checkTree} from './tree';
import type {PickleValue} from './value';

/** How a pickle is read. */
export interface PickleOptions {
  /** The file's name, for messages. */
  readonly where?: string;
  /**
   * Classes and functions that are read as inert records, besides NumPy arrays and Python's own containers:
   * `module.name`, or `package.*` for all of a package. Default none.
   */
  readonly classes?: readonly string[];
  /** Limits in place of the usual ones. */
  readonly limits?: Limits;
}

/**
 * Reads a pickle (protocols 0 to 5, of Python 2 and 3) as data. Nothing in it is run, and no name in it is looked up
 * outside this reader's list; keys such as `__proto__` are keys of Maps. NumPy arrays keep views of `bytes` until they
 * are read: do not change them before.
 *
 * @throws CarryoverError E_FORMAT when it is damaged, cut off, or contains itself; E_UNSUPPORTED when it names a class or
 *   function that is on neither list (the message says which, and where); E_LIMIT
 */
export function readPickle(
  bytes: Uint8Array,
  {where = 'pickle', classes = [], limits = LIMITS}: PickleOptions = {},
): PickleValue {
  const cursor = new Cursor(bytes, where, limits);
  const machine = new Machine(cursor, classes);
  for (let count = 0; ; count++) {
    const code = cursor.next();
    if (code === STOP) break;
    if (count >= limits.pickleInstructions)
      throw cursor.beyond('pickleInstructions', 'too many instructions');
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
  checkTree(value, bytes.length, where, limits);
  return value;
}
