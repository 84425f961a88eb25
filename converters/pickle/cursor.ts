import type {CarryoverError} from '../../src/errors';
import {badFormat, unsupported} from '../format-error';
import {beyond, type Limits} from '../limits';

/** Reads a pickle's bytes in order; whatever a length says, nothing beyond the end is touched. */
export class Cursor {
  readonly bytes: Uint8Array;
  readonly where: string;
  readonly limits: Limits;
  /** Where the present instruction begins, for messages. */
  start = 0;
  private at = 0;
  private readonly view: DataView;

  constructor(bytes: Uint8Array, where: string, limits: Limits) {
    this.bytes = bytes;
    this.where = where;
    this.limits = limits;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** The error of the present instruction. */
  fail(what: string): CarryoverError {
    return badFormat(`${this.where}: at byte ${this.start}`, what, {offset: this.start});
  }

  /** The same, of an instruction that is right and not read. */
  refuse(what: string): CarryoverError {
    return unsupported(`${this.where}: at byte ${this.start}`, what, {offset: this.start});
  }

  /** The same, of an instruction that asks for more than a limit allows. */
  beyond(limit: keyof Limits, what: string): CarryoverError {
    return beyond(`${this.where}: at byte ${this.start}`, limit, what, this.limits).with({
      offset: this.start,
    });
  }

  get left(): number {
    return this.bytes.length - this.at;
  }

  /** The next instruction's code. */
  next(): number {
    this.start = this.at;
    if (this.left === 0) throw this.fail('cut off: the pickle ends without its STOP');
    return this.bytes[this.at++]!;
  }

  /** A view of the next bytes. */
  take(size: number): Uint8Array {
    const from = this.skip(size);
    return this.bytes.subarray(from, from + size);
  }

  uint8(): number {
    return this.view.getUint8(this.skip(1));
  }

  uint16(): number {
    return this.view.getUint16(this.skip(2), true);
  }

  int32(): number {
    return this.view.getInt32(this.skip(4), true);
  }

  uint32(): number {
    return this.view.getUint32(this.skip(4), true);
  }

  /** A length of 8 bytes. What is no safe integer is longer than any file. */
  uint64(): number {
    return Number(this.view.getBigUint64(this.skip(8), true));
  }

  float64(): number {
    return this.view.getFloat64(this.skip(8), false);
  }

  /** The bytes up to the end of the line, without it. */
  line(): Uint8Array {
    const end = this.bytes.indexOf(0x0a, this.at);
    if (end < 0) throw this.fail(`cut off: a line without an end in the last ${this.left} bytes`);
    const line = this.bytes.subarray(this.at, end);
    this.at = end + 1;
    return line;
  }

  private skip(size: number): number {
    if (size > this.left) throw this.fail(`cut off: ${this.left} bytes are left, expected ${size}`);
    const from = this.at;
    this.at += size;
    return from;
  }
}
