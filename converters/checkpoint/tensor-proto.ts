import {BinaryReader, type BinaryWriter, WireType} from '@bufbuild/protobuf/wire';
import type {DType} from '../arrays';
import {badFormat} from '../format-error';
import {ITEM_SIZE} from '../numbers';
import {readMessage} from './wire';

/*
 * Values in a TensorProto (core/framework/tensor.proto): a repeated field per kind of number. Narrow integers are
 * varints of int32, halves are their bits as such.
 */

type Encoding = 'raw' | 'int32' | 'int64' | 'uint32' | 'uint64' | 'string';

const STORED: Readonly<Record<DType, readonly [field: number, encoding: Encoding]>> = {
  float32: [5, 'raw'],
  float64: [6, 'raw'],
  int32: [7, 'int32'],
  int16: [7, 'int32'],
  int8: [7, 'int32'],
  uint8: [7, 'int32'],
  uint16: [7, 'int32'],
  string: [8, 'string'],
  int64: [10, 'int64'],
  bool: [11, 'int32'],
  float16: [13, 'int32'],
  bfloat16: [13, 'int32'],
  uint32: [16, 'uint32'],
  uint64: [17, 'uint64'],
};

/** `tensor_content`: all values as they lie in memory. */
const CONTENT = 4;

/**
 * The values of a tensor of numbers as little-endian bytes.
 * @throws CarryoverError E_FORMAT when there are not `count` of them
 */
export function readNumbers(
  message: Uint8Array,
  dtype: Exclude<DType, 'string'>,
  count: number,
  where: string,
): Uint8Array<ArrayBuffer> {
  const [field, encoding] = STORED[dtype];
  const item = ITEM_SIZE[dtype];
  const parts = fieldParts(message, field, where);
  const content = parts.content ?? (encoding === 'raw' ? joined(parts.values) : undefined);
  if (content) {
    if (content.length !== count * item) {
      throw badFormat(
        where,
        `${content.length} bytes of values, expected ${count * item} for ${count} of ${dtype}`,
      );
    }
    return new Uint8Array(content);
  }
  // A varint takes a byte at least.
  const most = parts.values.reduce((sum, {length}) => sum + length, 0);
  if (count > most) throw badFormat(where, `${most} bytes of values, too few for ${count} of ${dtype}`);
  const out = new DataView(new ArrayBuffer(count * item));
  let at = 0;
  for (const part of parts.values) {
    const reader = new BinaryReader(part);
    while (reader.pos < reader.len) {
      if (at === count) throw badFormat(where, `more than ${count} values`);
      put(out, at++ * item, item, reader, encoding, where);
    }
  }
  if (at !== count) throw badFormat(where, `${at} values, expected ${count}`);
  return new Uint8Array(out.buffer);
}

function put(
  out: DataView,
  at: number,
  item: number,
  reader: BinaryReader,
  encoding: Encoding,
  where: string,
): void {
  try {
    if (encoding === 'int64') out.setBigInt64(at, BigInt(reader.int64()), true);
    else if (encoding === 'uint64') out.setBigUint64(at, BigInt(reader.uint64()), true);
    else {
      const value = encoding === 'uint32' ? reader.uint32() : reader.int32();
      if (item === 1) out.setInt8(at, value);
      else if (item === 2) out.setInt16(at, value, true);
      else out.setInt32(at, value, true);
    }
  } catch (error) {
    throw badFormat(where, `damaged values (${(error as Error).message})`, error);
  }
}

/** The values of a tensor of strings. */
export function readTexts(message: Uint8Array, count: number, where: string): string[] {
  const {values} = fieldParts(message, STORED.string[0], where);
  if (values.length !== count) throw badFormat(where, `${values.length} strings, expected ${count}`);
  const utf8 = new TextDecoder();
  return values.map(bytes => utf8.decode(bytes));
}

/** How many values of a tensor are there, which in a graph may be fewer than its shape takes. */
export function storedCount(message: Uint8Array, dtype: DType, where: string): number {
  const [field, encoding] = STORED[dtype];
  const {content, values} = fieldParts(message, field, where);
  if (dtype === 'string') return values.length;
  const item = ITEM_SIZE[dtype];
  const fixed = content ?? (encoding === 'raw' ? joined(values) : undefined);
  if (fixed) return Math.ceil(fixed.length / item);
  // The last byte of a varint has its highest bit clear.
  return values.reduce((sum, part) => sum + part.reduce((ends, byte) => ends + (byte < 0x80 ? 1 : 0), 0), 0);
}

interface FieldParts {
  /** Packed runs; values that stand alone are runs of one. */
  readonly values: readonly Uint8Array[];
  readonly content?: Uint8Array;
}

function fieldParts(message: Uint8Array, field: number, where: string): FieldParts {
  const values: Uint8Array[] = [];
  let content: Uint8Array | undefined;
  readMessage(message, where, {
    [CONTENT]: [
      WireType.LengthDelimited,
      reader => {
        content = reader.bytes();
      },
    ],
    [field]: [WireType.LengthDelimited, reader => values.push(reader.bytes())],
  });
  return {values, content: content?.length ? content : undefined};
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0]!;
  const out = new Uint8Array(parts.reduce((sum, {length}) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** Writes numbers from little-endian bytes into the field of their kind. */
export function putNumbers(writer: BinaryWriter, dtype: Exclude<DType, 'string'>, bytes: Uint8Array): void {
  if (bytes.length === 0) return;
  const [field, encoding] = STORED[dtype];
  if (encoding === 'raw') {
    writer.tag(field, WireType.LengthDelimited).bytes(bytes);
    return;
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const item = ITEM_SIZE[dtype];
  const unsigned = dtype.startsWith('u') || dtype === 'bool' || dtype.endsWith('16');
  writer.tag(field, WireType.LengthDelimited).fork();
  for (let at = 0; at < bytes.length; at += item) {
    if (item === 8) writer.int64(view.getBigInt64(at, true));
    else if (item === 4) writer.int32(view.getInt32(at, true));
    else if (item === 2)
      writer.int32(unsigned && dtype !== 'int16' ? view.getUint16(at, true) : view.getInt16(at, true));
    else writer.int32(unsigned ? view.getUint8(at) : view.getInt8(at));
  }
  writer.join();
}

export function putTexts(writer: BinaryWriter, texts: readonly Uint8Array[]): void {
  for (const text of texts) writer.tag(STORED.string[0], WireType.LengthDelimited).bytes(text);
}
