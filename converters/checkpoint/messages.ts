import {type BinaryWriter, WireType} from '@bufbuild/protobuf/wire';
import {badFormat} from '../format-error';
import type {Extent} from './regions';
import {bytes, fixed32, readMessage, text, varint} from './wire';

/*
 * The messages of both formats. Sources: core/protobuf/tensor_bundle.proto, core/util/saved_tensor_slice.proto,
 * core/framework/{tensor_shape,tensor_slice,versions}.proto.
 */

export interface Versions {
  readonly producer: number;
  readonly minConsumer: number;
}

export interface BundleHeader {
  readonly shards: number;
  readonly bigEndian: boolean;
  readonly versions: Versions;
}

export interface BundleEntry {
  /** TensorFlow's `DataType`. */
  readonly type: number;
  readonly shape: readonly number[];
  readonly shard: number;
  readonly offset: number;
  readonly size: number;
  /** Masked. */
  readonly crc: number;
  /** Of a partitioned variable, whose data lie under the keys of these. */
  readonly slices: readonly (readonly Extent[])[];
}

/** What V1's own list says of a variable. */
export interface SavedTensor {
  readonly name: string;
  readonly type: number;
  readonly shape: readonly number[];
  readonly slices: readonly (readonly Extent[])[];
}

export function readVersions(message: Uint8Array, where: string): Versions {
  const out = {producer: 0, minConsumer: 0};
  readMessage(message, where, {
    1: varint(value => {
      out.producer = value;
    }),
    2: varint(value => {
      out.minConsumer = value;
    }),
  });
  return out;
}

export function readShape(message: Uint8Array, where: string): number[] {
  const shape: number[] = [];
  let unknown = false;
  readMessage(message, where, {
    2: bytes(dimension => {
      let size = 0;
      readMessage(dimension, where, {
        1: varint(value => {
          size = value;
        }),
      });
      shape.push(size);
    }),
    3: varint(value => {
      unknown = value !== 0;
    }),
  });
  if (unknown || shape.some(size => size < 0)) throw badFormat(where, 'a shape that is not fully known');
  return shape;
}

export function readExtents(message: Uint8Array, where: string): Extent[] {
  const extents: Extent[] = [];
  readMessage(message, where, {
    1: bytes(part => {
      const extent = {start: 0, length: -1};
      readMessage(part, where, {
        1: varint(value => {
          extent.start = value;
        }),
        2: varint(value => {
          extent.length = value;
        }),
      });
      extents.push(extent);
    }),
  });
  return extents;
}

export function readBundleHeader(message: Uint8Array, where: string): BundleHeader {
  const out = {shards: 0, bigEndian: false, versions: {producer: 0, minConsumer: 0}};
  readMessage(message, where, {
    1: varint(value => {
      out.shards = value;
    }),
    2: varint(value => {
      out.bigEndian = value === 1;
    }),
    3: bytes(value => {
      out.versions = readVersions(value, where);
    }),
  });
  return out;
}

export function readBundleEntry(message: Uint8Array, where: string): BundleEntry {
  const slices: Extent[][] = [];
  const out = {type: 0, shape: [] as number[], shard: 0, offset: 0, size: 0, crc: 0, slices};
  readMessage(message, where, {
    1: varint(value => {
      out.type = value;
    }),
    2: bytes(value => {
      out.shape = readShape(value, where);
    }),
    3: varint(value => {
      out.shard = value;
    }),
    4: varint(value => {
      out.offset = value;
    }),
    5: varint(value => {
      out.size = value;
    }),
    6: fixed32(value => {
      out.crc = value;
    }),
    7: bytes(value => {
      slices.push(readExtents(value, where));
    }),
  });
  return out;
}

export function readSavedTensor(message: Uint8Array, where: string): SavedTensor {
  const slices: Extent[][] = [];
  const out = {name: '', type: 0, shape: [] as number[], slices};
  readMessage(message, where, {
    1: text(value => {
      out.name = value;
    }),
    2: bytes(value => {
      out.shape = readShape(value, where);
    }),
    3: varint(value => {
      out.type = value;
    }),
    4: bytes(value => {
      slices.push(readExtents(value, where));
    }),
  });
  return out;
}

/** As proto3 does, a field with its default value is left out. */
export function putVarint(writer: BinaryWriter, field: number, value: number): void {
  if (value !== 0) writer.tag(field, WireType.Varint).int64(value);
}

export function putMessage(writer: BinaryWriter, field: number, fill: (writer: BinaryWriter) => void): void {
  writer.tag(field, WireType.LengthDelimited).fork();
  fill(writer);
  writer.join();
}

export function putVersions(writer: BinaryWriter, field: number, {producer, minConsumer}: Versions): void {
  putMessage(writer, field, inner => {
    putVarint(inner, 1, producer);
    putVarint(inner, 2, minConsumer);
  });
}

export function putShape(writer: BinaryWriter, field: number, shape: readonly number[]): void {
  putMessage(writer, field, inner => {
    for (const size of shape) putMessage(inner, 2, dimension => putVarint(dimension, 1, size));
  });
}

export function putExtents(writer: BinaryWriter, field: number, extents: readonly Extent[]): void {
  putMessage(writer, field, inner => {
    for (const {start, length} of extents) {
      putMessage(inner, 1, extent => {
        if (length < 0) return;
        putVarint(extent, 1, start);
        // A member of a oneof: written even when it is 0.
        extent.tag(2, WireType.Varint).int64(length);
      });
    }
  });
}
