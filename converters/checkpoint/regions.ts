import type {Partially} from '../protobuf/declare';
import type {TensorSliceProto} from '../protobuf/tensorflow/checkpoint';
import {elementCount, showShape} from '../shape';

/** One dimension of a slice as it is stored: `length` -1 means all of it. */
export interface Extent {
  readonly start: number;
  readonly length: number;
}

export function toExtents({extent}: TensorSliceProto): Extent[] {
  return extent.map(({start, length = -1}) => ({start, length}));
}

/** The slice that is a whole array of this shape. */
export function wholeSlice(shape: readonly number[]): Partially<TensorSliceProto> {
  return {extent: shape.map(() => ({}))};
}

/** A box within an array. */
export interface Region {
  readonly start: readonly number[];
  readonly size: readonly number[];
}

export function wholeRegion(shape: readonly number[]): Region {
  return {start: shape.map(() => 0), size: shape};
}

/** What a stored slice covers; undefined where it does not fit into the shape. */
export function toRegion(extents: readonly Extent[], shape: readonly number[]): Region | undefined {
  if (extents.length !== shape.length) return undefined;
  const start = extents.map(extent => (extent.length < 0 ? 0 : extent.start));
  const size = extents.map((extent, axis) => (extent.length < 0 ? shape[axis]! : extent.length));
  return isWithin({start, size}, shape) ? {start, size} : undefined;
}

export function isWithin({start, size}: Region, shape: readonly number[]): boolean {
  const natural = (value: number) => Number.isSafeInteger(value) && value >= 0;
  return (
    start.length === shape.length &&
    size.length === shape.length &&
    start.every((from, axis) => natural(from) && natural(size[axis]!) && from + size[axis]! <= shape[axis]!)
  );
}

export function isSame(a: Region, b: Region): boolean {
  return a.start.every((from, axis) => from === b.start[axis] && a.size[axis] === b.size[axis]);
}

/** What two regions share; undefined where it is nothing. */
export function intersect(a: Region, b: Region): Region | undefined {
  const start = a.start.map((from, axis) => Math.max(from, b.start[axis]!));
  const size = start.map(
    (from, axis) => Math.min(a.start[axis]! + a.size[axis]!, b.start[axis]! + b.size[axis]!) - from,
  );
  return size.every(length => length > 0) ? {start, size} : undefined;
}

/** As Python writes slices: `[0:4, 2:3]`. */
export function showRegion({start, size}: Region): string {
  return `[${start.map((from, axis) => `${from}:${from + size[axis]!}`).join(', ')}]`;
}

/**
 * Says which two of the regions overlap, if any. They are walked along the axis on which most of them differ, so that
 * each is held against its neighbours only.
 */
export function findOverlap(regions: readonly Region[]): [Region, Region] | undefined {
  const rank = regions[0]?.start.length ?? 0;
  const starts = (axis: number) => new Set(regions.map(region => region.start[axis]!)).size;
  let along = 0;
  for (let axis = 1; axis < rank; axis++) if (starts(axis) > starts(along)) along = axis;
  const from = (region: Region) => region.start[along] ?? 0;
  const sorted = [...regions].sort((a, b) => from(a) - from(b));
  let open: Region[] = [];
  for (const region of sorted) {
    open = open.filter(before => rank === 0 || from(before) + before.size[along]! > from(region));
    const other = open.find(before => intersect(before, region));
    if (other) return [other, region];
    open.push(region);
  }
  return undefined;
}

/** How many elements of `wanted` the regions hold, none of which overlap. */
export function covered(regions: readonly Region[], wanted: Region): number {
  let count = 0;
  for (const region of regions) {
    const shared = intersect(region, wanted);
    if (shared) count += elementCount(shared.size);
  }
  return count;
}

/**
 * Walks what two boxes share in the longest pieces that are contiguous in both, in order: `from` and `to` count
 * elements from the beginning of each, in row-major order.
 */
export function forEachRun(
  source: Region,
  target: Region,
  run: (from: number, to: number, count: number) => void,
): void {
  const shared = intersect(source, target);
  if (!shared) return;
  const rank = shared.size.length;
  // Dimensions at the end that are whole in both belong to one run, and so does the one before them.
  let inner = rank;
  let count = 1;
  while (inner > 0) {
    inner--;
    count *= shared.size[inner]!;
    if (shared.size[inner] !== source.size[inner] || shared.size[inner] !== target.size[inner]) break;
  }
  const index = shared.size.map(() => 0);
  const offset = (box: Region) =>
    box.size.reduce(
      (sum, size, axis) => sum * size + shared.start[axis]! - box.start[axis]! + index[axis]!,
      0,
    );
  for (;;) {
    run(offset(source), offset(target), count);
    let axis = inner - 1;
    while (axis >= 0 && ++index[axis]! === shared.size[axis]) index[axis--] = 0;
    if (axis < 0) return;
  }
}

/** For messages. */
export function showPlace(region: Region, shape: readonly number[]): string {
  return `${showRegion(region)} of ${showShape(shape)}`;
}
