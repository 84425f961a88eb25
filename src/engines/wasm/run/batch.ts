import type {Tensor} from '@tensorflow/tfjs-core';
import {entriesOf} from '../../../recurrence/records';
import {outputSize, type Recurrence} from '../../../recurrence/types';
import type {RecurrenceInputs} from '../../types';
import type {DropoutPlaces} from '../compile/leaves';
import type {Place} from '../compile/program';
import type {Data} from './data';
import type {TimeChunk} from './time-chunks';

/** Reads a tensor's values. */
export type Read = (tensor: Tensor) => Float32Array;

/** Neighbouring rows of a batch. */
export interface BatchRange {
  readonly first: number;
  readonly rows: number;
}

/** The ranges of a batch in so many shards of (nearly) equal size. */
export function batchShards(batch: number, shards: number): BatchRange[] {
  return Array.from({length: shards}, (_, k) => {
    const first = Math.floor((k * batch) / shards);
    return {first, rows: Math.floor(((k + 1) * batch) / shards) - first};
  });
}

/** Writes a range of values `[batch, size]` into a program's tensor. */
export function writeRows(
  {floats, at}: Data,
  to: Place,
  values: Float32Array,
  {first, rows}: BatchRange,
  size: number,
): void {
  floats.set(values.subarray(first * size, (first + rows) * size), at(to));
}

/** Reads a program's tensor into a range of values `[batch, size]`. */
export function readRows(
  {floats, at}: Data,
  from: Place,
  values: Float32Array,
  {first, rows}: BatchRange,
  size: number,
): void {
  const begin = at(from);
  values.set(floats.subarray(begin, begin + rows * size), first * size);
}

/** Where programs of both directions read the mask and dropout. */
interface MaskAndDropout {
  /**
   * `[steps + 1, rows]`: the mask of the step before the first, then of each step in the order of processing. Before all
   * steps it is 0.
   */
  readonly mask: Place;
  readonly dropout: DropoutPlaces;
}

/** Writes dropout masks, and the mask of some steps in the order of processing. */
export function writeMaskAndDropout(
  data: Data,
  places: MaskAndDropout,
  r: Recurrence,
  {x, mask, dropout}: RecurrenceInputs,
  read: Read,
  range: BatchRange,
  {done, steps}: Pick<TimeChunk, 'done' | 'steps'>,
): void {
  const time = x.shape[1]!;
  for (const [gate, to] of entriesOf(places.dropout))
    writeRows(data, to, read(dropout[gate]!), range, outputSize(r));
  if (!mask) return;
  const {floats, at} = data;
  const {first, rows} = range;
  const values = read(mask);
  const begin = at(places.mask);
  for (let k = done - 1; k < done + steps; k++) {
    const t = r.direction === 'backward' ? time - 1 - k : k;
    const to = begin + (k + 1 - done) * rows;
    for (let row = 0; row < rows; row++) floats[to + row] = k < 0 ? 0 : values[(first + row) * time + t]!;
  }
}
