import {CarryoverError} from '../src/errors';
import type {DType} from './arrays';
import {VIEWS} from './numbers';

/** What values are held in, in memory: as in files, but the 16-bit floats are widened. */
export const STORAGE_TYPES = {...VIEWS, float16: Float32Array, bfloat16: Float32Array} as const;

/** Values that are not held in what their dtype asks for. `what` begins the message: `'kernel': `. */
export function wrongStorage(dtype: DType, what = ''): CarryoverError {
  const expected = dtype === 'string' ? 'string[]' : STORAGE_TYPES[dtype].name;
  return new CarryoverError('E_SHAPE', `${what}the values of a ${dtype} array are no ${expected}`);
}
