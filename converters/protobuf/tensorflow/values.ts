import {BinaryReader, BinaryWriter} from '@bufbuild/protobuf/wire';
import type {DType} from '../../arrays';
import {badFormat} from '../../format-error';
import {ITEM_SIZE, VIEWS} from '../../numbers';
import type {Partially} from '../declare';
import {dtypeCode} from './dtypes';
import {type PartialShape, shapeProto} from './shape';
import type {TensorProto} from './tensor';

/*
 * Values in a TensorProto: a field per kind of number. Narrow integers are varints of int32, halves are their bits as
 * such.
 */

type NumberDType = Exclude<DType, 'string'>;
type Encoding = 'raw' | 'int32' | 'int64' | 'uint32' | 'uint64';
type ValueField = Extract<keyof TensorProto, `${string}Val`>;

const STORED: Readonly<Record<NumberDType, readonly [Exclude<ValueField, 'stringVal'>, Encoding]>> = {
  float32: ['floatVal', 'raw'],
  float64: ['doubleVal', 'raw'],
  int32: ['intVal', 'int32'],
  int16: ['intVal', 'int32'],
  int8: ['intVal', 'int32'],
  uint8: ['intVal', 'int32'],
  uint16: ['intVal', 'int32'],
  int64: ['int64Val', 'int64'],
  bool: ['boolVal', 'int32'],
  float16: ['halfVal', 'int32'],
  bfloat16: ['halfVal', 'int32'],
  uint32: ['uint32Val', 'uint32'],
  uint64: ['uint64Val', 'uint64'],
};

/** The bytes of a tensor whose values lie as in memory; undefined where they are varints. */
function rawValues(tensor: TensorProto, dtype: NumberDType): Uint8Array | undefined {
  const [field, encoding] = STORED[dtype];
  if (tensor.tensorContent.length > 0) return tensor.tensorContent;
  return encoding === 'raw' ? tensor[field] : undefined;
}

/**
 * The values of a tensor of numbers as little-endian bytes.
 * @throws CarryoverError E_FORMAT when there are not `count` of them
 */
export function readNumbers(
  tensor: TensorProto,
  dtype: NumberDType,
  count: number,
  where: string,
): Uint8Array<ArrayBuffer> {
  const [field, encoding] = STORED[dtype];
  const item = ITEM_SIZE[dtype];
  const raw = rawValues(tensor, dtype);
  if (raw) {
    if (raw.length !== count * item) {
      throw badFormat(
        where,
        `${raw.length} bytes of values, expected ${count * item} for ${count} of ${dtype}`,
      );
    }
    return new Uint8Array(raw);
  }
  const varints = tensor[field];
  // A varint takes a byte at least.
  if (count > varints.length) {
    throw badFormat(where, `${varints.length} bytes of values, too few for ${count} of ${dtype}`);
  }
  const out = new DataView(new ArrayBuffer(count * item));
  const reader = new BinaryReader(varints);
  let at = 0;
  for (; reader.pos < reader.len; at++) {
    if (at === count) throw badFormat(where, `more than ${count} values`);
    copyVarint(out, at * item, item, reader, encoding, where);
  }
  if (at !== count) throw badFormat(where, `${at} values, expected ${count}`);
  return new Uint8Array(out.buffer);
}

function copyVarint(
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
    throw badFormat(where, `damaged values (${(error as Error).message})`, {cause: error});
  }
}

/** The values of a tensor of strings. */
export function readTexts({stringVal}: TensorProto, count: number, where: string): string[] {
  if (stringVal.length !== count) throw badFormat(where, `${stringVal.length} strings, expected ${count}`);
  const utf8 = new TextDecoder();
  return stringVal.map(bytes => utf8.decode(bytes));
}

/** How many values of a tensor are there, which in a graph may be fewer than its shape takes. */
export function storedCount(tensor: TensorProto, dtype: DType): number {
  if (dtype === 'string') return tensor.stringVal.length;
  const raw = rawValues(tensor, dtype);
  if (raw) return Math.ceil(raw.length / ITEM_SIZE[dtype]);
  // The last byte of a varint has its highest bit clear.
  return tensor[STORED[dtype][0]].reduce((ends, byte) => ends + (byte < 0x80 ? 1 : 0), 0);
}

/** The field in which numbers are written, from little-endian bytes. */
export function numbersProto(dtype: NumberDType, bytes: Uint8Array): Partially<TensorProto> {
  const [field, encoding] = STORED[dtype];
  return {[field]: encoding === 'raw' ? bytes : toVarints(dtype, bytes, encoding)};
}

/** A tensor, its numbers given as little-endian bytes, its strings as bytes each. */
export function tensorProto(
  dtype: DType,
  shape: PartialShape,
  values: Uint8Array | readonly Uint8Array[],
): Partially<TensorProto> {
  const head = {dtype: dtypeCode(dtype), tensorShape: shapeProto(shape)};
  if (!(values instanceof Uint8Array)) return {...head, stringVal: values};
  return {...head, ...numbersProto(dtype as NumberDType, values)};
}

function toVarints(dtype: NumberDType, bytes: Uint8Array, encoding: Encoding): Uint8Array {
  // Copied, since the bytes may begin anywhere.
  const values = new VIEWS[dtype](new Uint8Array(bytes).buffer);
  const writer = new BinaryWriter();
  for (const value of values) {
    if (typeof value === 'bigint') encoding === 'uint64' ? writer.uint64(value) : writer.int64(value);
    else encoding === 'uint32' ? writer.uint32(value) : writer.int32(value);
  }
  return writer.finish();
}
