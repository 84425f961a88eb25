import type {Tensor} from '@tensorflow/tfjs-core';
import {CarryoverError} from '../../errors';
import {toTensor} from '../../verify/verify';
import {ensureBackend} from '../backend';
import {readArray} from '../load';

/**
 * A tensor from a `.npy` file: int32 where the file has integers or booleans, else float32, whatever the sizes of
 * its numbers are there.
 *
 * @throws CarryoverError `E_FILE` if it is not there, `E_FORMAT` if it is no such file or holds strings
 */
export async function readTensor(path: string): Promise<Tensor> {
  const array = await readArray(path);
  if (array.dtype === 'string') {
    throw new CarryoverError('E_FORMAT', `${path}: found strings; expected numbers`);
  }
  await ensureBackend();
  return toTensor(array, /float/.test(array.dtype) ? 'float32' : 'int32');
}
