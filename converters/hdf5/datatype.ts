import type {DType} from '../arrays';
import type {Hdf5Metadata} from './library';

const INTEGER = 0;
const FLOAT = 1;
const STRING = 3;
/** Bytes without a meaning. */
export const OPAQUE = 5;
const ENUM = 8;

const CLASS_NAMES: Readonly<Record<number, string>> = {
  2: 'time',
  4: 'bit field',
  [OPAQUE]: 'opaque',
  6: 'compound',
  7: 'reference',
  8: 'enumeration',
  9: 'variable-length sequence',
  10: 'array',
};

/** The element type, or in words what it is where it is not supported. */
export function dtypeOf(metadata: Hdf5Metadata): DType | {unsupported: string} {
  const {type, size, signed, enum_type: enumeration} = metadata;
  if (type === STRING) return 'string';
  // h5py writes NumPy's bool as this enumeration.
  if (type === ENUM && size === 1 && enumeration?.members.FALSE === 0 && enumeration.members.TRUE === 1)
    return 'bool';
  if (type === INTEGER || (type === ENUM && enumeration?.type === INTEGER)) {
    const bits = {1: 8, 2: 16, 4: 32, 8: 64}[size] as 8 | 16 | 32 | 64 | undefined;
    if (bits === undefined) return {unsupported: `integer of ${size} bytes`};
    return signed ? `int${bits}` : `uint${bits}`;
  }
  if (type === FLOAT) {
    const bits = {2: 16, 4: 32, 8: 64}[size] as 16 | 32 | 64 | undefined;
    return bits === undefined ? {unsupported: `float of ${size} bytes`} : `float${bits}`;
  }
  return {unsupported: CLASS_NAMES[type] ?? `class ${type}`};
}

/** Fixed-length strings: padded with zeros, or ended by one. */
export function fixedStrings(bytes: Uint8Array, size: number): string[] {
  const decoder = new TextDecoder();
  const out: string[] = [];
  for (let start = 0; start < bytes.length; start += size) {
    const end = bytes.subarray(start, start + size).indexOf(0);
    out.push(decoder.decode(bytes.subarray(start, end < 0 ? start + size : start + end)));
  }
  return out;
}
