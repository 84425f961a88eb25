import {type NamedArray, type UnreadableArray, unreadableFact, type WeightFile} from '../arrays';
import type {FileSet, RandomAccess} from '../files';
import {badFormat} from '../format-error';
import {CHECKPOINT_SHARDS} from '../limits';
import {readMessage} from '../protobuf/read';
import {BundleEntryProto, BundleHeaderProto} from '../protobuf/tensorflow/checkpoint';
import {dtypeOf} from '../protobuf/tensorflow/dtypes';
import {knownShape} from '../protobuf/tensorflow/shape';
import {isSliceKey, keyName, sliceKey} from './keys';
import {type ObjectGraph, readObjectGraph} from './object-graph';
import {type Extent, showRegion, toExtents, toRegion, wholeRegion} from './regions';
import {rawStrings, type StoredRun, storedPiece} from './stored';
import {type Key, openTable} from './table';
import {lazyTensor, notRead, type Piece} from './tensor';
import {checkVersions} from './versions';

/** `kTensorBundleVersion` in core/util/tensor_bundle/tensor_bundle.cc. */
const VERSION = 1;
/** `OBJECT_GRAPH_PROTO_KEY` in python/checkpoint and python/trackable. */
const OBJECT_GRAPH = '_CHECKPOINTABLE_OBJECT_GRAPH';

export function indexName(prefix: string): string {
  return `${prefix}.index`;
}

export function shardName(prefix: string, shard: number, shards: number): string {
  const digits = (value: number) => String(value).padStart(5, '0');
  return `${prefix}.data-${digits(shard)}-of-${digits(shards)}`;
}

interface BundleEntry extends Pick<BundleEntryProto, 'dtype' | 'shardId' | 'offset' | 'size' | 'crc32c'> {
  readonly shape: readonly number[];
  readonly slices: readonly (readonly Extent[])[];
}

/** What is known of a bundle while it is open. */
interface Bundle {
  readonly prefix: string;
  readonly header: BundleHeaderProto;
  readonly entries: ReadonlyMap<Key, BundleEntry>;
  /** Undefined where the file is missing. */
  readonly shards: readonly (RandomAccess | undefined)[];
  readonly verified: readonly Set<number>[];
}

/**
 * Opens a V2 checkpoint ("tensor bundle") of any number of shards. The index is read whole; arrays are read from
 * their shards when they are asked for.
 *
 * @throws CarryoverError E_FORMAT when the index is damaged; arrays throw the same when they are
 */
export async function openBundle(prefix: string, index: RandomAccess, files: FileSet): Promise<WeightFile> {
  const {header, entries} = readIndex(index, indexName(prefix));
  index.close?.();
  const {numShards} = header;
  const shards = await Promise.all(
    Array.from({length: numShards}, (_, shard) => files.open(shardName(prefix, shard, numShards))),
  );
  const bundle: Bundle = {prefix, header, entries, shards, verified: shards.map(() => new Set<number>())};
  const close = () => {
    for (const shard of shards) shard?.close?.();
  };
  try {
    return {...describe(bundle), close};
  } catch (error) {
    close();
    throw error;
  }
}

function readIndex(
  index: RandomAccess,
  where: string,
): {header: BundleHeaderProto; entries: Map<Key, BundleEntry>} {
  let header: BundleHeaderProto | undefined;
  const entries = new Map<Key, BundleEntry>();
  for (const {key, value} of openTable(index, where).entries()) {
    if (header) {
      entries.set(key, readEntry(value, `${where}: '${keyName(key)}'`));
    } else {
      if (key !== '')
        throw badFormat(where, 'no header as its first entry; it may be a V1 checkpoint that was renamed');
      header = readMessage(BundleHeaderProto, value, `${where}: header`);
    }
  }
  if (!header) throw badFormat(where, 'is empty: it has no header');
  checkVersions(header.version, VERSION, where);
  if (header.numShards < 1 || header.numShards > CHECKPOINT_SHARDS) {
    throw badFormat(where, `${header.numShards} data files; expected 1 to ${CHECKPOINT_SHARDS}`);
  }
  return {header, entries};
}

