import {closeSync, fstatSync, openSync, readSync} from 'node:fs';
import type {WeightFile} from '../../../converters/arrays';
import type {Hdf5Library} from '../../../converters/hdf5/library';
import {openKerasSource} from '../../../converters/hdf5/open';
import {checkSuperblock, HEAD_SIZE} from '../../../converters/hdf5/superblock';
import {CarryoverError} from '../../errors';

/**
 * Opens a Keras HDF5 file (0.x, 1.x, 2.x; weights or whole model) on disk; see `readKeras` for what it gives. Arrays
 * are read from the file when asked for, and nothing else of it is held in memory.
 *
 * @throws CarryoverError E_FILE when it cannot be opened, E_FORMAT when it is damaged or no such file
 */
export async function openKerasFile(path: string): Promise<WeightFile> {
  const {head, size} = beginning(path);
  checkSuperblock(head, size, path);
  const library: Hdf5Library = await (await import('h5wasm/node')).ready;
  return openKerasSource({library, name: path, size, where: path});
}

function beginning(path: string): {head: Uint8Array; size: number} {
  let descriptor: number;
  try {
    descriptor = openSync(path, 'r');
  } catch (error) {
    const {code} = error as NodeJS.ErrnoException;
    const reason = code === 'ENOENT' ? 'no such file' : `cannot be opened (${code})`;
    throw new CarryoverError('E_FILE', `${path}: ${reason}; expected an HDF5 file`, {cause: error});
  }
  try {
    const stat = fstatSync(descriptor);
    if (!stat.isFile()) throw new CarryoverError('E_FILE', `${path}: not a file; expected an HDF5 file`);
    const head = new Uint8Array(HEAD_SIZE);
    return {head: head.subarray(0, readSync(descriptor, head, 0, HEAD_SIZE, 0)), size: stat.size};
  } finally {
    closeSync(descriptor);
  }
}
