import {BinaryWriter} from '@bufbuild/protobuf/wire';
import {CarryoverError} from '../../src/errors';
import type {DType} from '../arrays';
import {checkNames, collectFiles, type FileParts} from './bundle-writer';
import {dtypeCode} from './dtypes';
import {sliceKey} from './keys';
import {putExtents, putMessage, putShape, putVarint, putVersions} from './messages';
import type {Key} from './table';
import {writeTable} from './table-writer';
import {putNumbers, putTexts} from './tensor-proto';
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
    entries.set(sliceKey(name, whole(array)), () => dataMessage(name, array));
  return [{name: prefix, parts: writeTable(entries)}];
}

/** Writes a V1 checkpoint into memory: its one file, called `prefix`. See `v1Files`. */
export function writeCheckpointV1(
  prefix: string,
  arrays: ReadonlyMap<string, Writable>,
): Map<string, Uint8Array> {
  return collectFiles(v1Files(prefix, arrays));
}

function whole({shape}: Writable) {
  return shape.map(() => ({start: 0, length: -1}));
}

function listMessage(arrays: ReadonlyMap<string, Writable>): Uint8Array {
  const writer = new BinaryWriter();
  putMessage(writer, 1, meta => {
    for (const [name, array] of arrays) {
      putMessage(meta, 1, tensor => {
        tensor.tag(1, 2).string(name);
        putShape(tensor, 2, array.shape);
        putVarint(tensor, 3, dtypeCode(array.dtype));
        putExtents(tensor, 4, whole(array));
      });
    }
    putVersions(meta, 2, {producer: 1, minConsumer: 0});
  });
  return writer.finish();
}

function dataMessage(name: string, array: Writable): Uint8Array {
  const {dtype} = array;
  const values = storedValues(name, array);
  const size = Array.isArray(values) ? values.reduce((sum, {length}) => sum + length + 6, 0) : values.length;
  if (size > MAX_RECORD) {
    throw new CarryoverError(
      'E_DIALECT',
      `'${name}': ${size} bytes; a V1 checkpoint holds less than 2 GB of one; write V2`,
    );
  }
  const writer = new BinaryWriter();
  putMessage(writer, 2, slice => {
    slice.tag(1, 2).string(name);
    putExtents(slice, 2, whole(array));
    putMessage(slice, 3, data => {
      if (Array.isArray(values)) putTexts(data, values);
      else if (dtype !== 'string') putNumbers(data, dtype, values);
    });
  });
  return writer.finish();
}
