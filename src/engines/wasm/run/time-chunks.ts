import {type Recurrence, runsAgainstTime} from '../../../recurrence/types';
import type {Place} from '../compile/program';
import type {BatchRange} from './batch';
import type {Data} from './tasks';

/**
 * Some steps of a sequence. A long sequence goes through the kernel's memory a time chunk at a time, so that the memory
 * holds no second copy of x and y. What a program carries from step to step stays where it is between chunks.
 */
export interface TimeChunk {
  /** Steps that have been processed before. */
  readonly done: number;
  readonly steps: number;
  readonly last: boolean;
}

/** Bytes of x and y that a chunk may have, and the fewest steps of a chunk. */
const DEFAULTS = {bytes: 1 << 22, fewest: 32};
let limits = DEFAULTS;

/** The steps of a chunk, where x and y take so many bytes a step. */
export function chunkSteps(time: number, bytes: number): number {
  return Math.min(time, Math.max(limits.fewest, Math.floor(limits.bytes / bytes)));
}

/** Sets the limits of chunks; without an argument, the default ones. */
export function limitChunks(own: typeof DEFAULTS = DEFAULTS): void {
  limits = own;
}

/** All chunks of a sequence, in the order of processing; the last one may be shorter. */
export function timeChunks(time: number, steps: number): TimeChunk[] {
  return Array.from({length: Math.max(1, Math.ceil(time / steps))}, (_, k) => {
    const done = k * steps;
    return {done, steps: Math.min(steps, time - done), last: done + steps >= time};
  });
}

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
