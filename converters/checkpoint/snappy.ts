import {badFormat} from '../format-error';
import {SNAPPY_RATIO} from '../limits';

/** An element's kind is in the two lowest bits of its tag: a literal, or a copy whose offset has 1, 2 or 4 more bytes. */
const LITERAL = 0;
const COPY_1 = 1;
const COPY_BYTES = [0, 1, 2, 4];
/** The lengths of literals that stand in the tag itself; above, the tag says how many bytes the length has. */
const MOST_IN_TAG = 60;

/**
 * Unpacks a raw Snappy block (google/snappy, `format_description.txt`).
 * @throws CarryoverError E_FORMAT when it is damaged
 */
export function unpackSnappy(packed: Uint8Array, where: string): Uint8Array<ArrayBuffer> {
  const {size, start} = unpackedSize(packed, where);
  const out = new Uint8Array(size);
  let from = start;
  let to = 0;
  while (from < packed.length) {
    const tag = packed[from++]!;
    const literal = (tag & 3) === LITERAL;
    const bytes = literal ? Math.max(0, (tag >>> 2) + 1 - MOST_IN_TAG) : COPY_BYTES[tag & 3]!;
    const number = littleEndian(packed, from, bytes, where);
    from += bytes;
    const length = lengthOf(tag, bytes, number);
    if (literal) {
      copyLiteral(out, to, packed, from, length, where);
      from += length;
    } else {
      copyBack(out, to, length, (tag & 3) === COPY_1 ? (tag >>> 5) * 256 + number : number, where);
    }
    to += length;
  }
  if (to !== size) throw damaged(where, `unpacks to ${to} bytes, expected ${size}`);
  return out;
}

/** How many bytes an element unpacks to, from its tag and the number in the bytes after it. */
function lengthOf(tag: number, bytes: number, number: number): number {
  if ((tag & 3) === COPY_1) return ((tag >>> 2) & 7) + 4;
  return (tag & 3) === LITERAL && bytes > 0 ? number + 1 : (tag >>> 2) + 1;
}

function copyLiteral(
  out: Uint8Array,
  to: number,
  packed: Uint8Array,
  from: number,
  length: number,
  where: string,
): void {
  const left = packed.length - from;
  if (length > left) throw damaged(where, `a literal of ${length} bytes, ${left} left`);
  checkRoom(out, to, length, where);
  out.set(packed.subarray(from, from + length), to);
}

/** Copies what was unpacked `offset` bytes before; byte by byte, since it may reach into what it writes. */
function copyBack(out: Uint8Array, to: number, length: number, offset: number, where: string): void {
  checkRoom(out, to, length, where);
  if (offset === 0 || offset > to) throw damaged(where, `a copy from ${offset} bytes back at byte ${to}`);
  for (let k = to; k < to + length; k++) out[k] = out[k - offset]!;
}

function checkRoom(out: Uint8Array, to: number, length: number, where: string): void {
  if (to + length > out.length)
    throw damaged(where, `unpacks to more than the ${out.length} bytes that it says`);
}

function littleEndian(packed: Uint8Array, from: number, bytes: number, where: string): number {
  if (from + bytes > packed.length) throw damaged(where, `cut off at byte ${from} of ${packed.length}`);
  return packed.subarray(from, from + bytes).reduceRight((value, byte) => value * 256 + byte, 0);
}

function unpackedSize(packed: Uint8Array, where: string): {size: number; start: number} {
  let size = 0;
  for (let start = 0; start < 5; start++) {
    const byte = packed[start];
    if (byte === undefined) break;
    size += (byte & 0x7f) * 2 ** (7 * start);
    if (byte & 0x80) continue;
    // Refused before memory is taken.
    if (size > packed.length * SNAPPY_RATIO) {
      throw damaged(where, `${packed.length} packed bytes cannot hold ${size}`);
    }
    return {size, start: start + 1};
  }
  throw damaged(where, 'no length at its beginning');
}

function damaged(where: string, what: string): Error {
  return badFormat(where, `damaged snappy data: ${what}`);
}
