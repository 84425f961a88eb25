import {type CellStep, partOf} from './cell';
import type {Term} from './term';

/** Whether the parts of a state of `[c, h]` are what a cell reads, and the next one is made of what it makes. */
export function joinedUpdate(
  self: Term,
  value: Term,
  previous: readonly Term[],
  next: readonly Term[],
): boolean {
  if (previous.length !== 2 || value.op !== 'concat' || (value.data !== '1' && value.data !== '-1'))
    return false;
  const reads = previous.every((term, k) => {
    const cut = partOf(term);
    return cut?.whole === self && cut.index === k && cut.count === 2;
  });
  return reads && value.args.length === 2 && value.args.every((arg, k) => arg === next[k]);
}

/** Whether a cell's states are in one place together. */
export const isJoined = ({previous}: CellStep, places: readonly unknown[]): boolean =>
  places.length < previous.length;