function readEntry(message: Uint8Array, where: string): BundleEntry {
  const entry = readMessage(BundleEntryProto, message, where);
  return {...entry, shape: knownShape(entry.shape, where), slices: entry.slices.map(toExtents)};
}

function describe(bundle: Bundle): Omit<WeightFile, 'close'> {
  const {prefix, header, entries, shards} = bundle;
  const arrays: NamedArray[] = [];
  const unreadable: UnreadableArray[] = [];
  let objects: ObjectGraph | undefined;
  for (const [key, entry] of entries) {
    if (isSliceKey(key)) continue;
    const name = keyName(key);
    const dtype = dtypeOf(entry.dtype);
    if (name === OBJECT_GRAPH) objects = readObjects(bundle, entry);
    else if (dtype === undefined) unreadable.push(notRead(indexName(prefix), name, entry.dtype));
    else {
      const where = `${indexName(prefix)}: '${name}'`;
      arrays.push(
        lazyTensor({name, dtype, shape: entry.shape, where, pieces: () => findPieces(bundle, name, entry)}),
      );
    }
  }
  const missing = shards.flatMap((shard, k) => (shard ? [] : [shardName(prefix, k, header.numShards)]));
  return {
    format: objects ? 'tf-checkpoint-object' : 'tf-checkpoint-v2',
    groups: [{name: '', arrays}],
    facts: {
      library: 'tensorflow',
      format_version: String(header.version?.producer ?? 0),
      shards: String(header.numShards),
      ...(isBigEndian(header) && {byte_order: 'big endian'}),
      ...(missing.length > 0 && {missing: missing.join('; ')}),
      ...unreadableFact(unreadable),
    },
    unreadable,
    ...(objects && {objects}),
  };
}

function findPieces(bundle: Bundle, name: string, entry: BundleEntry): Piece[] {
  if (entry.slices.length === 0)
    return [storedPiece({...locate(bundle, name, entry), region: wholeRegion(entry.shape)})];
  const where = `${indexName(bundle.prefix)}: '${name}'`;
  return entry.slices.map(extents => slicePiece(bundle, name, entry, extents, where));
}

function slicePiece(
  bundle: Bundle,
  name: string,
  whole: BundleEntry,
  extents: readonly Extent[],
  where: string,
): Piece {
  const region = toRegion(extents, whole.shape);
  if (!region) throw badFormat(where, 'a slice of it does not fit into its shape');
  const entry = bundle.entries.get(sliceKey(name, extents));
  if (!entry) throw badFormat(where, `its slice ${showRegion(region)} is missing from the index`);
  if (entry.dtype !== whole.dtype || String(entry.shape) !== String(region.size)) {
    throw badFormat(where, `its slice ${showRegion(region)} is stored with another type or shape`);
  }
  return storedPiece({...locate(bundle, name, entry, ` slice ${showRegion(region)}`), region});
}

function locate(
  {prefix, header, shards, verified}: Bundle,
  name: string,
  {dtype, shardId, offset, size, crc32c: crc}: BundleEntry,
  part = '',
): Omit<StoredRun, 'region'> {
  const {numShards} = header;
  const file = shardName(prefix, shardId, numShards);
  const where = `${file}: '${name}'${part}`;
  if (shardId < 0 || shardId >= numShards) {
    throw badFormat(`${indexName(prefix)}: '${name}'${part}`, `in data file ${shardId} of ${numShards}`);
  }
  const source = shards[shardId];
  if (!source) {
    throw badFormat(
      where,
      `there is no such file; put all ${numShards} data files beside ${indexName(prefix)}`,
    );
  }
  const bigEndian = isBigEndian(header);
  return {dtype: dtypeOf(dtype)!, source, offset, size, crc, bigEndian, where, verified: verified[shardId]!};
}

function isBigEndian({endianness}: BundleHeaderProto): boolean {
  return endianness === BundleHeaderProto.fields.endianness[1].BIG;
}

/** The graph is a message in a scalar string. */
function readObjects(bundle: Bundle, entry: BundleEntry): ObjectGraph {
  const run = {...locate(bundle, OBJECT_GRAPH, entry), region: wholeRegion(entry.shape)};
  storedPiece(run).check();
  const [message] = rawStrings(run, 1);
  return readObjectGraph(message!, run.where);
}
