import type {Id} from '../../../recurrence/expression';
import {widthsOf} from '../../../recurrence/nodes';
import type {StepGraph} from '../../../recurrence/step';
import {Arena, elementsOf, type Sizes} from './layout';
import type {Place} from './program';

/** A value that the forward pass keeps at all steps, in the order of processing: `[time, blocks, rows, elements]`. */
export interface Stack {
  /** Its first step. Rows are of whole vectors. */
  readonly place: Place;
  readonly blocks: number;
  /** Elements of a block's row; 0 of a value that is one number for the whole row. */
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
  const {recurrence: r} = sizes;
  const widths = widthsOf(nodes, r);
  const x = arena.allocate(sizes.rows * sizes.time * sizes.width * 4);
  const stacks = new Map(
    saved.map(id => {
      const {blocks} = widths[id]!;
      const elements = elementsOf(widths[id]!, r);
      const bytes = blocks * sizes.value(elements);
      return [id, {place: arena.allocate(sizes.time * bytes), blocks, elements, bytes}];
    }),
  );
  return {x, stacks, bytes: arena.bytes};
}
