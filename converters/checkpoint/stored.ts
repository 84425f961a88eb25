import type {DType} from '../arrays';
import {checkWithin, type RandomAccess, readExactly} from '../files';
import {badFormat} from '../format-error';
import {ITEM_SIZE, swapBytes} from '../numbers';
import {elementCount, showShape} from '../shape';
import {crc32c, maskCrc, showCrc} from './crc32c';
import {forEachRun, type Region} from './regions';
import {readStrings} from './strings';
import type {Piece} from './tensor';

/** How much is read at a time where only a part is wanted. */
const WINDOW = 1 << 20;

/** One run of bytes in a data file of a bundle. */
export interface StoredRun {
  readonly region: Region;
  readonly dtype: DType;
  readonly source: RandomAccess;
  readonly offset: number;
  readonly size: number;
  /** Masked. */
  readonly crc: number;
  readonly bigEndian: boolean;
  /** File and variable, for messages. */
  readonly where: string;
  /** Offsets in `source` of what was found undamaged before: a second slice need not read the whole again. */
  readonly verified: Set<number>;
}

/** A piece of a variable in a data file. */
export function storedPiece(run: StoredRun): Piece {
  const {region, dtype, source, offset, size, where} = run;
  const count = elementCount(region.size);
  return {
    region,
    check() {
      const expected = dtype === 'string' ? size : count * ITEM_SIZE[dtype];
      if (Number.isNaN(count) || size !== expected) {
        throw badFormat(
          where,
          `${size} bytes in the index; ${dtype} ${showShape(region.size)} takes ${expected}`,
        );
      }
      checkWithin(source, offset, size, where);
    },
    read() {
      const bytes = readExactly(source, offset, size, where);
      checkSum(run, crc32c(bytes));
      return inOrder(bytes, run);
    },
    copyTo(out, wanted) {
      verify(run);
      const item = dtype === 'string' ? 1 : ITEM_SIZE[dtype];
      const read = windowed(run);
      forEachRun(region, wanted, (from, to, length) =>
        read(from * item, out.subarray(to * item, (to + length) * item)),
      );
      if (run.bigEndian) swapRegion(out, run, wanted, item);
    },
    strings() {
      const utf8 = new TextDecoder();
      return rawStrings(run, count).map(bytes => utf8.decode(bytes));
    },
  };
}

/** The strings' own bytes, which need not be UTF-8. */
export function rawStrings(run: StoredRun, count: number): Uint8Array[] {
  const {source, offset, size, crc, bigEndian, where} = run;
  return readStrings(readExactly(source, offset, size, where), count, crc, bigEndian, where);
}

function inOrder(bytes: Uint8Array<ArrayBuffer>, {dtype, bigEndian}: StoredRun): Uint8Array<ArrayBuffer> {
  if (bigEndian && dtype !== 'string' && ITEM_SIZE[dtype] > 1) swapBytes(bytes, ITEM_SIZE[dtype]);
  return bytes;
}

/** Only what came from this piece is in its byte order. */
function swapRegion(out: Uint8Array, {region}: StoredRun, wanted: Region, item: number): void {
  forEachRun(region, wanted, (_, to, length) =>
    swapBytes(out.subarray(to * item, (to + length) * item), item),
  );
}

/** The sum covers the whole, so the whole is read once, a window at a time, before a part of it is believed. */
function verify(run: StoredRun): void {
  const {source, offset, size, where, verified} = run;
  if (verified.has(offset)) return;
  let sum = 0;
  for (let at = 0; at < size; at += WINDOW) {
    sum = crc32c(readExactly(source, offset + at, Math.min(WINDOW, size - at), where), sum);
  }
  checkSum(run, sum);
  verified.add(offset);
}

function checkSum({source, offset, size, crc, where}: StoredRun, sum: number): void {
  if (maskCrc(sum) === crc) return;
  throw badFormat(
    where,
    `damaged: CRC-32C ${showCrc(maskCrc(sum))} of ${size} bytes at ${offset}, expected ${showCrc(crc)}`,
    {file: source.name, offset, expected: showCrc(crc), found: showCrc(maskCrc(sum))},
  );
}

/** Reads ascending runs; short ones out of a window that is read at once. */
function windowed({source, offset, size, where}: StoredRun): (from: number, out: Uint8Array) => void {
  let start = 0;
  let window = new Uint8Array(0);
  return (from, out) => {
    if (out.length >= WINDOW) {
      out.set(readExactly(source, offset + from, out.length, where));
      return;
    }
    if (from < start || from + out.length > start + window.length) {
      start = from;
      window = readExactly(source, offset + from, Math.min(WINDOW, size - from), where);
    }
    out.set(window.subarray(from - start, from - start + out.length));
  };
}
