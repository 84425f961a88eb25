import {type NamedArray, type UnreadableArray, unreadableFact, type WeightFile} from '../arrays';
import type {RandomAccess} from '../files';
import {badFormat} from '../format-error';
import {SNAPPY_RATIO} from '../limits';
import {ITEM_SIZE} from '../numbers';
import {emptyMessage, readMessage} from '../protobuf/read';
import {SavedTensorSlices} from '../protobuf/tensorflow/checkpoint';
import {dtypeOf} from '../protobuf/tensorflow/dtypes';
import {knownShape} from '../protobuf/tensorflow/shape';
import {TensorProto, type VersionDef} from '../protobuf/tensorflow/tensor';
import {readNumbers, readTexts} from '../protobuf/tensorflow/values';
import {elementCount, showShape} from '../shape';
import {sliceKey} from './keys';
import {type Extent, forEachRun, type Region, showRegion, toExtents, toRegion} from './regions';
import {openTable, type Table} from './table';
import {lazyTensor, notRead, type Piece} from './tensor';
import {checkVersions} from './versions';

/** `TF_CHECKPOINT_VERSION` in core/public/version.h. */
const VERSION = 1;

/** What the list says of a variable. */
interface SavedTensor {
  readonly name: string;
  /** TensorFlow's `DataType`. */
  readonly type: number;
  readonly shape: readonly number[];
  readonly slices: readonly (readonly Extent[])[];
}

interface Shard {
  readonly name: string;
  readonly source: RandomAccess;
  readonly table: Table;
  readonly tensors: readonly SavedTensor[];
  readonly versions: VersionDef | undefined;
}

/** A slice, and the table that has it. */
interface Place {
  readonly shard: Shard;
  readonly extents: readonly Extent[];
}

interface Variable extends SavedTensor {
  readonly places: Place[];
}

/**
 * Opens a V1 checkpoint: one table, or one per shard, each with its own list of slices and their data. Only the lists
 * are read until an array is asked for.
 *
 * @param sources every shard's bytes, by name
 * @throws CarryoverError E_FORMAT when one is damaged, or two do not belong together; arrays throw the same when they are
 */
export function openV1(sources: ReadonlyMap<string, RandomAccess>): WeightFile {
  const shards = [...sources].map(([name, source]) => openShard(name, source));
  const variables = collect(shards);
  const arrays: NamedArray[] = [];
  const unreadable: UnreadableArray[] = [];
  for (const variable of variables.values()) {
    const {name, type, shape, places} = variable;
    const dtype = dtypeOf(type);
    if (dtype === undefined) {
      unreadable.push(notRead(places[0]!.shard.name, name, type));
      continue;
    }
    const where = `${places.length > 1 ? [...new Set(places.map(({shard}) => shard.name))].join(', ') : places[0]!.shard.name}: '${name}'`;
    const pieces = () => places.map(place => slicePiece(variable, place, dtype));
    arrays.push(lazyTensor({name, dtype, shape, where, pieces}));
  }
  return {
    format: 'tf-checkpoint-v1',
    groups: [{name: '', arrays}],
    facts: {
      library: 'tensorflow',
      format_version: String(shards[0]?.versions?.producer ?? 0),
      shards: String(shards.length),
      ...unreadableFact(unreadable),
    },
    unreadable,
    close() {
      for (const {source} of shards) source.close?.();
    },
  };
}

function openShard(name: string, source: RandomAccess): Shard {
  const table = openTable(source, name);
  const first = table.get('');
  if (!first) throw badFormat(name, 'no list of tensors as its first entry: not a V1 checkpoint');
  const where = `${name}: list of tensors`;
  const {meta} = readMessage(SavedTensorSlices, first, where);
  if (!meta) {
    throw badFormat(
      name,
      'its first entry is no list of tensors; the index of a V2 checkpoint must be called PREFIX.index',
    );
  }
  const {versions} = meta;
  checkVersions(versions, VERSION, name);
  const tensors = meta.tensor.map(tensor => ({
    name: tensor.name,
    type: tensor.type,
    shape: knownShape(tensor.shape, `${where}: '${tensor.name}'`),
    slices: tensor.slice.map(toExtents),
  }));
  return {name, source, table, tensors, versions};
}

function collect(shards: readonly Shard[]): Map<string, Variable> {
  const variables = new Map<string, Variable>();
  for (const shard of shards) {
    for (const tensor of shard.tensors) {
      const known = variables.get(tensor.name);
      if (known && (known.type !== tensor.type || String(known.shape) !== String(tensor.shape))) {
        throw badFormat(
          `${shard.name}: '${tensor.name}'`,
          `${showShape(tensor.shape)} of type ${tensor.type}, but ${showShape(known.shape)} of type ${known.type} in ${known.places[0]!.shard.name}`,
        );
      }
      if (tensor.slices.length === 0)
        throw badFormat(`${shard.name}: '${tensor.name}'`, 'no slice of it is listed');
      const variable = known ?? {...tensor, places: []};
      variable.places.push(...tensor.slices.map(extents => ({shard, extents})));
      variables.set(tensor.name, variable);
    }
  }
  return variables;
}

function slicePiece({name, shape}: Variable, {shard, extents}: Place, dtype: NamedArray['dtype']): Piece {
  const region = toRegion(extents, shape);
  if (!region) throw badFormat(`${shard.name}: '${name}'`, 'a slice of it does not fit into its shape');
  const whole = String(region.size) === String(shape);
  const where = `${shard.name}: '${name}'${whole ? '' : ` slice ${showRegion(region)}`}`;
  const count = elementCount(region.size);
  const key = sliceKey(name, extents);
  const data = () => sliceData(shard.table, key, name, region, shape, where);
  const numbers = () => {
    if (dtype === 'string') throw badFormat(where, 'strings where numbers are wanted');
    return readNumbers(data(), dtype, count, where);
  };
  return {
    region,
    check() {
      // A value takes a byte at least, and tables may be compressed.
      if (!(count <= shard.source.size * SNAPPY_RATIO)) {
        throw badFormat(where, `${count} values in a file of ${shard.source.size} bytes`);
      }
    },
    read: numbers,
    copyTo(out, wanted) {
      const stored = numbers();
      const item = dtype === 'string' ? 1 : ITEM_SIZE[dtype];
      forEachRun(region, wanted, (from, to, length) => {
        out.set(stored.subarray(from * item, (from + length) * item), to * item);
      });
    },
    strings: () => readTexts(data(), count, where),
  };
}

/** The TensorProto of a slice, once the record is seen to be that slice's. */
function sliceData(
  table: Table,
  key: string,
  name: string,
  region: Region,
  shape: readonly number[],
  where: string,
): TensorProto {
  const value = table.get(key);
  if (!value) throw badFormat(where, 'is listed, but its data is missing from the file');
  const {data: found} = readMessage(SavedTensorSlices, value, where);
  const own = toRegion(found?.slice ? toExtents(found.slice) : [], shape);
  if (found?.name !== name || !own || showRegion(own) !== showRegion(region)) {
    throw badFormat(
      where,
      `its record holds '${found?.name ?? ''}'${own ? ` ${showRegion(own)}` : ''} instead`,
    );
  }
  // An empty message, as of an array without elements, may be left out.
  return found.data ?? emptyMessage(TensorProto);
}
