import {type Recurrence, runsAgainstTime} from '../../../recurrence/types';
import type {Place} from '../compile/program';
import type {BatchRange} from './batch';
import type {Data} from './data';
import type {TimeChunk} from './time-chunks';

/** Steps of a sequence in the order of time, and their place in a program's tensor, which has room for `capacity` steps. */
interface Span {
  readonly first: number;
  readonly steps: number;
  readonly time: number;
  readonly at: number;
  readonly capacity: number;
}

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

/** Writes steps of values `[batch, time, size]` into a program's tensor. */
export function writeSteps(
  data: Data,
  to: Place,
  values: Float32Array,
  range: BatchRange,
  size: number,
  span: Span,
): void {
  const begin = data.at(to);
  eachRow(range, size, span, (outside, count, inside) =>
    data.floats.set(values.subarray(outside, outside + count), begin + inside),
  );
}

/** Reads steps of a program's tensor into values `[batch, time, size]`. */
export function readSteps(
  data: Data,
  from: Place,
  values: Float32Array,
  range: BatchRange,
  size: number,
  span: Span,
): void {
  const begin = data.at(from);
  eachRow(range, size, span, (outside, count, inside) =>
    values.set(data.floats.subarray(begin + inside, begin + inside + count), outside),
  );
}

/** Where a row's steps are in the whole values and in the tensor; all rows are one piece where all steps are moved. */
function eachRow(
  {first, rows}: BatchRange,
  size: number,
  span: Span,
  move: (outside: number, count: number, inside: number) => void,
): void {
  const {steps, time, capacity} = span;
  if (steps === time && capacity === time) {
    move(first * time * size, rows * time * size, 0);
    return;
  }
  for (let row = 0; row < rows; row++) {
    const outside = ((first + row) * time + span.first) * size;
    move(outside, steps * size, (row * capacity + span.at) * size);
  }
}
