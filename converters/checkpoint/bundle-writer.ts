import {CarryoverError} from '../../src/errors';
import {joinBytes} from '../bytes';
import {BundleEntryProto, BundleHeaderProto} from '../protobuf/tensorflow/checkpoint';
import {dtypeCode} from '../protobuf/tensorflow/dtypes';
import {shapeProto} from '../protobuf/tensorflow/shape';
import {writeMessage} from '../protobuf/write';
import {indexName, shardName} from './bundle';
import {crc32c, maskCrc} from './crc32c';
import {nameKey} from './keys';
import {writeStrings} from './strings';
import type {Key} from './table';
import {writeTable} from './table-writer';
import {storedValues, type Writable} from './values';

/** A file that is written a part at a time. */
export interface FileParts {
  /** The file's path. */
  readonly name: string;
  /** To be walked once, after those of the files before it. */
  readonly parts: Iterable<Uint8Array>;
}

/** How a V2 checkpoint is written. */
export interface BundleOptions {
  /** Number of data files, over which variables are spread by size. Default 1. */
  readonly shards?: number;
}

/**
 * Writes a V2 checkpoint as TensorFlow's `Saver` does: `PREFIX.data-00000-of-0000N`, then `PREFIX.index`.
 * One variable is held in memory at a time.
 *
 * @param arrays by variable name
 * @throws CarryoverError E_USAGE for names or numbers of shards that the format has no words for, E_SHAPE for values
 *   that do not belong to their dtype and shape (while their file is written)
 */
export function bundleFiles(
  prefix: string,
  arrays: ReadonlyMap<string, Writable>,
  {shards = 1}: BundleOptions = {},
): FileParts[] {
  checkNames(arrays.keys());
  if (!Number.isSafeInteger(shards) || shards < 1 || shards > 99_999) {
    throw new CarryoverError('E_USAGE', `${shards} shards; expected 1 to 99999`);
  }
  const header = {numShards: shards, version: {producer: 1}};
  const entries = new Map<Key, () => Uint8Array>([['', () => writeMessage(BundleHeaderProto, header)]]);
  const files = spread(arrays, shards).map((share, shard) => ({
    name: shardName(prefix, shard, shards),
    parts: writeShard(share, shard, entries),
  }));
  return [...files, {name: indexName(prefix), parts: lazily(() => writeTable(entries))}];
}

/** The entries are known once the data files have been walked. */
function* lazily<T>(make: () => Iterable<T>): Generator<T> {
  yield* make();
}

type Share = readonly (readonly [name: string, array: Writable])[];

/** In the order of the names, the next variable to the file with the fewest values. */
function spread(arrays: ReadonlyMap<string, Writable>, shards: number): Share[] {
  const shares = Array.from({length: shards}, () => ({values: 0, list: [] as [string, Writable][]}));
  for (const [name, array] of [...arrays].sort(([a], [b]) => (nameKey(a) < nameKey(b) ? -1 : 1))) {
    const least = shares.reduce((best, share) => (share.values < best.values ? share : best));
    least.list.push([name, array]);
    least.values += array.shape.reduce((product, size) => product * size, 1);
  }
  return shares.map(({list}) => list);
}

function* writeShard(
  share: Share,
  shard: number,
  entries: Map<Key, () => Uint8Array>,
): Generator<Uint8Array> {
  let offset = 0;
  for (const [name, array] of share) {
    const values = storedValues(name, array);
    const {stored, crc} = Array.isArray(values)
      ? writeStrings(values)
      : {stored: values, crc: maskCrc(crc32c(values))};
    yield stored;
    const entry = {
      dtype: dtypeCode(array.dtype),
      shape: shapeProto(array.shape),
      ...{shardId: shard, offset, size: stored.length, crc32c: crc},
    };
    entries.set(nameKey(name), () => writeMessage(BundleEntryProto, entry));
    offset += stored.length;
  }
}

/** The empty name is the header's, and a leading zero byte marks slices. */
export function checkNames(names: Iterable<string>): void {
  for (const name of names) {
    if (name === '' || name.startsWith('\0')) {
      throw new CarryoverError('E_USAGE', `'${name}' is no name for a variable in a checkpoint`);
    }
  }
}

/** The files in memory, by name. */
export function collectFiles(files: readonly FileParts[]): Map<string, Uint8Array> {
  return new Map(files.map(({name, parts}) => [name, joinBytes([...parts])]));
}

/** Writes a V2 checkpoint into memory: its files by name. See `bundleFiles`. */
export function writeCheckpointV2(
  prefix: string,
  arrays: ReadonlyMap<string, Writable>,
  options: BundleOptions = {},
): Map<string, Uint8Array> {
  return collectFiles(bundleFiles(prefix, arrays, options));
}
