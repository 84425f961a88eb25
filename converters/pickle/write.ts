import {CarryoverError} from '../../src/errors';
import type {NdArray} from '../arrays';
import {joinBytes} from '../bytes';
import {LIMITS} from '../limits';
import {encodeElements} from '../npy/write';
import {latin1} from './text';
import {isTuple} from './value';

/**
 * What `writePickle` writes: None (null), bool, int (whole numbers and bigint), float (other numbers), str, bytes
 * (Uint8Array), tuple (a frozen array), list, dict (Map), NumPy arrays.
 */
export type Picklable =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | NdArray
  | readonly Picklable[]
  | ReadonlyMap<Picklable, Picklable>;

/** How a pickle is written. */
export interface PickleWriteOptions {
  /** 2 (default) is read by Python 2 and 3; 4, by Python 3.4 and later, is smaller. */
  readonly protocol?: 2 | 4;
}

const {pickleDepth} = LIMITS;

/**
 * Writes a pickle of data, which Python's `pickle.load` reads; NumPy arrays as NumPy writes them, in C order and
 * little-endian. Strings are Unicode. Whole numbers become int: -0 is a float, and an array keeps its dtype.
 *
 * @throws CarryoverError E_USAGE for data that contain themselves or lone surrogates, E_SHAPE for an array that
 *   contradicts itself
 */
export function writePickle(
  value: Picklable,
  {protocol = 2}: PickleWriteOptions = {},
): Uint8Array<ArrayBuffer> {
  const writer = new Writer(protocol);
  writer.bytes([0x80, protocol]); // PROTO
  writer.value(value, 0);
  writer.op('.'); // STOP
  return writer.whole();
}

/** Instructions: Python's Lib/pickletools.py. */
class Writer {
  private readonly protocol: 2 | 4;
  private readonly parts: Uint8Array[] = [];

  constructor(protocol: 2 | 4) {
    this.protocol = protocol;
  }

  whole(): Uint8Array<ArrayBuffer> {
    return joinBytes(this.parts);
  }

  bytes(part: Uint8Array | readonly number[]): void {
    this.parts.push(part instanceof Uint8Array ? part : Uint8Array.from(part));
  }

  op(code: string): void {
    this.bytes([code.charCodeAt(0)]);
  }

  value(value: Picklable, depth: number): void {
    if (depth > pickleDepth)
      throw usage(`data nested more than ${pickleDepth} deep, or containing themselves`);
    if (value === null) this.op('N');
    else if (typeof value === 'boolean') this.bytes([value ? 0x88 : 0x89]);
    else if (typeof value === 'bigint') this.integer(value);
    else if (typeof value === 'number') this.number(value);
    else if (typeof value === 'string') this.text(value);
    else if (value instanceof Uint8Array) this.binary(value);
    else if (value instanceof Map) this.dictionary(value, depth);
    else if (Array.isArray(value)) this.sequence(value, depth);
    else this.array(value as NdArray, depth);
  }

  private number(value: number): void {
    if (Number.isSafeInteger(value) && !Object.is(value, -0)) {
      this.integer(BigInt(value));
      return;
    }
    this.numeric('G', 8, view => view.setFloat64(0, value)); // BINFLOAT
  }

  private integer(value: bigint): void {
    if (value >= 0n && value <= 0xffn)
      this.bytes([0x4b, Number(value)]); // BININT1
    else if (BigInt.asIntN(32, value) === value)
      this.numeric('J', 4, view => view.setInt32(0, Number(value), true));
    else this.long(value);
  }

  /** LONG1: two's complement. */
  private long(value: bigint): void {
    const bytes: number[] = [];
    let rest = value;
    do {
      bytes.push(Number(rest & 0xffn));
      rest >>= 8n;
    } while (rest !== (bytes.at(-1)! & 0x80 ? -1n : 0n));
    if (bytes.length > 0xff) throw usage(`an integer of ${bytes.length} bytes; at most 255 are written`);
    this.bytes([0x8a, bytes.length, ...bytes]);
  }

  private text(text: string): void {
    if (/\p{Surrogate}/u.test(text)) throw usage('a string with a lone surrogate, which UTF-8 cannot say');
    this.counted('X', new TextEncoder().encode(text)); // BINUNICODE
  }

  private binary(bytes: Uint8Array): void {
    if (this.protocol === 4) {
      this.counted('B', bytes); // BINBYTES
      return;
    }
    // Python 2 has no bytes: the form of Python 3's pickles of protocol 2.
    this.call('_codecs', 'encode', () => {
      this.text(latin1(bytes));
      this.text('latin1');
    });
  }

  private dictionary(map: ReadonlyMap<Picklable, Picklable>, depth: number): void {
    this.bytes([0x7d, 0x28]); // EMPTY_DICT MARK
    for (const [key, item] of map) {
      this.value(key, depth + 1);
      this.value(item, depth + 1);
    }
    this.op('u'); // SETITEMS
  }

  private sequence(items: readonly Picklable[], depth: number): void {
    const closing = isTuple(items as never) ? 't' : 'e'; // TUPLE or APPENDS
    if (closing === 'e') this.op(']'); // EMPTY_LIST
    this.op('('); // MARK
    for (const item of items) this.value(item, depth + 1);
    this.op(closing);
  }

  /** As `numpy.ndarray.__reduce__` has it. */
  private array(array: NdArray, depth: number): void {
    const {descr, bytes} = encodeElements(array);
    const [, order, code] = /^(.)(.*)$/.exec(descr)!;
    this.call('numpy.core.multiarray', '_reconstruct', () => {
      this.global('numpy', 'ndarray');
      this.value(Object.freeze([0]), depth);
      this.binary(Uint8Array.of(0x62));
    });
    this.op('('); // MARK
    this.value(1, depth);
    this.value(Object.freeze([...array.shape]), depth);
    this.call('numpy', 'dtype', () => {
      this.text(code!);
      this.value(false, depth);
      this.value(true, depth);
    });
    const unicode = code!.startsWith('U');
    const size = unicode ? 4 * Number(code!.slice(1)) : -1;
    this.value(Object.freeze([3, order!, null, null, null, size, unicode ? 4 : -1, unicode ? 8 : 0]), depth);
    this.op('b'); // BUILD
    this.value(false, depth);
    this.binary(bytes);
    this.bytes([0x74, 0x62]); // TUPLE BUILD
  }

  private call(module: string, name: string, args: () => void): void {
    this.global(module, name);
    this.op('('); // MARK
    args();
    this.bytes([0x74, 0x52]); // TUPLE REDUCE
  }

  private global(module: string, name: string): void {
    this.bytes(new TextEncoder().encode(`c${module}\n${name}\n`)); // GLOBAL
  }

  private numeric(code: string, size: number, set: (view: DataView) => void): void {
    const bytes = new Uint8Array(size);
    set(new DataView(bytes.buffer));
    this.op(code);
    this.bytes(bytes);
  }

  /** A length of 4 bytes, then the bytes. */
  private counted(code: string, bytes: Uint8Array): void {
    if (bytes.length > 0xffffffff)
      throw usage(`${bytes.length} bytes in one piece; at most 4 GiB are written`);
    this.numeric(code, 4, view => view.setUint32(0, bytes.length, true));
    this.bytes(bytes);
  }
}

function usage(what: string): CarryoverError {
  return new CarryoverError('E_USAGE', `pickle: ${what}`);
}
