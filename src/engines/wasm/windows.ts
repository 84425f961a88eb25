import {type Recurrence, runsAgainstTime} from '../../recurrence/types';
import type {Rows} from './batch';
import type {Place} from './program';
import type {Data} from './tasks';

/**
 * Long sequences go through the kernel's memory a window of steps at a time, so that it holds no second copy of x and y.
 * What a program carries from step to step stays where it is between windows.
 */
export interface Window {
  /** Steps that have been processed before it. */
  readonly done: number;
  readonly steps: number;
  readonly last: boolean;
}

/** Bytes of x and y that a window may have, and the fewest steps that are worth one. */
const DEFAULTS = {bytes: 1 << 22, fewest: 32};
let limits = DEFAULTS;

/** How many steps a window has, where x and y take so many bytes a step. */
export function windowSteps(time: number, bytes: number): number {
  return Math.min(time, Math.max(limits.fewest, Math.floor(limits.bytes / bytes)));
}

/** Lets windows have other sizes than by themselves; without any, those. */
export function limitWindows(own: typeof DEFAULTS = DEFAULTS): void {
  limits = own;
}

/** All windows of a sequence, in the order of processing; the last one may be shorter. */
export function windowsOf(time: number, steps: number): Window[] {
  return Array.from({length: Math.max(1, Math.ceil(time / steps))}, (_, k) => {
    const done = k * steps;
    return {done, steps: Math.min(steps, time - done), last: done + steps >= time};
  });
}

/** Some steps of a sequence, in the order of time, and where they are in a window of `room` steps. */
interface Span {
  readonly first: number;
  readonly steps: number;
  readonly time: number;
  readonly inWindow: number;
  readonly room: number;
}

/** Steps of x that a window reads, and of y that it writes. A program that runs against time begins at its end. */
export function spansOf(
  r: Recurrence,
  {done, steps}: Window,
  time: number,
  room: number,
): Readonly<Record<'x' | 'y', Span>> {
  const alongTime = {first: done, steps, time, inWindow: 0, room};
  if (r.direction !== 'backward') return {x: alongTime, y: alongTime};
  const againstTime = {first: time - done - steps, steps, time, inWindow: room - steps, room};
  return {x: againstTime, y: runsAgainstTime(r) ? alongTime : againstTime};
}

/** Puts steps of values `[batch, time, size]` into a task's data. */
export function putSteps(
  data: Data,
  to: Place,
  values: Float32Array,
  own: Rows,
  size: number,
  span: Span,
): void {
  const begin = data.at(to);
  eachRow(own, size, span, (outside, count, inside) =>
    data.floats.set(values.subarray(outside, outside + count), begin + inside),
  );
}

/** Takes steps out of a task's data, into all values of that shape. */
export function takeSteps(
  data: Data,
  from: Place,
  values: Float32Array,
  own: Rows,
  size: number,
  span: Span,
): void {
  const begin = data.at(from);
  eachRow(own, size, span, (outside, count, inside) =>
    values.set(data.floats.subarray(begin + inside, begin + inside + count), outside),
  );
}

/** Where a row's steps are among all numbers outside and inside; all rows are one piece where they are whole. */
function eachRow(
  {first, rows}: Rows,
  size: number,
  span: Span,
  move: (outside: number, count: number, inside: number) => void,
): void {
  const {steps, time, room} = span;
  if (steps === time && room === time) {
    move(first * time * size, rows * time * size, 0);
    return;
  }
  for (let row = 0; row < rows; row++) {
    const outside = ((first + row) * time + span.first) * size;
    move(outside, steps * size, (row * room + span.inWindow) * size);
  }
}
