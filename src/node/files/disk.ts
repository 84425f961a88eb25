import {closeSync, fstatSync, openSync, readdirSync, readSync} from 'node:fs';
import type {FileSet, RandomAccess} from '../../../converters/files';
import {folderOf} from '../../../converters/files';
import {CarryoverError} from '../../errors';

/** The files of this machine; names are paths. */
export const diskFiles: FileSet = {
  open: async name => openFile(name),
  async list(prefix) {
    const folder = folderOf(prefix);
    return entriesOf(folder === '' ? '.' : folder)
      .map(name => folder + name)
      .filter(name => name.startsWith(prefix));
  },
};

/** What there is not, or leads through a file as if that were a folder. */
const ABSENT = ['ENOENT', 'ENOTDIR', 'EISDIR'];

function orUndefined<T>(path: string, what: string, action: () => T): T | undefined {
  try {
    return action();
  } catch (error) {
    const {code = ''} = error as NodeJS.ErrnoException;
    if (ABSENT.includes(code)) return undefined;
    throw new CarryoverError('E_FILE', `${path}: cannot be ${what} (${code})`, {cause: error, file: path});
  }
}

function entriesOf(folder: string): string[] {
  return orUndefined(folder, 'listed', () => readdirSync(folder)) ?? [];
}

function openFile(path: string): RandomAccess | undefined {
  let descriptor = orUndefined(path, 'opened', () => openSync(path, 'r'));
  if (descriptor === undefined) return undefined;
  const stat = fstatSync(descriptor);
  if (!stat.isFile()) {
    closeSync(descriptor);
    if (stat.isDirectory()) return undefined;
    throw new CarryoverError('E_FILE', `${path}: not a file; expected one that can be read in any order`);
  }
  return {
    name: path,
    size: stat.size,
    read(offset, length) {
      if (descriptor === undefined) {
        throw new CarryoverError('E_FILE', `${path}: the file has been closed`, {file: path});
      }
      const bytes = new Uint8Array(length);
      let got = 0;
      // A read may give less than asked for, and never more than 2 GB.
      for (let more = -1; got < length && more !== 0; got += more) {
        more = readPart(path, descriptor, bytes.subarray(got), offset + got);
      }
      return got === length ? bytes : bytes.slice(0, got);
    },
    close() {
      if (descriptor !== undefined) closeSync(descriptor);
      descriptor = undefined;
    },
  };
}

const MOST_AT_ONCE = 1 << 30;

function readPart(path: string, descriptor: number, out: Uint8Array, offset: number): number {
  try {
    return readSync(descriptor, out, 0, Math.min(out.length, MOST_AT_ONCE), offset);
  } catch (error) {
    const {code} = error as NodeJS.ErrnoException;
    throw new CarryoverError('E_FILE', `${path}: cannot be read (${code})`, {cause: error, file: path});
  }
}
