import {badFormat, listFew} from '../format-error';

/** Layout: PKWARE APPNOTE.TXT 6.3.10, sections 4.3.7 to 4.3.16 and 4.5.3 (zip64). */
const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const ZIP64_END = 0x06064b50;
const ZIP64_LOCATOR = 0x07064b50;

const LOCAL_SIZE = 30;
const CENTRAL_SIZE = 46;
const END_SIZE = 22;
const LOCATOR_SIZE = 20;
const ZIP64_END_SIZE = 56;
const MAX_COMMENT = 0xffff;
const ZIP64_EXTRA = 1;

/** One entry of the central directory, its offsets checked against the file. */
export interface ZipEntry {
  readonly name: string;
  /** 0 stored, 8 deflated. */
  readonly method: number;
  readonly encrypted: boolean;
  readonly crc32: number;
  /** Bytes once unpacked. */
  readonly size: number;
  /** Where the packed bytes lie. */
  readonly start: number;
  readonly end: number;
}

/**
 * The entries of a zip file by its central directory, which alone knows sizes that were streamed or forced to zip64.
 * @throws CarryoverError E_FORMAT when there is none, or it points outside the file
 */
export function readDirectory(bytes: Uint8Array, where: string): ZipEntry[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const {offset, size, count} = locate(view, where);
  const entries: ZipEntry[] = [];
  const names = new Set<string>();
  let at = offset;
  for (let i = 0; i < count; i++) {
    if (at + CENTRAL_SIZE > offset + size || view.getUint32(at, true) !== CENTRAL) {
      throw badFormat(where, `damaged zip directory: no entry ${i + 1} of ${count} at byte ${at}`, {
        offset: at,
      });
    }
    const nameLength = view.getUint16(at + 28, true);
    const extraLength = view.getUint16(at + 30, true);
    const next = at + CENTRAL_SIZE + nameLength + extraLength + view.getUint16(at + 32, true);
    if (next > offset + size)
      throw badFormat(where, `damaged zip directory: entry ${i + 1} runs past its end`, {offset: at});
    const entry = readEntry(view, at, nameLength, extraLength, where);
    if (names.has(entry.name)) throw badFormat(where, `two members called ${listFew([entry.name])}`);
    names.add(entry.name);
    entries.push(entry);
    at = next;
  }
  return entries;
}

function locate(view: DataView, where: string): {offset: number; size: number; count: number} {
  const last = view.byteLength - END_SIZE;
  for (let at = last; at >= Math.max(0, last - MAX_COMMENT); at--) {
    if (view.getUint32(at, true) !== END) continue;
    if (at + END_SIZE + view.getUint16(at + 20, true) !== view.byteLength) continue;
    let count = view.getUint16(at + 10, true);
    let size = view.getUint32(at + 12, true);
    let offset = view.getUint32(at + 16, true);
    if (count === 0xffff || size === 0xffffffff || offset === 0xffffffff) {
      const end = zip64End(view, at, where);
      count = uint64(view, end + 32);
      size = uint64(view, end + 40);
      offset = uint64(view, end + 48);
    }
    if (offset + size > at) {
      throw badFormat(
        where,
        `damaged zip: a directory of ${size} bytes at ${offset} in ${view.byteLength} bytes`,
      );
    }
    if (count * CENTRAL_SIZE > size) throw badFormat(where, `damaged zip: ${count} entries in ${size} bytes`);
    return {offset, size, count};
  }
  throw badFormat(where, `not a zip file, or cut off: no end record in ${view.byteLength} bytes`);
}

function zip64End(view: DataView, end: number, where: string): number {
  const locator = end - LOCATOR_SIZE;
  if (locator >= 0 && view.getUint32(locator, true) === ZIP64_LOCATOR) {
    const at = uint64(view, locator + 8);
    if (at + ZIP64_END_SIZE <= locator && view.getUint32(at, true) === ZIP64_END) return at;
  }
  throw badFormat(where, 'damaged zip: its zip64 end record is missing');
}

function readEntry(
  view: DataView,
  at: number,
  nameLength: number,
  extraLength: number,
  where: string,
): ZipEntry {
  const flags = view.getUint16(at + 8, true);
  const nameStart = at + CENTRAL_SIZE;
  // Bit 11 promises UTF-8; without it names are code page 437, which agrees for ASCII.
  const name = new TextDecoder().decode(new Uint8Array(view.buffer, view.byteOffset + nameStart, nameLength));
  const sizes = {
    size: view.getUint32(at + 24, true),
    packed: view.getUint32(at + 20, true),
    local: view.getUint32(at + 42, true),
  };
  fillFromZip64(view, nameStart + nameLength, extraLength, sizes);
  const {size, packed, local} = sizes;
  const damaged = badFormat(
    `${where}: ${name}`,
    `damaged zip: its data lie outside the ${view.byteLength} bytes`,
    {offset: at},
  );
  if (local + LOCAL_SIZE > view.byteLength || view.getUint32(local, true) !== LOCAL) throw damaged;
  const start = local + LOCAL_SIZE + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
  if (start + packed > view.byteLength) throw damaged;
  return {
    name,
    method: view.getUint16(at + 10, true),
    encrypted: (flags & 1) !== 0,
    crc32: view.getUint32(at + 16, true),
    size,
    start,
    end: start + packed,
  };
}

/** The extra field holds only those of the three that are 0xFFFFFFFF in the entry, in this order. */
function fillFromZip64(
  view: DataView,
  start: number,
  length: number,
  sizes: {size: number; packed: number; local: number},
): void {
  for (let at = start; at + 4 <= start + length; ) {
    const end = at + 4 + view.getUint16(at + 2, true);
    if (view.getUint16(at, true) === ZIP64_EXTRA) {
      let from = at + 4;
      for (const key of ['size', 'packed', 'local'] as const) {
        if (sizes[key] !== 0xffffffff || from + 8 > Math.min(end, start + length)) continue;
        sizes[key] = uint64(view, from);
        from += 8;
      }
      return;
    }
    at = end;
  }
}

/** Values beyond 2^53 lose digits here, and fail every check against the file's size. */
function uint64(view: DataView, at: number): number {
  return Number(view.getBigUint64(at, true));
}
