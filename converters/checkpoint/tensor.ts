import {CarryoverError} from '../../src/errors';
import type {DType, NamedArray, NdArray, UnreadableArray} from '../arrays';
import {badFormat, unsupported} from '../format-error';
import {ITEM_SIZE, valuesFromBytes} from '../numbers';
import {showCode} from '../protobuf/tensorflow/dtypes';
import {elementCount, showShape} from '../shape';
import {
  covered,
  findOverlap,
  forEachRun,
  intersect,
  isSame,
  isWithin,
  type Region,
  showPlace,
  wholeRegion,
} from './regions';

/** A part of a variable as it lies in a file, or all of it. */
export interface Piece {
  readonly region: Region;
  /** Throws where the data cannot be there: called for every piece before memory is taken. */
  check(): void;
  /** All of it: little-endian bytes in row-major order, checked, that the caller may keep. */
  read(): Uint8Array<ArrayBuffer>;
  /** Copies what lies within `wanted` into the bytes of an array of that size. */
  copyTo(out: Uint8Array, wanted: Region): void;
  /** All of a piece of strings, checked. */
  strings(): string[];
}

export interface StoredTensor {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
  /** File and variable, for messages. */
  readonly where: string;
  /** Found anew for each reading, so that a variable with a missing piece can still be listed. */
  pieces(): Piece[];
}

/** A variable of a type that Carryover does not read. */
export function notRead(file: string, name: string, type: number): UnreadableArray {
  const reason = unsupported(`${file}: '${name}'`, `values of ${showCode(type)}, which are not read`, {file});
  return {name, reason};
}

/** A variable that is read when asked for, whole or in part. */
export function lazyTensor(tensor: StoredTensor): NamedArray & Required<Pick<NamedArray, 'slice'>> {
  const {name, dtype, shape, where} = tensor;
  return {
    name,
    dtype,
    shape,
    read: () => readRegion(tensor, wholeRegion(shape)),
    slice(begin, size) {
      const wanted = {
        start: begin,
        size: size.map((length, axis) => (length === -1 ? shape[axis]! - begin[axis]! : length)),
      };
      if (!isWithin(wanted, shape)) {
        throw new CarryoverError(
          'E_SHAPE',
          `${where}: begin [${begin.join(', ')}] and size [${size.join(', ')}] are not within shape ${showShape(shape)}`,
        );
      }
      return readRegion(tensor, wanted);
    },
  };
}

function readRegion(tensor: StoredTensor, wanted: Region): NdArray {
  const {dtype, where} = tensor;
  const shape = [...wanted.size];
  const count = elementCount(shape);
  if (Number.isNaN(count)) throw badFormat(where, `an impossible shape ${showShape(shape)}`);
  const pieces = piecesOf(tensor, wanted, count);
  for (const piece of pieces) piece.check();

  const only = pieces.length === 1 && isSame(pieces[0]!.region, wanted) ? pieces[0] : undefined;
  if (dtype === 'string') {
    if (only) return {dtype, shape, values: only.strings()};
    const values = new Array<string>(count).fill('');
    for (const piece of pieces) {
      const stored = piece.strings();
      forEachRun(piece.region, wanted, (from, to, length) => {
        for (let k = 0; k < length; k++) values[to + k] = stored[from + k]!;
      });
    }
    return {dtype, shape, values};
  }
  if (only) return {shape, ...valuesFromBytes(only.read(), dtype)};
  const out = new Uint8Array(count * ITEM_SIZE[dtype]);
  for (const piece of pieces) piece.copyTo(out, wanted);
  return {shape, ...valuesFromBytes(out, dtype)};
}

/** The pieces that hold what is wanted. */
function piecesOf({pieces, shape, where}: StoredTensor, wanted: Region, count: number): Piece[] {
  const all = pieces();
  // A scalar or an empty array has no region to share.
  if (count === 0 || shape.length === 0) {
    if (all.length === 1) return count === 0 && !isSame(all[0]!.region, wanted) ? [] : all;
    if (count === 0) return [];
    throw badFormat(where, `a scalar in ${all.length} slices`);
  }
  const needed = all.filter(piece => intersect(piece.region, wanted));
  const regions = needed.map(piece => piece.region);
  const overlap = findOverlap(regions);
  if (overlap) {
    throw badFormat(
      where,
      `slices ${showPlace(overlap[0], shape)} and ${showPlace(overlap[1], shape)} overlap`,
    );
  }
  const found = covered(regions, wanted);
  if (found !== count) {
    throw badFormat(
      where,
      `slices are missing: the ${all.length} in the checkpoint hold ${found} of the ${count} values of ${showPlace(wanted, shape)}`,
    );
  }
  return needed;
}
