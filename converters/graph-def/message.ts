import type {BinaryReader} from '@bufbuild/protobuf/wire';
import {WireType} from '@bufbuild/protobuf/wire';
import {bytes, type Fields, readMessage, text, varint} from '../checkpoint/wire';

/* Kinds of fields that graphs have besides those of checkpoints. */

type Field = Fields[number];

export const float = (set: (value: number) => void): Field => [
  WireType.Bit32,
  (reader: BinaryReader) => set(reader.float()),
];

/** A repeated string. */
export const texts = (into: string[]): Field => text(value => into.push(value));

/** A message of its own, with where it begins in the file. */
export function message(
  where: string,
  origin: Uint8Array,
  read: (bytes: Uint8Array, where: string) => void,
): Field {
  return bytes(value => read(value, `${where}: at byte ${value.byteOffset - origin.byteOffset}`));
}

/** `map<string, message>`: the values as they lie in the file. */
export function mapEntries(into: Map<string, Uint8Array>, where: string): Field {
  return bytes(entry => {
    let key = '';
    let value: Uint8Array = NONE;
    readMessage(entry, where, {
      1: text(name => {
        key = name;
      }),
      2: bytes(content => {
        value = content;
      }),
    });
    into.set(key, value);
  });
}

const NONE = new Uint8Array(0);

export {bytes, type Fields, readMessage, text, varint};
