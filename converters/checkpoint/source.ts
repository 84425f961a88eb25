import {badFormat} from '../format-error';

/** A file of which any part can be read. */
export interface RandomAccess {
  /** Bytes. */
  readonly size: number;
  /** A new array of `length` bytes, or fewer where the file ends; the caller may keep and change it. */
  read(offset: number, length: number): Uint8Array<ArrayBuffer>;
  /** Closes the file, where that is needed. */
  close?(): void;
}

/** The files that a checkpoint may consist of. Names are paths, with `/` between their parts. */
export interface CheckpointFiles {
  /** Undefined where there is no such file. */
  open(name: string): Promise<RandomAccess | undefined>;
  /** The names that begin with `prefix`, in any order. */
  list(prefix: string): Promise<readonly string[]>;
}

/** Bytes in memory. They are not copied until read: do not change them before the checkpoint is closed. */
export function memorySource(bytes: Uint8Array): RandomAccess {
  return {
    size: bytes.length,
    // By hand: `slice` of Node's Buffer is a view.
    read: (offset, length) => new Uint8Array(bytes.subarray(offset, offset + length)),
  };
}

/** Files in memory, by name. */
export function memoryFiles(files: Readonly<Record<string, Uint8Array>>): CheckpointFiles {
  return {
    open: async name => (Object.hasOwn(files, name) ? memorySource(files[name]!) : undefined),
    list: async prefix => Object.keys(files).filter(name => name.startsWith(prefix)),
  };
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
    throw badFormat(where, `${bytes.length} bytes could be read at ${offset}, expected ${length}`);
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
  );
}
