import {CarryoverError} from '../../src/errors';
import type {DType, NdArray} from '../arrays';
import {numberToHalf} from '../numbers';
import {elementCount, showShape} from '../shape';
import {STORAGE_TYPES, wrongStorage} from '../storage';
import {MAGIC} from './magic';

/** NumPy aligns the values to this. */
const ALIGNMENT = 64;
const VERSION_1_LIMIT = 0xffff;

// NumPy has no bfloat16: its values are held as float32, so that is what they are written as.
const DESCR: Readonly<Record<Exclude<DType, 'string'>, string>> = {
  bool: '|b1',
  int8: '|i1',
  uint8: '|u1',
  int16: '<i2',
  uint16: '<u2',
  int32: '<i4',
  uint32: '<u4',
  int64: '<i8',
  uint64: '<u8',
  float16: '<f2',
  bfloat16: '<f4',
  float32: '<f4',
  float64: '<f8',
};

/**
 * Writes an array as a .npy file: C order, little-endian, strings as `<U`. An array of dtype float16 is given as
 * Float32Array and rounded to the nearest, ties to even; what a float16 file is read as is float32.
 * @throws CarryoverError E_SHAPE when shape, dtype and values do not belong together
 */
export function writeNpy(array: NdArray): Uint8Array<ArrayBuffer> {
  const {descr, bytes} = encodeElements(array);
  return file(descr, array.shape, bytes);
}

/**
 * An array's elements in C order, little-endian: NumPy's `descr` and the bytes, which may be the array's own memory.
 * @throws CarryoverError E_SHAPE when shape, dtype and values do not belong together
 */
export function encodeElements(array: NdArray): {descr: string; bytes: Uint8Array} {
  const {dtype, shape, values} = array;
  if (elementCount(shape) !== values.length) {
    throw new CarryoverError('E_SHAPE', `${values.length} values for an array of shape ${showShape(shape)}`);
  }
  if (Array.isArray(values)) {
    if (dtype !== 'string') throw wrongStorage(dtype);
    const points = values.map(text => Array.from(text, character => character.codePointAt(0)!));
    const width = points.reduce((most, {length}) => Math.max(most, length), 1);
    const body = new Uint8Array(4 * width * values.length);
    const view = new DataView(body.buffer);
    points.forEach((line, i) => {
      line.forEach((point, k) => {
        view.setUint32(4 * (i * width + k), point, true);
      });
    });
    return {descr: `<U${width}`, bytes: body};
  }
  if (dtype === 'string' || !(values instanceof STORAGE_TYPES[dtype])) throw wrongStorage(dtype);
  if (dtype === 'float16') {
    const half = Uint16Array.from(values as Float32Array, numberToHalf);
    return {descr: DESCR[dtype], bytes: new Uint8Array(half.buffer)};
  }
  return {
    descr: DESCR[dtype],
    bytes: new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
  };
}

function file(descr: string, shape: readonly number[], body: Uint8Array): Uint8Array<ArrayBuffer> {
  const text = `{'descr': '${descr}', 'fortran_order': False, 'shape': ${showShape(shape)}, }`;
  const version = text.length + ALIGNMENT > VERSION_1_LIMIT ? 2 : 1;
  const prefix = version === 1 ? 10 : 12;
  const start = Math.ceil((prefix + text.length + 1) / ALIGNMENT) * ALIGNMENT;
  const out = new Uint8Array(start + body.length);
  out.set(MAGIC);
  out[6] = version;
  const view = new DataView(out.buffer);
  if (version === 1) view.setUint16(8, start - prefix, true);
  else view.setUint32(8, start - prefix, true);
  out.fill(0x20, prefix, start);
  out.set(new TextEncoder().encode(text), prefix);
  out[start - 1] = 0x0a;
  out.set(body, start);
  return out;
}
