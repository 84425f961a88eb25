import type {Id} from '../../../recurrence/expression';
import type {StepGraph} from '../../../recurrence/step';
import {Arena, type Sizes} from './layout';
import type {Place} from './program';
import {blocksOf, elementsOf} from './widths';

/** A value that the forward pass keeps at all steps, in the order of processing: `[time, blocks, rows, elements]`. */
export interface Stack {
  /** Its first step. Rows are of whole vectors. */
  readonly place: Place;
  readonly blocks: number;
  /** Elements of a block's row. */
  readonly elements: number;
  /** Bytes of a step. */
  readonly bytes: number;
}

/** The reserve: what a forward pass keeps for the backward pass, in a piece of memory of its own. */
export interface ReserveLayout {
  /** `[rows, time, width]` */
  readonly x: Place;
  readonly stacks: ReadonlyMap<Id, Stack>;
  readonly bytes: number;
}

/** Lays the reserve out, alike for both directions. */
export function reserveLayout(sizes: Sizes, {nodes}: StepGraph, saved: readonly Id[]): ReserveLayout {
  const arena = new Arena('reserve');
  const elements = elementsOf(nodes, sizes.recurrence, nothing);
  const blocks = blocksOf(nodes, nothing);
  const x = arena.allocate(sizes.rows * sizes.time * sizes.width * 4);
  const stacks = new Map(
    saved.map(id => {
      const bytes = blocks[id]! * sizes.value(elements[id]!);
      const place = arena.allocate(sizes.time * bytes);
      return [id, {place, blocks: blocks[id]!, elements: elements[id]!, bytes}];
    }),
  );
  return {x, stacks, bytes: arena.bytes};
}

function nothing(): never {
  throw new TypeError('a forward step reads no saved values');
}
