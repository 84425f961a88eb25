import {CarryoverError} from '../../src/errors';
import type {DType} from '../arrays';
import {SavedTensorSlices} from '../protobuf/tensorflow/checkpoint';
import {dtypeCode} from '../protobuf/tensorflow/dtypes';
import {shapeProto} from '../protobuf/tensorflow/shape';
import {numbersProto} from '../protobuf/tensorflow/values';
import {writeMessage} from '../protobuf/write';
import {checkNames, collectFiles, type FileParts} from './bundle-writer';
import {sliceKey} from './keys';
import {wholeSlice} from './regions';
import type {Key} from './table';
import {writeTable} from './table-writer';
import {storedValues, type Writable} from './values';

/** TensorFlow's V1 writer has no others (`MaxBytesPerElement` in core/util/tensor_slice_writer.cc). */
const REFUSED: ReadonlySet<DType> = new Set(['bfloat16', 'uint32', 'uint64']);
/** A record is one protobuf message, which TensorFlow keeps below 2 GB. */
const MAX_RECORD = 2 ** 31 - 2 ** 20;

/**
 * Writes a V1 checkpoint in one file, as `Saver(write_version=V1)` does. One variable is held in memory at a time.
 *
 * @param arrays by variable name
 * @throws CarryoverError E_DIALECT for types and sizes that V1 has no words for, E_USAGE for such names, E_SHAPE for
 *   values that do not belong to their dtype and shape (while the file is written)
 */
export function v1Files(prefix: string, arrays: ReadonlyMap<string, Writable>): FileParts[] {
  checkNames(arrays.keys());
  for (const [name, {dtype}] of arrays) {
    if (!REFUSED.has(dtype)) continue;
    throw new CarryoverError(
      'E_DIALECT',
      `'${name}': a V1 checkpoint cannot hold ${dtype}; write V2, or another type`,
    );
  }
  const entries = new Map<Key, () => Uint8Array>([['', () => listMessage(arrays)]]);
  for (const [name, array] of arrays)
    entries.set(
      sliceKey(
        name,
        array.shape.map(() => ({start: 0, length: -1})),
      ),
      () => dataMessage(name, array),
    );
  return [{name: prefix, parts: writeTable(entries)}];
}

/** Writes a V1 checkpoint into memory: its one file, called `prefix`. See `v1Files`. */
export function writeCheckpointV1(
  prefix: string,
  arrays: ReadonlyMap<string, Writable>,
): Map<string, Uint8Array> {
  return collectFiles(v1Files(prefix, arrays));
}

function listMessage(arrays: ReadonlyMap<string, Writable>): Uint8Array {
  const tensor = [...arrays].map(([name, {dtype, shape}]) => ({
    name,
    shape: shapeProto(shape),
    type: dtypeCode(dtype),
    slice: [wholeSlice(shape)],
  }));
  return writeMessage(SavedTensorSlices, {meta: {tensor, versions: {producer: 1}}});
}

function dataMessage(name: string, array: Writable): Uint8Array {
  const {dtype, shape} = array;
  const values = storedValues(name, array);
  const size = Array.isArray(values) ? values.reduce((sum, {length}) => sum + length + 6, 0) : values.length;
  if (size > MAX_RECORD) {
    throw new CarryoverError(
      'E_DIALECT',
      `'${name}': ${size} bytes; a V1 checkpoint holds less than 2 GB of one; write V2`,
    );
  }
  const data = Array.isArray(values)
    ? {stringVal: values}
    : numbersProto(dtype as Exclude<DType, 'string'>, values);
  return writeMessage(SavedTensorSlices, {data: {name, slice: wholeSlice(shape), data}});
}
