import type {WeightFile} from '../arrays';
import {isNeupyHdf5, readNeupyHdf5} from '../neupy/hdf5';
import {Hdf5File, type Hdf5Source} from './file';
import {readKeras} from './keras';
import type {Hdf5Library} from './library';
import {checkSuperblock, HEAD_SIZE} from './superblock';

let opened = 0;

/**
 * Opens HDF5 bytes in memory. They are not copied: do not change them before `close`.
 * @throws CarryoverError E_FORMAT when they are no HDF5 file, or cut off
 */
export async function openHdf5Bytes(bytes: Uint8Array, where = 'HDF5'): Promise<Hdf5File> {
  checkSuperblock(bytes.subarray(0, HEAD_SIZE), bytes.length, where);
  // Loaded when needed: the module is 4 MB, and ESM only, which CommonJS can import but not require.
  const library: Hdf5Library = await (await import('h5wasm')).ready;
  const name = `/carryover-${opened++}.h5`;
  library.FS.writeFile(name, bytes, {canOwn: true});
  const release = () => library.FS.unlink(name);
  try {
    return new Hdf5File({library, name, size: bytes.length, where, release});
  } catch (error) {
    release();
    throw error;
  }
}

/**
 * Opens a Keras HDF5 file (0.x, 1.x, 2.x; weights or whole model) that is in memory; see `readKeras` for what it gives.
 * What neupy's `save_hdf5` wrote is known by its attributes; see `readNeupyHdf5`.
 * Each array is read when asked for. The bytes are not copied: do not change them before `close`.
 *
 * @param where the file's name, for messages
 * @throws CarryoverError E_FORMAT when it is damaged or no such file
 */
export async function openKerasBytes(bytes: Uint8Array, where = 'Keras HDF5'): Promise<WeightFile> {
  return readOrClose(await openHdf5Bytes(bytes, where));
}

/** Opens a Keras (or neupy) HDF5 file in any file system that the library sees. */
export function openKerasSource(source: Hdf5Source): WeightFile {
  return readOrClose(new Hdf5File(source));
}

function readOrClose(file: Hdf5File): WeightFile {
  try {
    return isNeupyHdf5(file) ? readNeupyHdf5(file) : readKeras(file);
  } catch (error) {
    file.close();
    throw error;
  }
}
