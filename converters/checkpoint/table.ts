import {type RandomAccess, readExactly} from '../files';
import {badFormat} from '../format-error';
import {crc32c, maskCrc, showCrc} from './crc32c';
import {unpackSnappy} from './snappy';

/*
 * LevelDB's table, as TensorFlow's tensorflow/core/lib/io writes it (LevelDB, doc/table_format.md):
 *
 *   data block* | metaindex block | index block | footer
 *   block:  entries, restarts (u32 each), their number (u32); then type (0 raw, 1 snappy) and masked CRC-32C (u32)
 *   entry:  varints shared, unshared, value length; unshared key bytes; value
 *   index:  the last key of each data block, or one between it and the next -> handle (varints offset, size)
 *   footer: handles of metaindex and index, padding to 40 bytes, the magic number
 */
export const FOOTER_SIZE = 48;
export const TRAILER_SIZE = 5;
/** Four times what TensorFlow makes of small values. */
const HELD_LIMIT = 1 << 20;
export const MAGIC = [0x57, 0xfb, 0x80, 0x8b, 0x24, 0x75, 0x47, 0xdb] as const;

/** A key, one character per byte, so that comparing strings compares bytes. */
export type Key = string;

export interface Entry {
  readonly key: Key;
  readonly value: Uint8Array;
}

export interface Table {
  /** Every entry, in the order of the keys; one block is held at a time. */
  entries(): Iterable<Entry>;
  /** The value of a key: only its block is read. */
  get(key: Key): Uint8Array | undefined;
}

interface Handle {
  readonly offset: number;
  readonly size: number;
}

interface IndexEntry {
  readonly last: Key;
  readonly handle: Handle;
}

/** Whether a file with these last bytes is a table: checkpoint V1, or the index of V2. */
export function isTable(tail: Uint8Array): boolean {
  const end = tail.length - MAGIC.length;
  return end >= 0 && MAGIC.every((byte, k) => tail[end + k] === byte);
}

/**
 * Opens a table: footer, metaindex and index are read and checked.
 * @throws CarryoverError E_FORMAT when it is no table, or damaged; so do reads
 */
export function openTable(source: RandomAccess, where: string): Table {
  if (source.size < FOOTER_SIZE) {
    throw badFormat(
      where,
      `${source.size} bytes; a TensorFlow checkpoint table has at least ${FOOTER_SIZE}; it is cut off or something else`,
    );
  }
  const footer = readExactly(source, source.size - FOOTER_SIZE, FOOTER_SIZE, where);
  if (!isTable(footer)) {
    throw badFormat(
      where,
      'does not end as a TensorFlow checkpoint table does; it is cut off or something else',
    );
  }
  const cursor = {bytes: footer, at: 0, where: `${where}: footer`};
  const metaindex = readHandle(cursor);
  const index = readHandle(cursor);
  // Nothing is kept in it, but damage to it is damage to the file.
  readBlock(source, metaindex, `${where}: metaindex block`);
  const blocks = readIndex(readBlock(source, index, `${where}: index block`), `${where}: index block`);

  // Neighbours in a file are mostly asked for one after another. A large block is one large value, and not kept.
  let held: {at: number; entries: Entry[]} | undefined;
  const block = (at: number): Entry[] => {
    if (held?.at === at) return held.entries;
    const {handle, last} = blocks[at]!;
    const place = `${where}: block ${at + 1} of ${blocks.length}`;
    const entries = readEntries(readBlock(source, handle, place), place);
    const end = entries.at(-1);
    if (end && end.key > last) throw badFormat(place, 'has a key beyond the one in the index');
    held = handle.size <= HELD_LIMIT ? {at, entries} : undefined;
    return entries;
  };
  return {
    *entries() {
      let before: Key | undefined;
      for (let at = 0; at < blocks.length; at++) {
        for (const entry of block(at)) {
          if (before !== undefined && entry.key <= before) throw badFormat(where, 'keys are out of order');
          before = entry.key;
          yield entry;
        }
      }
    },
    get(key) {
      const at = firstNotBefore(blocks, key);
      return at === blocks.length ? undefined : block(at).find(entry => entry.key === key)?.value;
    },
  };
}

