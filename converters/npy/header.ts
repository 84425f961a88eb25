import type {DType} from '../arrays';
import {badFormat, unsupported} from '../format-error';
import {beyond, type Limits} from '../limits';
import {elementCount, showShape} from '../shape';
import {type Literal, parseLiteral} from './literal';
import {MAGIC} from './magic';

/** How the elements lie in the file. `bytes` is `|S`, `unicode` is `<U` (UTF-32). */
export interface ElementType {
  readonly dtype: DType;
  readonly encoding: 'number' | 'bytes' | 'unicode';
  /** Bytes per element. */
  readonly size: number;
  readonly bigEndian: boolean;
}

/** An array's elements as they lie in a file. */
export interface Elements {
  readonly type: ElementType;
  readonly shape: readonly number[];
  readonly fortran: boolean;
  /** How many elements. */
  readonly count: number;
}

export interface NpyHeader extends Elements {
  /** Where the elements begin. */
  readonly start: number;
}

const CODES: Readonly<Record<string, DType>> = {
  b1: 'bool',
  i1: 'int8',
  u1: 'uint8',
  i2: 'int16',
  u2: 'uint16',
  i4: 'int32',
  u4: 'uint32',
  i8: 'int64',
  u8: 'uint64',
  f2: 'float16',
  f4: 'float32',
  f8: 'float64',
};

/**
 * How many bytes the header takes, magic included; undefined where `bytes` is too short to tell.
 * @throws CarryoverError E_FORMAT when this is no .npy, E_UNSUPPORTED for a version after 3, E_LIMIT for a huge header
 */
export function headerLength(bytes: Uint8Array, where: string, limits: Limits): number | undefined {
  const seen = Math.min(bytes.length, MAGIC.length);
  for (let i = 0; i < seen; i++) {
    if (bytes[i] !== MAGIC[i]) throw badFormat(where, "not a .npy file: it does not begin with '\\x93NUMPY'");
  }
  if (bytes.length < 12) return undefined;
  const version = bytes[6]!;
  if (version < 1 || version > 3) {
    throw unsupported(where, `.npy version ${version}.${bytes[7]}; versions 1 to 3 are known`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (length > limits.npyHeaderBytes)
    throw beyond(where, 'npyHeaderBytes', `a .npy header of ${length} bytes`, limits);
  return (version === 1 ? 10 : 12) + length;
}

/**
 * Reads a .npy header.
 * @throws CarryoverError E_FORMAT when it is malformed or cut off, E_UNSUPPORTED for other element types, E_LIMIT
 */
export function readHeader(bytes: Uint8Array, where: string, limits: Limits): NpyHeader {
  const start = headerLength(bytes, where, limits);
  if (start === undefined || start > bytes.length) {
    throw badFormat(
      where,
      `cut off inside the .npy header: ${bytes.length} bytes, expected ${start ?? 'at least 12'}`,
    );
  }
  const version = bytes[6]!;
  const encoded = bytes.subarray(version === 1 ? 10 : 12, start);
  const text = new TextDecoder(version === 3 ? 'utf-8' : 'latin1').decode(encoded);
  let header: Literal;
  try {
    header = parseLiteral(text, limits.npyHeaderDepth);
  } catch (error) {
    throw badFormat(where, `malformed .npy header: ${(error as Error).message}`, {cause: error});
  }
  if (!(header instanceof Map)) throw badFormat(where, 'malformed .npy header: expected a dict');
  const fortran = header.get('fortran_order');
  if (typeof fortran !== 'boolean') throw badFormat(where, 'malformed .npy header: fortran_order is no bool');
  const shape = header.get('shape');
  if (!Array.isArray(shape) || !shape.every(size => typeof size === 'number')) {
    throw badFormat(where, 'malformed .npy header: shape is no tuple of integers');
  }
  const count = elementCount(shape);
  if (Number.isNaN(count)) throw badFormat(where, `impossible shape ${showShape(shape)} in the .npy header`);
  return {type: elementType(header.get('descr'), where), shape, fortran, start, count};
}

/**
 * What a `descr` says about the elements.
 * @throws CarryoverError E_UNSUPPORTED for fields, objects and types that are neither numbers nor strings
 */
export function elementType(descr: Literal | undefined, where: string): ElementType {
  if (Array.isArray(descr)) throw unsupported(where, 'a structured array (fields); expected a plain one');
  if (typeof descr !== 'string') throw badFormat(where, 'malformed .npy header: descr is no string');
  if (/^[|<>=]?O\d*$/.test(descr)) {
    throw unsupported(where, 'an object array (pickled Python objects); save it as a numeric array');
  }
  const parts = /^([<>|=]?)([a-zA-Z])(\d{1,9})$/.exec(descr);
  if (parts !== null) {
    const [, order, kind, digits] = parts;
    const bigEndian = order === '>';
    const dtype = CODES[`${kind}${digits}`];
    if (dtype !== undefined) return {dtype, encoding: 'number', size: Number(digits), bigEndian};
    if (kind === 'S' || kind === 'a')
      return {dtype: 'string', encoding: 'bytes', size: Number(digits), bigEndian};
    if (kind === 'U') return {dtype: 'string', encoding: 'unicode', size: 4 * Number(digits), bigEndian};
  }
  throw unsupported(
    where,
    `element type '${descr}'; expected bool, integers, floats of 2 to 8 bytes, or strings`,
  );
}
