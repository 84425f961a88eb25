import type {Id} from '../../recurrence/expression';
import type {StepGraph} from '../../recurrence/step';
import type {Room, Sizes} from './layout';
import {partsOf, sizesOf} from './nodes';
import type {Place} from './program';

/** A value that the forward pass keeps, at all steps in the order of processing: `[time, parts, rows, numbers]`. */
export interface Stack {
  /** Its first step. Rows are of whole vectors. */
  readonly place: Place;
  readonly parts: number;
  readonly numbers: number;
  /** From step to step. */
  readonly bytes: number;
}

export interface Stacks {
  readonly of: ReadonlyMap<Id, Stack>;
  /** All of them, in one piece. */
  readonly place: Place;
  readonly bytes: number;
}

/** Room for everything that the backward pass reads; both directions lay it out alike. */
export function savedStacks(room: Room, sizes: Sizes, {nodes}: StepGraph, saved: readonly Id[]): Stacks {
  const numbers = sizesOf(nodes, sizes.recurrence, nothing);
  const parts = partsOf(nodes, nothing);
  const before = room.bytes;
  const of = new Map(
    saved.map(id => {
      const bytes = parts[id]! * sizes.value(numbers[id]!);
      const place = room.take(sizes.time * bytes);
      return [id, {place, parts: parts[id]!, numbers: numbers[id]!, bytes}];
    }),
  );
  return {of, place: {region: 'data', offset: before}, bytes: room.bytes - before};
}

function nothing(): never {
  throw new TypeError('a forward step reads no saved values');
}
