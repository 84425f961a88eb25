import type {Extent} from './regions';
import {fromKey, type Key, toKey} from './table';

/*
 * Keys of slices are in TensorFlow's "ordered code" (tensorflow/core/lib/strings/ordered_code.h), in which keys sort
 * as what they stand for: number 0, the name, the rank, then start and length for each dimension.
 */

/** The key of a variable's own name. */
export function nameKey(name: string): Key {
  return toKey(new TextEncoder().encode(name));
}

export function keyName(key: Key): string {
  return new TextDecoder().decode(fromKey(key));
}

/** The key under which a slice's data lies. Source: `EncodeTensorNameSlice` in core/util/saved_tensor_slice_util.cc. */
export function sliceKey(name: string, extents: readonly Extent[]): Key {
  return (
    `${unsigned(0)}${escapeName(name)}${unsigned(extents.length)}` +
    extents.map(({start, length}) => signed(start) + signed(length)).join('')
  );
}

/** Whether a key is one of a slice: no variable's name begins with a zero byte. */
export function isSliceKey(key: Key): boolean {
  return key.startsWith('\0');
}

function escapeName(name: string): string {
  let out = '';
  for (const character of nameKey(name)) {
    out += character === '\0' ? '\0\xff' : character === '\xff' ? '\xff\0' : character;
  }
  return `${out}\0\x01`;
}

/** The number of bytes, then the bytes, highest first. */
function unsigned(value: number): string {
  let bytes = '';
  for (let rest = value; rest > 0; rest = Math.floor(rest / 256)) {
    bytes = String.fromCharCode(rest % 256) + bytes;
  }
  return String.fromCharCode(bytes.length) + bytes;
}

/**
 * Highest byte first; as many leading ones as there are bytes, then a zero. Of negative numbers only -1 ("all") is
 * ever written.
 */
function signed(value: number): string {
  if (value < 0) return '\x7f';
  let length = 1;
  while (value >= 2 ** (7 * length - 1)) length++;
  let out = '';
  let rest = value;
  for (let k = 0; k < length; k++) {
    const mark = k === length - 1 ? (0xff << (8 - length)) & 0xff : 0;
    out = String.fromCharCode((rest % 256) | mark) + out;
    rest = Math.floor(rest / 256);
  }
  return out;
}
