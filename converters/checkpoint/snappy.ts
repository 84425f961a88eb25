import {badFormat} from '../format-error';

/** The densest element is 3 bytes that copy 64: a larger claim is refused before memory is taken. */
export const SNAPPY_MAX_RATIO = 22;

const LITERAL = 0;
const COPY_1 = 1;
const COPY_2 = 2;

/**
 * Unpacks a raw Snappy block (google/snappy, `format_description.txt`).
 * @throws CarryoverError E_FORMAT when it is damaged
 */
export function unpackSnappy(packed: Uint8Array, where: string): Uint8Array<ArrayBuffer> {
  const {size, start} = unpackedSize(packed, where);
  const out = new Uint8Array(size);
  let from = start;
  let to = 0;

  const number = (bytes: number): number => {
    if (from + bytes > packed.length) throw damaged(where, `cut off at byte ${from} of ${packed.length}`);
    let value = 0;
    for (let k = 0; k < bytes; k++) value += packed[from + k]! * 2 ** (8 * k);
    from += bytes;
    return value;
  };

  while (from < packed.length) {
    const tag = packed[from++]!;
    const kind = tag & 3;
    let length = (tag >>> 2) + 1;
    let offset = 0;
    if (kind === LITERAL) {
      // 60 to 63 say that the length follows in 1 to 4 bytes.
      if (length > 60) length = number(length - 60) + 1;
      if (from + length > packed.length)
        throw damaged(where, `a literal of ${length} bytes, ${packed.length - from} left`);
    } else if (kind === COPY_1) {
      length = ((tag >>> 2) & 7) + 4;
      offset = (tag >>> 5) * 256 + number(1);
    } else {
      offset = number(kind === COPY_2 ? 2 : 4);
    }
    if (to + length > size) throw damaged(where, `unpacks to more than the ${size} bytes that it says`);
    if (kind === LITERAL) {
      out.set(packed.subarray(from, from + length), to);
      from += length;
      to += length;
      continue;
    }
    if (offset === 0 || offset > to) throw damaged(where, `a copy from ${offset} bytes back at byte ${to}`);
    // Byte by byte: a copy may reach into what it writes.
    for (const end = to + length; to < end; to++) out[to] = out[to - offset]!;
  }
  if (to !== size) throw damaged(where, `unpacks to ${to} bytes, expected ${size}`);
  return out;
}

function unpackedSize(packed: Uint8Array, where: string): {size: number; start: number} {
  let size = 0;
  for (let start = 0; start < 5; start++) {
    const byte = packed[start];
    if (byte === undefined) break;
    size += (byte & 0x7f) * 2 ** (7 * start);
    if (byte & 0x80) continue;
    if (size > packed.length * SNAPPY_MAX_RATIO) {
      throw damaged(where, `${packed.length} packed bytes cannot hold ${size}`);
    }
    return {size, start: start + 1};
  }
  throw damaged(where, 'no length at its beginning');
}

function damaged(where: string, what: string): Error {
  return badFormat(where, `damaged snappy data: ${what}`);
}
