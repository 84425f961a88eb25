import type {Tensor} from '@tensorflow/tfjs-core';
import {entriesOf} from '../../../recurrence/records';
import {outputSize, type Recurrence, runsAgainstTime} from '../../../recurrence/types';
import type {RecurrenceInputs} from '../../types';
import type {DropoutPlaces} from '../compile/leaves';
import type {Place} from '../compile/program';
import type {Data} from './data';
import type {BatchRange} from './shards';
import type {TimeChunk} from './time-chunks';

/** Steps of a sequence in the order of time, and their place in a program's tensor, which has room for `capacity` steps. */
interface Span {
  readonly first: number;
  readonly steps: number;
  readonly time: number;
  readonly at: number;
  readonly capacity: number;
}

/** The span of values that are moved as a whole, or that have no steps. */
const WHOLE: Span = {first: 0, steps: 1, time: 1, at: 0, capacity: 1};

/** The steps of x that a chunk reads, and of y that it writes. A program that runs against time begins at its tensor's end. */
export function spansOf(
  r: Recurrence,
  {done, steps}: TimeChunk,
  time: number,
  capacity: number,
): Readonly<Record<'x' | 'y', Span>> {
  const alongTime = {first: done, steps, time, at: 0, capacity};
  if (r.direction !== 'backward') return {x: alongTime, y: alongTime};
  const againstTime = {first: time - done - steps, steps, time, at: capacity - steps, capacity};
  return {x: againstTime, y: runsAgainstTime(r) ? alongTime : againstTime};
}

/** Writes rows of values into a program's tensor: all `size` elements of a row, or those of some steps, `size` each. */
export function writeRows(
  data: Data,
  to: Place,
  values: Float32Array,
  range: BatchRange,
  size: number,
  span = WHOLE,
): void {
  const begin = data.at(to);
  eachPiece(range, size, span, (outside, count, inside) =>
    data.floats.set(values.subarray(outside, outside + count), begin + inside),
  );
}

/** Reads a program's tensor into rows of values, as `writeRows` writes it. */
export function readRows(
  data: Data,
  from: Place,
  values: Float32Array,
  range: BatchRange,
  size: number,
  span = WHOLE,
): void {
  const begin = data.at(from);
  eachPiece(range, size, span, (outside, count, inside) =>
    values.set(data.floats.subarray(begin + inside, begin + inside + count), outside),
  );
}

/** Where a row's steps are in the values and in the tensor; all rows are one piece where all steps are moved. */
function eachPiece(
  {first, rows}: BatchRange,
  size: number,
  {first: firstStep, steps, time, at, capacity}: Span,
  move: (outside: number, count: number, inside: number) => void,
): void {
  if (steps === time && capacity === time) {
    move(first * time * size, rows * time * size, 0);
    return;
  }
  for (let row = 0; row < rows; row++) {
    const outside = ((first + row) * time + firstStep) * size;
    move(outside, steps * size, (row * capacity + at) * size);
  }
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
  read: (tensor: Tensor) => Float32Array,
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
