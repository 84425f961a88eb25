import {BinaryWriter, WireType} from '@bufbuild/protobuf/wire';
import type {Declaration, MessageOf, Partially} from './declare';
import {type FieldPlan, type MessagePlan, planOf} from './plan';

type Message = Readonly<Record<string, unknown>>;

/**
 * Writes a message: its fields in the order of their declaration, then those that were read without being known.
 * As proto3 has it, a single field with its default is left out unless it is `optional`.
 */
export function writeMessage<D extends Declaration>(
  declaration: D,
  message: Partially<MessageOf<D>>,
): Uint8Array<ArrayBuffer> {
  const writer = new BinaryWriter();
  writeFields(writer, planOf(declaration), message as Message);
  return writer.finish() as Uint8Array<ArrayBuffer>;
}

function writeFields(writer: BinaryWriter, plan: MessagePlan, message: Message): void {
  for (const field of plan.fields) {
    const value = message[field.key];
    if (value !== undefined) writeField(writer, field, value);
  }
  for (const field of (message.unknown as readonly Uint8Array[] | undefined) ?? []) writer.raw(field);
}

function writeField(writer: BinaryWriter, field: FieldPlan, value: unknown): void {
  const {number, label, scalar} = field;
  if (label === 'map') {
    for (const [key, item] of value as ReadonlyMap<string, unknown>) {
      writer.tag(number, WireType.LengthDelimited).fork();
      writer.tag(1, WireType.LengthDelimited).string(key);
      writeValue(writer, 2, field, item);
      writer.join();
    }
  } else if (label === 'packed') {
    if ((value as Uint8Array).length > 0)
      writer.tag(number, WireType.LengthDelimited).bytes(value as Uint8Array);
  } else if (label === 'repeated') {
    writeList(writer, field, value as readonly unknown[]);
  } else if (label === 'optional' || !scalar || !isZero(value, scalar.zero)) {
    writeValue(writer, number, field, value);
  }
}

const isZero = (value: unknown, zero: unknown): boolean =>
  zero instanceof Uint8Array ? (value as Uint8Array).length === 0 : value === zero;

/** Numbers are packed. */
function writeList(writer: BinaryWriter, field: FieldPlan, list: readonly unknown[]): void {
  const {number, scalar} = field;
  if (list.length === 0) return;
  if (!scalar || scalar.wire === WireType.LengthDelimited) {
    for (const item of list) writeValue(writer, number, field, item);
    return;
  }
  writer.tag(number, WireType.LengthDelimited).fork();
  for (const item of list) (scalar.write as (writer: BinaryWriter, item: unknown) => void)(writer, item);
  writer.join();
}

function writeValue(
  writer: BinaryWriter,
  number: number,
  {scalar, message}: FieldPlan,
  value: unknown,
): void {
  writer.tag(number, scalar?.wire ?? WireType.LengthDelimited);
  if (scalar) (scalar.write as (writer: BinaryWriter, value: unknown) => void)(writer, value);
  else {
    writer.fork();
    writeFields(writer, message!(), value as Message);
    writer.join();
  }
}
