import {BinaryReader, WireType} from '@bufbuild/protobuf/wire';
import {CarryoverError} from '../../src/errors';
import {badFormat} from '../format-error';
import type {Declaration, MessageOf} from './declare';
import {type FieldPlan, type MessagePlan, NO_LIST, NO_MAP, planOf} from './plan';

/** Messages within messages: protobuf's own limit, far more than any format needs. */
const DEEPEST = 100;

/** Where reading is, for messages. */
interface Cursor {
  readonly reader: BinaryReader;
  readonly bytes: Uint8Array;
  /** The offset of `bytes` in the file. */
  readonly base: number;
  message: MessagePlan;
  field: number;
  at: number;
  depth: number;
}

type Message = Record<string, unknown>;

/**
 * Reads a message. Fields that its declaration does not name are kept in `unknown`; of a single field that is there
 * twice the last counts, and messages are merged, as protocol buffers want it. `bytes` are views of what is read.
 *
 * @param where the file, for messages
 * @param file the file that `bytes` are a view of, so that offsets in messages count from its beginning
 * @throws CarryoverError E_FORMAT when it is malformed: file, offset, message and field
 */
export function readMessage<D extends Declaration>(
  declaration: D,
  bytes: Uint8Array,
  where: string,
  file: Uint8Array = bytes,
): MessageOf<D> {
  const message = planOf(declaration);
  const base = bytes.byteOffset - file.byteOffset;
  const cursor: Cursor = {reader: new BinaryReader(bytes), bytes, base, message, field: 0, at: 0, depth: 0};
  try {
    return readFields(cursor, message, bytes.length, {...message.empty}) as MessageOf<D>;
  } catch (error) {
    if (error instanceof CarryoverError) throw error;
    const field = cursor.message.byNumber[cursor.field];
    const place = `${cursor.message.name}${cursor.field > 0 ? `.${field ? fieldName(field) : cursor.field}` : ''}`;
    throw badFormat(where, `at byte ${base + cursor.at}: ${place}: ${(error as Error).message}`, {
      cause: error,
      offset: base + cursor.at,
    });
  }
}

/** A message none of whose fields is there. */
export function emptyMessage<D extends Declaration>(declaration: D): MessageOf<D> {
  return {...planOf(declaration).empty} as MessageOf<D>;
}

/** A field's name as its .proto file has it. */
export function fieldName({key}: FieldPlan): string {
  return key.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`);
}

function readFields(cursor: Cursor, plan: MessagePlan, end: number, into: Message): Message {
  const {reader} = cursor;
  if (plan.located) into.at = cursor.base + reader.pos;
  if (++cursor.depth > DEEPEST) throw new Error(`more than ${DEEPEST} messages within each other`);
  while (reader.pos < end) {
    cursor.message = plan;
    cursor.field = 0;
    cursor.at = reader.pos;
    const [number, wire] = reader.tag();
    cursor.field = number;
    const field = plan.byNumber[number];
    if (field) readField(cursor, field, wire, into);
    else keepUnknown(cursor, number, wire, into);
    expectWithin(reader, end);
  }
  cursor.depth--;
  return into;
}

function readField(cursor: Cursor, field: FieldPlan, wire: WireType, into: Message): void {
  const {reader} = cursor;
  const {key, label, scalar} = field;
  if (label === 'map') readEntry(cursor, field, wire, into);
  else if (label === 'packed') readPacked(cursor, field, wire, into);
  else if (label === 'repeated' && wire === WireType.LengthDelimited && scalar && scalar.wire !== wire) {
    const end = endOf(reader);
    while (reader.pos < end) add(into, key, scalar.read(reader));
    expectWithin(reader, end);
  } else {
    const before = label === 'repeated' ? undefined : (into[key] as Message | undefined);
    const value = readValue(cursor, field, wire, before);
    if (label === 'repeated') add(into, key, value);
    else into[key] = value;
  }
}

function readValue(cursor: Cursor, {scalar, message}: FieldPlan, wire: WireType, before?: Message): unknown {
  expectWire(wire, scalar?.wire ?? WireType.LengthDelimited);
  if (scalar) return scalar.read(cursor.reader);
  const plan = message!();
  return readFields(cursor, plan, endOf(cursor.reader), before ?? {...plan.empty});
}

function expectWire(wire: WireType, expected: WireType): void {
  if (wire !== expected) throw new Error(`wire type ${wire}, expected ${expected}`);
}

/** Where a run of bytes ends, once its length has been read. */
function endOf(reader: BinaryReader): number {
  const length = reader.uint32();
  const end = reader.pos + length;
  if (end > reader.len) throw new Error(`${length} bytes, of which ${reader.len - reader.pos} are there`);
  return end;
}

function expectWithin(reader: BinaryReader, end: number): void {
  if (reader.pos > end) throw new Error(`runs ${reader.pos - end} bytes over its end`);
}

function add(into: Message, key: string, value: unknown): void {
  const list = into[key] as unknown[];
  if (list === NO_LIST) into[key] = [value];
  else list.push(value);
}

/** An entry of a map is a message of key and value. */
function readEntry(cursor: Cursor, field: FieldPlan, wire: WireType, into: Message): void {
  const {reader} = cursor;
  expectWire(wire, WireType.LengthDelimited);
  let key = '';
  let value: unknown = field.scalar ? field.scalar.zero : undefined;
  const end = endOf(reader);
  while (reader.pos < end) {
    const [number, entryWire] = reader.tag();
    if (number === 1) {
      expectWire(entryWire, WireType.LengthDelimited);
      key = reader.string();
    } else if (number === 2) value = readValue(cursor, field, entryWire);
    else reader.skip(entryWire, number);
  }
  expectWithin(reader, end);
  if (into[field.key] === NO_MAP) into[field.key] = new Map();
  (into[field.key] as Map<string, unknown>).set(key, value ?? {...field.message!().empty});
}

function readPacked({reader, bytes}: Cursor, {key, scalar}: FieldPlan, wire: WireType, into: Message): void {
  const before = into[key] as Uint8Array;
  let run: Uint8Array;
  if (wire === WireType.LengthDelimited) run = reader.bytes();
  else {
    expectWire(wire, scalar!.wire);
    const start = reader.pos;
    reader.skip(wire);
    run = bytes.subarray(start, reader.pos);
  }
  into[key] = before.length === 0 ? run : joined(before, run);
}

/** Buffers with room to grow, so that values that stand alone are not copied over and over. */
const roomy = new WeakSet<ArrayBufferLike>();

function joined(before: Uint8Array, run: Uint8Array): Uint8Array {
  const length = before.length + run.length;
  let {buffer} = before;
  if (!roomy.has(buffer) || length > buffer.byteLength) {
    buffer = new ArrayBuffer(2 * length);
    roomy.add(buffer);
    new Uint8Array(buffer).set(before);
  }
  const out = new Uint8Array(buffer, 0, length);
  out.set(run, before.length);
  return out;
}

function keepUnknown({reader, bytes, at}: Cursor, number: number, wire: WireType, into: Message): void {
  reader.skip(wire, number);
  const list = into.unknown as Uint8Array[] | undefined;
  const last = list?.at(-1);
  // Neighbours are one view: a field of two bytes must not take a hundred.
  if (list && last && last.byteOffset + last.length === bytes.byteOffset + at)
    list[list.length - 1] = bytes.subarray(last.byteOffset - bytes.byteOffset, reader.pos);
  else if (list) list.push(bytes.subarray(at, reader.pos));
  else into.unknown = [bytes.subarray(at, reader.pos)];
}
