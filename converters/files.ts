import {badFormat} from './format-error';

/** A file of which any part can be read. */
export interface RandomAccess {
  /** Its name among its files. */
  readonly name?: string;
  /** Bytes. */
  readonly size: number;
  /** A new array of `length` bytes, or fewer where the file ends; the caller may keep and change it. */
  read(offset: number, length: number): Uint8Array<ArrayBuffer>;
  /** All of it, where it is in memory anyway; not to be changed. */
  readonly whole?: Uint8Array;
  /** Closes the file, where that is needed. */
  close?(): void;
}

/** The files among which a source is: on disk, in memory, on a server. Names are paths, with `/` between their parts. */
export interface FileSet {
  /** Undefined where there is no such file; so for a folder. */
  open(name: string): Promise<RandomAccess | undefined>;
  /**
   * The names of files (and, on disk, folders) that begin with `prefix`, in any order; of a folder's (`models/`) at least
   * those directly in it.
   */
  list(prefix: string): Promise<readonly string[]>;
}

/** Bytes as a program may have them. A `File` is a `Blob`. */
export type Bytes = Uint8Array | ArrayBuffer | Blob;

export function isBytes(value: unknown): value is Bytes {
  return (
    value instanceof Uint8Array ||
    value instanceof ArrayBuffer ||
    (typeof Blob !== 'undefined' && value instanceof Blob)
  );
}

/** Bytes in memory. They are not copied until read: do not change them before the file is closed. */
export function memorySource(bytes: Uint8Array, name?: string): RandomAccess {
  return {
    name,
    size: bytes.length,
    // By hand: `slice` of Node's Buffer is a view.
    read: (offset, length) => new Uint8Array(bytes.subarray(offset, offset + length)),
    whole: bytes,
  };
}

/** Files in memory, by name. A `Blob` is read whole once it is opened. */
export function memoryFiles(files: Readonly<Record<string, Bytes>> | ReadonlyMap<string, Bytes>): FileSet {
  const all = files instanceof Map ? files : new Map(Object.entries(files));
  return {
    async open(name) {
      const found = all.get(name);
      if (found === undefined) return undefined;
      if (found instanceof Uint8Array) return memorySource(found, name);
      const buffer = found instanceof ArrayBuffer ? found : await found.arrayBuffer();
      return memorySource(new Uint8Array(buffer), name);
    },
    list: async prefix => [...all.keys()].filter(name => name.startsWith(prefix)),
  };
}

/** Where a name's last part begins. */
const lastPart = (name: string): number => name.lastIndexOf('/') + 1;

/** The folder of a name, with its `/`; '' where it is in none. */
export const folderOf = (name: string): string => name.slice(0, lastPart(name));

/** The last part of a name. */
export const baseName = (name: string): string => name.slice(lastPart(name));

/** The names of what is directly in a folder (`''` for the root of a set), without the folder's own. */
export async function namesIn(files: FileSet, folder: string): Promise<string[]> {
  const start = folder === '' || folder.endsWith('/') ? folder : `${folder}/`;
  const parts = (await files.list(start)).map(name => name.slice(start.length).split('/')[0]!);
  return [...new Set(parts)].filter(part => part !== '').sort();
}

/**
 * Reads exactly what is asked for.
 * @param where file and part of it, for the message
 * @throws CarryoverError E_FORMAT when it is not within the file
 */
export function readExactly(
  source: RandomAccess,
  offset: number,
  length: number,
  where: string,
): Uint8Array<ArrayBuffer> {
  checkWithin(source, offset, length, where);
  const bytes = source.read(offset, length);
  if (bytes.length !== length) {
    throw badFormat(where, `${bytes.length} bytes could be read at ${offset}, expected ${length}`, {
      ...{file: source.name, offset, expected: length, found: bytes.length},
    });
  }
  return bytes;
}

/** The check of `readExactly` without the reading. */
export function checkWithin(source: RandomAccess, offset: number, length: number, where: string): void {
  const sane = Number.isSafeInteger(offset) && Number.isSafeInteger(length) && offset >= 0 && length >= 0;
  if (sane && offset + length <= source.size) return;
  throw badFormat(
    where,
    `${length} bytes at ${offset} are not within the file's ${source.size}; it is cut off or damaged`,
    {file: source.name, offset, expected: offset + length, found: source.size},
  );
}
