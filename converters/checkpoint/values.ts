import {CarryoverError} from '../../src/errors';
import type {NamedArray, NdArray} from '../arrays';
import {numberToHalf} from '../numbers';
import {elementCount, showShape} from '../shape';
import {STORAGE_TYPES, wrongStorage} from '../storage';

/**
 * An array to be written: in memory, or one that is read when its turn comes. float16 and bfloat16 are given as
 * Float32Array and rounded to the nearest, ties to even.
 */
export type Writable =
  | NdArray
  | (Pick<NamedArray, 'dtype' | 'shape'> & {
      /** Gives the values, when their file is written. */
      read(): NdArray;
    });

/**
 * The values of an array of `dtype` and `shape` as little-endian bytes, or as one run of bytes per string.
 * @throws CarryoverError E_SHAPE when values, dtype and shape do not belong together
 */
export function storedValues(name: string, array: Writable): Uint8Array | Uint8Array[] {
  const {dtype, shape} = array;
  const {values} = 'read' in array ? array.read() : array;
  if (elementCount(shape) !== values.length) {
    throw new CarryoverError('E_SHAPE', `'${name}': ${values.length} values for shape ${showShape(shape)}`);
  }
  if (Array.isArray(values)) {
    if (dtype !== 'string') throw wrongStorage(dtype, `'${name}': `);
    const utf8 = new TextEncoder();
    return values.map(text => utf8.encode(text));
  }
  if (dtype === 'string' || !(values instanceof STORAGE_TYPES[dtype]))
    throw wrongStorage(dtype, `'${name}': `);
  if (dtype === 'float16') return asBytes(Uint16Array.from(values as Float32Array, numberToHalf));
  if (dtype === 'bfloat16') return asBytes(toBfloats(values as Float32Array));
  return asBytes(values);
}

function asBytes(values: {buffer: ArrayBufferLike; byteOffset: number; byteLength: number}): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

/** The upper half of the bits, rounded. */
function toBfloats(values: Float32Array): Uint16Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  return Uint16Array.from(values, (value, k) =>
    Number.isNaN(value) ? (bits[k]! >>> 16) | 0x40 : (bits[k]! + 0x7fff + ((bits[k]! >>> 16) & 1)) >>> 16,
  );
}