function firstNotBefore(blocks: readonly IndexEntry[], key: Key): number {
  let low = 0;
  let high = blocks.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (blocks[middle]!.last < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

function readIndex(bytes: Uint8Array, where: string): IndexEntry[] {
  return readEntries(bytes, where).map(({key, value}) => ({
    last: key,
    handle: readHandle({bytes: value, at: 0, where}),
  }));
}

/** A block's contents, once its sum is found right. */
function readBlock(source: RandomAccess, {offset, size}: Handle, where: string): Uint8Array {
  const stored = readExactly(source, offset, size + TRAILER_SIZE, where);
  const expected = new DataView(stored.buffer, stored.byteOffset).getUint32(size + 1, true);
  const found = maskCrc(crc32c(stored.subarray(0, size + 1)));
  if (found !== expected) {
    throw badFormat(
      where,
      `damaged: CRC-32C ${showCrc(found)} of ${size} bytes at ${offset}, expected ${showCrc(expected)}`,
      {file: source.name, offset, expected: showCrc(expected), found: showCrc(found)},
    );
  }
  const type = stored[size];
  const contents = stored.subarray(0, size);
  if (type === 0) return contents;
  if (type === 1) return unpackSnappy(contents, where);
  throw badFormat(where, `compression ${type}; expected 0 (none) or 1 (snappy)`);
}

function readEntries(bytes: Uint8Array, where: string): Entry[] {
  if (bytes.length < 4) throw badFormat(where, `${bytes.length} bytes; a block has at least 4`);
  const restarts = new DataView(bytes.buffer, bytes.byteOffset).getUint32(bytes.length - 4, true);
  const end = bytes.length - 4 - 4 * restarts;
  if (end < 0) throw badFormat(where, `${restarts} restarts in ${bytes.length} bytes`);
  const cursor = {bytes: bytes.subarray(0, end), at: 0, where};
  const entries: Entry[] = [];
  let key: Key = '';
  while (cursor.at < end) {
    const shared = readVarint(cursor);
    const unshared = readVarint(cursor);
    const length = readVarint(cursor);
    const start = cursor.at;
    if (shared > key.length || start + unshared + length > end) {
      throw badFormat(
        where,
        `entry ${entries.length + 1} (${shared} shared, ${unshared} own key bytes, value of ${length}) does not fit`,
      );
    }
    const next = key.slice(0, shared) + toKey(bytes.subarray(start, start + unshared));
    if (entries.length > 0 && next <= key) throw badFormat(where, 'keys are out of order');
    key = next;
    cursor.at = start + unshared + length;
    entries.push({key, value: bytes.subarray(start + unshared, cursor.at)});
  }
  return entries;
}

interface Cursor {
  readonly bytes: Uint8Array;
  at: number;
  readonly where: string;
}

function readHandle(cursor: Cursor): Handle {
  return {offset: readVarint(cursor), size: readVarint(cursor)};
}

/** A varint below 2^53: nothing in a file is larger. */
function readVarint(cursor: Cursor): number {
  let value = 0;
  for (let shift = 0; shift < 53; shift += 7) {
    const byte = cursor.bytes[cursor.at++];
    if (byte === undefined) throw badFormat(cursor.where, 'cut off inside a number');
    value += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80 && Number.isSafeInteger(value)) return value;
    if (byte < 0x80) break;
  }
  throw badFormat(cursor.where, `a number too large at byte ${cursor.at - 1}`);
}

export function toKey(bytes: Uint8Array): Key {
  let key = '';
  for (const byte of bytes) key += String.fromCharCode(byte);
  return key;
}

export function fromKey(key: Key): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(key, character => character.charCodeAt(0));
}
