import type {Recurrence} from '../../recurrence/types';

/**
 * The mask of some rows as programs read it: `[time + 1, rows]`, a row of zeros, then the steps in the order of
 * processing.
 * @param mask `[batch, time]`, anything but 0 counts
 */
export function writeMask(
  to: Float32Array,
  at: number,
  mask: ArrayLike<number>,
  {direction}: Pick<Recurrence, 'direction'>,
  time: number,
  {first, rows}: {readonly first: number; readonly rows: number},
): void {
  to.fill(0, at, at + rows);
  for (let k = 0; k < time; k++) {
    const t = direction === 'backward' ? time - 1 - k : k;
    for (let row = 0; row < rows; row++) to[at + (k + 1) * rows + row] = mask[(first + row) * time + t]!;
  }
}
