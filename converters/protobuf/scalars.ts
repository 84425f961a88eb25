import {type BinaryReader, type BinaryWriter, WireType} from '@bufbuild/protobuf/wire';

/** A kind of number or text: how it lies in a message, and what stands for it where it is absent. */
interface ScalarKind<T> {
  readonly wire: WireType;
  readonly zero: T;
  read(reader: BinaryReader): T;
  write(writer: BinaryWriter, value: T): unknown;
}

const kind = <T>(
  wire: WireType,
  zero: T,
  read: (reader: BinaryReader) => T,
  write: (writer: BinaryWriter, value: T) => unknown,
): ScalarKind<T> => ({wire, zero, read, write});

const NO_BYTES: Uint8Array = new Uint8Array(0);

/** The scalar types of protocol buffers that Carryover's messages use. */
export const SCALARS = {
  bool: kind(
    WireType.Varint,
    false as boolean,
    r => r.bool(),
    (w, value) => w.bool(value),
  ),
  int32: kind(
    WireType.Varint,
    0 as number,
    r => r.int32(),
    (w, value) => w.int32(value),
  ),
  /** A number; beyond 2^53 it is rounded, so that whoever uses it as a size finds it too large. */
  int64: kind(
    WireType.Varint,
    0 as number,
    r => Number(r.int64()),
    (w, value) => w.int64(value),
  ),
  uint32: kind(
    WireType.Varint,
    0 as number,
    r => r.uint32(),
    (w, value) => w.uint32(value),
  ),
  uint64: kind(
    WireType.Varint,
    0 as number,
    r => Number(r.uint64()),
    (w, value) => w.uint64(value),
  ),
  fixed32: kind(
    WireType.Bit32,
    0 as number,
    r => r.fixed32(),
    (w, value) => w.fixed32(value),
  ),
  float: kind(
    WireType.Bit32,
    0 as number,
    r => r.float(),
    (w, value) => w.float(value),
  ),
  double: kind(
    WireType.Bit64,
    0 as number,
    r => r.double(),
    (w, value) => w.double(value),
  ),
  string: kind(
    WireType.LengthDelimited,
    '' as string,
    r => r.string(),
    (w, value) => w.string(value),
  ),
  /** A view of what is read: change neither while the other is used. */
  bytes: kind(
    WireType.LengthDelimited,
    NO_BYTES,
    r => r.bytes(),
    (w, value) => w.bytes(value),
  ),
};
