import {GATES, type Recurrence} from '../../recurrence/types';
import type {Call} from '../types';

/** Time steps that ONNX Runtime runs at once. */
export interface TimeChunk {
  readonly from: number;
  readonly steps: number;
}

/** A sequence `[batch, time, size]`. */
export interface Sequence {
  readonly data: Float32Array;
  readonly time: number;
  readonly size: number;
}

const MB = 2 ** 20;
/** A recurrent kernel of this many bytes stays in a core's cache from step to step. */
const CACHED_KERNEL = MB;
/**
 * For such kernels. Chunks cost time: 32, 100, 128, 256 (batch, time, features, units) takes 24 MB in one go; with
 * 8 MB it took 0.98 to 1.4 of that time, on a machine that was not idle.
 */
const CACHED_SCRATCH = 24 * MB;
/** For larger ones they cost more: at 64, 100, 256, 512, which takes 94 MB, a tenth with 32 MB, a quarter with 8. */
const MOST_SCRATCH = 96 * MB;

/** Bytes that ONNX Runtime may take for steps that it runs at once. */
function allowance({cell, units}: Recurrence): number {
  return 4 * GATES[cell].length * units * units <= CACHED_KERNEL ? CACHED_SCRATCH : MOST_SCRATCH;
}

/**
 * The chunks of a call, in the order of processing, about equally long, the first one as long as any; one where ONNX
 * Runtime needs no more than `most` bytes for all steps.
 */
export function timeChunksOf(
  r: Recurrence,
  {batch, time, features}: Pick<Call, 'batch' | 'time' | 'features'>,
  most = allowance(r),
): TimeChunk[] {
  const steps = Math.max(1, Math.floor(most / (batch * scratchPerRow(r, features))));
  if (time <= steps) return [{from: 0, steps: time}];
  const even = Math.ceil(time / Math.ceil(time / steps));
  const chunks: TimeChunk[] = [];
  for (let done = 0; done < time; done += even) {
    const own = Math.min(even, time - done);
    chunks.push({from: r.direction === 'backward' ? time - done - own : done, steps: own});
  }
  return chunks;
}

/**
 * Bytes that ONNX Runtime takes of one row and step: x and y with time first and y as it leaves, the pre-activations of
 * all gates; x and y once more where it turns them round. And y in JavaScript.
 */
function scratchPerRow({cell, units, direction}: Recurrence, features: number): number {
  const turned = direction === 'backward' ? 2 : 1;
  return 4 * (turned * (features + units) + (GATES[cell].length + 2) * units);
}

/** Gives scratch memory for a chunk's part of a sequence, `[batch, steps, size]`: the same for all chunks. */
export type Scratch = (chunk: TimeChunk) => Float32Array;

/** Made when it is first needed. The first chunk is as long as any. */
export function scratchFor(chunks: readonly TimeChunk[], batch: number, size: number): Scratch {
  let scratch: Float32Array | undefined;
  return ({steps}) => {
    scratch ??= new Float32Array(batch * chunks[0]!.steps * size);
    return scratch.subarray(0, batch * steps * size);
  };
}

/** Some steps of a sequence, `[batch, steps, size]`: a copy, unless they lie together as they are. */
export function cut({data, time, size}: Sequence, chunk: TimeChunk, scratch: Scratch): Float32Array {
  const {from, steps} = chunk;
  if (steps === time) return data;
  const batch = data.length / (time * size);
  if (batch === 1) return data.subarray(from * size, (from + steps) * size);
  const block = scratch(chunk);
  for (let row = 0; row < batch; row++) {
    const begin = (row * time + from) * size;
    block.set(data.subarray(begin, begin + steps * size), row * steps * size);
  }
  return block;
}

/** Puts some steps, `[batch, steps, size]`, into a sequence. */
export function insert({data, time, size}: Sequence, {from, steps}: TimeChunk, block: Float32Array): void {
  const batch = data.length / (time * size);
  for (let row = 0; row < batch; row++) {
    const own = row * steps * size;
    data.set(block.subarray(own, own + steps * size), (row * time + from) * size);
  }
}
