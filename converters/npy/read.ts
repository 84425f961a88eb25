import type {NdArray, WeightFile} from '../arrays';
import {badFormat} from '../format-error';
import {LIMITS, type Limits} from '../limits';
import {swapBytes, valuesFromBytes} from '../numbers';
import {showShape} from '../shape';
import {type Elements, readHeader} from './header';

/**
 * Reads a .npy file (versions 1 to 3) of bool, integers, float16 (read as float32), float32, float64, `S` or `U`.
 * The values are in C order and native byte order, whatever the file's.
 *
 * @param bytes the whole file
 * @param where its name, for messages
 * @throws CarryoverError E_FORMAT when it is malformed or cut off, E_UNSUPPORTED for Python objects and fields, E_LIMIT
 */
export function readNpy(bytes: Uint8Array, where = '.npy', limits: Limits = LIMITS): NdArray {
  const header = readHeader(bytes, where, limits);
  const {type, shape, count, start} = header;
  const size = count * type.size;
  const left = bytes.length - start;
  if (size > left) {
    throw badFormat(
      where,
      `cut off: ${left} bytes of values, expected ${size} for ${type.dtype} ${showShape(shape)}`,
      {offset: start, expected: size, found: left},
    );
  }
  // A `S0` or `U0` element takes no bytes, so the file's size does not bound their number.
  if (type.size === 0 && count > bytes.length) throw badFormat(where, `${count} strings of no length`);
  return decodeElements(new Uint8Array(bytes.subarray(start, start + size)), header);
}

/** A .npy file as weights: one array, called `arr_0` as NumPy's `savez` would. */
export function openNpy(bytes: Uint8Array, where = '.npy', limits: Limits = LIMITS): WeightFile {
  const {type, shape} = readHeader(bytes, where, limits);
  const array = {name: 'arr_0', dtype: type.dtype, shape, read: () => readNpy(bytes, where, limits)};
  return {format: 'npy', groups: [{name: '', arrays: [array]}], facts: {}, close() {}};
}

/** The array of elements whose bytes the caller gives away; their number has been checked. */
export function decodeElements(owned: Uint8Array<ArrayBuffer>, elements: Elements): NdArray {
  const {type, shape} = elements;
  const stored = rowMajor(owned, elements);
  if (type.encoding !== 'number') return {dtype: 'string', shape, values: strings(stored, elements)};
  if (type.bigEndian && type.size > 1) swapBytes(stored, type.size);
  return {shape, ...valuesFromBytes(stored, type.dtype as Exclude<typeof type.dtype, 'string'>)};
}

/** The elements in C order: for Fortran order, the first axis varies fastest in the file. */
function rowMajor(
  stored: Uint8Array<ArrayBuffer>,
  {fortran, shape, type, count}: Elements,
): Uint8Array<ArrayBuffer> {
  if (!fortran || shape.length < 2 || count === 0) return stored;
  const strides: number[] = [];
  let stride = 1;
  for (const size of shape) {
    strides.push(stride);
    stride *= size;
  }
  const out = new Uint8Array(stored.length);
  const index = new Array<number>(shape.length).fill(0);
  let from = 0;
  for (let to = 0; to < count; to++) {
    for (let k = 0; k < type.size; k++) out[to * type.size + k] = stored[from * type.size + k]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis]!++;
      from += strides[axis]!;
      if (index[axis]! < shape[axis]!) break;
      from -= strides[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
  return out;
}

/** NumPy pads both kinds with zeros at the end and drops them when reading. */
function strings(stored: Uint8Array, {type, count}: Elements): string[] {
  const out: string[] = [];
  const utf8 = new TextDecoder();
  const view = new DataView(stored.buffer, stored.byteOffset, stored.byteLength);
  for (let i = 0; i < count; i++) {
    const start = i * type.size;
    if (type.encoding === 'bytes') {
      let end = start + type.size;
      while (end > start && stored[end - 1] === 0) end--;
      out.push(utf8.decode(stored.subarray(start, end)));
      continue;
    }
    const points: number[] = [];
    for (let at = start; at < start + type.size; at += 4) points.push(view.getUint32(at, !type.bigEndian));
    while (points.at(-1) === 0) points.pop();
    // What is no code point becomes the replacement character, as in UTF-8.
    out.push(points.map(point => (point <= 0x10ffff ? String.fromCodePoint(point) : '\ufffd')).join(''));
  }
  return out;
}
