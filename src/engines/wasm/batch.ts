import type {Tensor} from '@tensorflow/tfjs-core';
import {entriesOf} from '../../recurrence/records';
import {type Gate, outputSize, type Recurrence} from '../../recurrence/types';
import type {RecurrenceInputs} from '../types';
import type {Place} from './program';
import type {Data} from './tasks';
import type {Window} from './windows';

/** A tensor's values. */
export type Read = (tensor: Tensor) => Float32Array;

/** Some rows of a batch. */
export interface Rows {
  readonly first: number;
  readonly rows: number;
}

/** A batch in as many parts of (nearly) equal size. */
export function splitRows(batch: number, parts: number): Rows[] {
  return Array.from({length: parts}, (_, k) => {
    const first = Math.floor((k * batch) / parts);
    return {first, rows: Math.floor(((k + 1) * batch) / parts) - first};
  });
}

/** Puts rows of a tensor's values, of so many numbers each, into a task's data. */
export function putRows(
  {floats, at}: Data,
  to: Place,
  values: Float32Array,
  {first, rows}: Rows,
  size: number,
): void {
  floats.set(values.subarray(first * size, (first + rows) * size), at(to));
}

/** Takes rows out of a task's data. */
export function takeRows(
  {floats, at}: Data,
  from: Place,
  values: Float32Array,
  {first, rows}: Rows,
  size: number,
): void {
  const begin = at(from);
  values.set(floats.subarray(begin, begin + rows * size), first * size);
}

/** Where a program reads what both directions are given. */
export interface GivenPlaces {
  /**
   * `[steps + 1, rows]`: the mask of the step before the first, then of each step in the order of processing. Before all
   * steps it is 0.
   */
  readonly mask: Place;
  readonly dropout: Readonly<Partial<Record<Gate | 'all', Place>>>;
}

/** Puts in the mask of some steps, in the order of processing, and dropout. */
export function putGiven(
  data: Data,
  places: GivenPlaces,
  r: Recurrence,
  {x, mask, dropout}: RecurrenceInputs,
  read: Read,
  own: Rows,
  {done, steps}: Pick<Window, 'done' | 'steps'>,
): void {
  const time = x.shape[1]!;
  for (const [gate, to] of entriesOf(places.dropout))
    putRows(data, to, read(dropout[gate]!), own, outputSize(r));
  if (!mask) return;
  const {floats, at} = data;
  const {first, rows} = own;
  const values = read(mask);
  const begin = at(places.mask);
  for (let k = done - 1; k < done + steps; k++) {
    const t = r.direction === 'backward' ? time - 1 - k : k;
    const to = begin + (k + 1 - done) * rows;
    for (let row = 0; row < rows; row++) floats[to + row] = k < 0 ? 0 : values[(first + row) * time + t]!;
  }
}
