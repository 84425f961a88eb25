import {BinaryReader, WireType} from '@bufbuild/protobuf/wire';
import {CarryoverError} from '../../src/errors';
import {badFormat} from '../format-error';

type Field = readonly [WireType, (reader: BinaryReader) => void];

/** The fields that a message's reader wants, by number; others are skipped. */
export type Fields = Readonly<Record<number, Field>>;

export const varint = (set: (value: number) => void): Field => [
  WireType.Varint,
  // Beyond 2^53 it is rounded: whoever uses it as a size finds it too large.
  reader => set(Number(reader.int64())),
];
export const fixed32 = (set: (value: number) => void): Field => [
  WireType.Bit32,
  reader => set(reader.fixed32()),
];
export const bytes = (set: (value: Uint8Array) => void): Field => [
  WireType.LengthDelimited,
  reader => set(reader.bytes()),
];
export const text = (set: (value: string) => void): Field => [
  WireType.LengthDelimited,
  reader => set(reader.string()),
];

/**
 * Walks a protobuf message.
 * @throws CarryoverError E_FORMAT when it is malformed
 */
export function readMessage(message: Uint8Array, where: string, fields: Fields): void {
  const reader = new BinaryReader(message);
  while (reader.pos < reader.len) {
    const [number, type] = orBadFormat(where, () => reader.tag());
    const field = fields[number];
    if (field && field[0] !== type) {
      throw badFormat(where, `field ${number} has wire type ${type}, expected ${field[0]}`);
    }
    orBadFormat(where, () => (field ? field[1](reader) : reader.skip(type, number)));
  }
}

/** The library's errors say neither which file nor which message. */
function orBadFormat<T>(where: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof CarryoverError) throw error;
    throw badFormat(where, `malformed message (${(error as Error).message})`, error);
  }
}
