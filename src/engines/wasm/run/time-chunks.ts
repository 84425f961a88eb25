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
