import type {WeightFile} from '../arrays';
import {memorySource, type RandomAccess} from '../files';
import {LIMITS, type Limits} from '../limits';
import {isNeupyHdf5, readNeupyHdf5} from '../neupy/hdf5';
import {Hdf5File} from './file';
import {readKeras} from './keras';
import {type Hdf5Library, mountFile} from './library';
import {checkSuperblock, HEAD_SIZE} from './superblock';

/**
 * Opens an HDF5 file; parts of it are read when they are needed. Closing it does not close `file`.
 * @param where its name, for messages
 * @throws CarryoverError E_FORMAT when it is no HDF5 file, or cut off
 */
export async function openHdf5(
  file: RandomAccess,
  where = 'HDF5',
  limits: Limits = LIMITS,
): Promise<Hdf5File> {
  checkSuperblock(file.read(0, Math.min(HEAD_SIZE, file.size)), file.size, where);
  // Loaded when needed: the module is 4 MB, and ESM only, which CommonJS can import but not require.
  const library = (await (await import('h5wasm')).ready) as unknown as Hdf5Library;
  const mounted = mountFile(library, file, limits);
  try {
    return new Hdf5File(mounted, where);
  } catch (error) {
    mounted.unmount();
    throw error;
  }
}

/**
 * Opens a Keras HDF5 file (of any age; weights or whole model) that is in memory; see `readKeras` for what it gives.
 * What neupy's `save_hdf5` wrote is known by its attributes; see `readNeupyHdf5`.
 * Each array is read when asked for. The bytes are not copied: do not change them before `close`.
 *
 * @param where the file's name, for messages
 * @throws CarryoverError E_FORMAT when it is damaged or no such file
 */
export async function openKerasBytes(
  bytes: Uint8Array,
  where = 'Keras HDF5',
  limits: Limits = LIMITS,
): Promise<WeightFile> {
  const file = await openHdf5(memorySource(bytes), where, limits);
  try {
    return isNeupyHdf5(file) ? readNeupyHdf5(file, limits) : readKeras(file, limits);
  } catch (error) {
    file.close();
    throw error;
  }
}
