import {zipSync} from 'fflate';
import {CarryoverError} from '../../src/errors';
import type {NdArray} from '../arrays';
import {writeNpy} from '../npy/write';

/** The earliest date that zip can say: the same arrays give the same bytes. */
const EPOCH = '1980-01-01T00:00:00';

/**
 * Writes a .npz file that NumPy's `load` reads: stored members, or deflated ones with `compress`.
 *
 * @param entries arrays by key; keys are written with `.npy` added, in this order
 * @throws CarryoverError E_USAGE for a key given twice or empty, E_SHAPE for an array that contradicts itself
 */
export function writeNpz(
  entries: Iterable<readonly [string, NdArray]>,
  {compress = false}: {compress?: boolean} = {},
): Uint8Array {
  // Object keys that look like integers would be moved to the front; with the suffix none does.
  const members: Record<string, Uint8Array> = Object.create(null);
  for (const [key, array] of entries) {
    const name = `${key}.npy`;
    if (key === '' || name in members) {
      throw new CarryoverError(
        'E_USAGE',
        `.npz: the key '${key}' is empty or given twice; keys must be distinct`,
      );
    }
    members[name] = writeNpy(array);
  }
  return zipSync(members, {level: compress ? 6 : 0, mtime: new Date(EPOCH)});
}
