import type {Tensor} from '@tensorflow/tfjs-core';
import {outputSize, type Recurrence} from '../../recurrence/types';
import type {RecurrenceInputs} from '../types';
import {valuesOf} from '../values';
import type {Place} from './program';
import type {Data} from './tasks';

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

/** Puts rows of a tensor, of so many numbers each, into a task's data. */
export function putRows(
  {floats, at}: Data,
  to: Place,
  tensor: Tensor,
  {first, rows}: Rows,
  size: number,
): void {
  floats.set(valuesOf(tensor).subarray(first * size, (first + rows) * size), at(to));
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
  /** `[time + 1, rows]`: a row of zeros, then the mask of each step in the order of processing. */
  readonly mask: Place;
  readonly dropout: Readonly<Record<string, Place>>;
}

/** Puts in the mask and dropout. */
export function putGiven(
  data: Data,
  places: GivenPlaces,
  r: Recurrence,
  {x, mask, dropout}: RecurrenceInputs,
  own: Rows,
): void {
  const time = x.shape[1]!;
  for (const [gate, to] of Object.entries(places.dropout))
    putRows(data, to, dropout[gate]!, own, outputSize(r));
  if (!mask) return;
  const {floats, at} = data;
  const {first, rows} = own;
  const values = mask.dataSync();
  const begin = at(places.mask);
  floats.fill(0, begin, begin + rows);
  for (let k = 0; k < time; k++) {
    const t = r.direction === 'backward' ? time - 1 - k : k;
    for (let row = 0; row < rows; row++)
      floats[begin + (k + 1) * rows + row] = values[(first + row) * time + t]!;
  }
}
