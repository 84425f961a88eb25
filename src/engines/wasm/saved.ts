import type {Id} from '../../recurrence/expression';
import type {StepGraph} from '../../recurrence/step';
import {Room, type Sizes} from './layout';
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

/** What a forward pass leaves for the backward one, where that pass has it: a piece of memory of its own. */
export interface Kept {
  /** `[rows, time, width]` */
  readonly x: Place;
  readonly stacks: ReadonlyMap<Id, Stack>;
  readonly bytes: number;
}

/** Lays that piece out; both directions do so alike. */
export function keptOf(sizes: Sizes, {nodes}: StepGraph, saved: readonly Id[]): Kept {
  const room = new Room('kept');
  const numbers = sizesOf(nodes, sizes.recurrence, nothing);
  const parts = partsOf(nodes, nothing);
  const x = room.take(sizes.rows * sizes.time * sizes.width * 4);
  const stacks = new Map(
    saved.map(id => {
      const bytes = parts[id]! * sizes.value(numbers[id]!);
      const place = room.take(sizes.time * bytes);
      return [id, {place, parts: parts[id]!, numbers: numbers[id]!, bytes}];
    }),
  );
  return {x, stacks, bytes: room.bytes};
}

function nothing(): never {
  throw new TypeError('a forward step reads no saved values');
}
