import {Inflate, inflateSync} from 'fflate';
import {joinBytes} from '../bytes';
import {badFormat, unsupported} from '../format-error';
import {DEFLATE_RATIO} from '../limits';
import {crc32} from './crc32';
import {readDirectory, type ZipEntry} from './directory';

const STORED = 0;
const DEFLATED = 8;

/** How much is inflated at a time when only the beginning is asked for. */
const STEP = 4096;

/** A member of a zip file, unpacked when asked for. */
export interface ZipMember {
  readonly name: string;
  /** Bytes once unpacked. */
  readonly size: number;
  /** Unpacks the member and checks its size and CRC-32. */
  read(): Uint8Array;
  /** At least the first `length` bytes, or all where there are fewer; the CRC-32 is not checked. */
  head(length: number): Uint8Array;
}

/**
 * Opens a zip file: stored and deflated members, zip64.
 * @throws CarryoverError E_FORMAT when it is no zip file, or damaged
 */
export function openZip(bytes: Uint8Array, where = 'zip'): ZipMember[] {
  return readDirectory(bytes, where).map(entry => ({
    name: entry.name,
    size: entry.size,
    read: () => unpack(bytes, entry, `${where}: ${entry.name}`),
    head: length => unpackHead(bytes, entry, length, `${where}: ${entry.name}`),
  }));
}

/** The packed bytes, once it is clear that they can be unpacked into what the directory says. */
function packedBytes(bytes: Uint8Array, entry: ZipEntry, where: string): Uint8Array {
  const {method, encrypted, size, start, end} = entry;
  if (encrypted) throw unsupported(where, 'an encrypted member; unpack it with its password first');
  if (method !== STORED && method !== DEFLATED) {
    throw unsupported(where, `compression method ${method}; expected 0 (stored) or 8 (deflated)`);
  }
  const packed = end - start;
  if (method === STORED ? size !== packed : size > packed * DEFLATE_RATIO) {
    // Refused before memory is taken.
    throw badFormat(where, `damaged zip: ${packed} packed bytes cannot hold ${size}`, {offset: start});
  }
  return bytes.subarray(start, end);
}

function unpack(bytes: Uint8Array, entry: ZipEntry, where: string): Uint8Array {
  const packed = packedBytes(bytes, entry, where);
  let data = packed;
  if (entry.method === DEFLATED) {
    try {
      data = inflateSync(packed, {out: new Uint8Array(entry.size)});
    } catch (error) {
      throw badFormat(where, `damaged deflate stream (${(error as Error).message})`, {
        cause: error,
        offset: entry.start,
      });
    }
  }
  if (data.length !== entry.size)
    throw badFormat(where, `unpacks to ${data.length} bytes, expected ${entry.size}`, {
      offset: entry.start,
      expected: entry.size,
      found: data.length,
    });
  const found = crc32(data);
  if (found !== entry.crc32) {
    throw badFormat(where, `damaged: CRC-32 ${hex(found)}, expected ${hex(entry.crc32)}`, {
      offset: entry.start,
      expected: hex(entry.crc32),
      found: hex(found),
    });
  }
  return data;
}

function unpackHead(bytes: Uint8Array, entry: ZipEntry, length: number, where: string): Uint8Array {
  const packed = packedBytes(bytes, entry, where);
  if (entry.method === STORED) return packed.subarray(0, length);
  const parts: Uint8Array[] = [];
  let got = 0;
  try {
    const inflate = new Inflate(part => {
      parts.push(part);
      got += part.length;
    });
    for (let at = 0; at < packed.length && got < length; at += STEP) {
      inflate.push(packed.subarray(at, at + STEP), at + STEP >= packed.length);
    }
  } catch (error) {
    throw badFormat(where, `damaged deflate stream (${(error as Error).message})`, {
      cause: error,
      offset: entry.start,
    });
  }
  return joinBytes(parts);
}

function hex(value: number): string {
  return value.toString(16).padStart(8, '0');
}
