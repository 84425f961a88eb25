import type {Tensor} from '@tensorflow/tfjs-core';
import {type MaskRule, type Recurrence, runsAgainstTime} from '../../recurrence/types';
import type {Scratch, Sequence, TimeChunk} from './time-chunks';

/**
 * What a masked step puts out, of the rules by which it keeps the state: zero, h as it is kept, or the output before it.
 * ONNX cannot run the others.
 */
export const MASKED_OUTPUT: Readonly<Record<MaskRule, 'zero' | 'state' | 'previous' | undefined>> = {
  holdRepeat: 'previous',
  holdZero: 'zero',
  holdState: 'state',
  forget: undefined,
};

/**
 * Masks as ONNX Runtime has them: a length per row. Steps that are masked change no state,
 * so that a row is its other steps, one after the other; their outputs are put where they belong afterwards.
 */
export interface Steps {
  /** How many steps of each row count, `[batch]`. */
  readonly lengths: Int32Array;
  /** Which ones they are, in time order, `[batch, time]`; only the first ones of a row are set. */
  readonly places: Int32Array;
  /** In every row the first ones, so that nothing has to be moved. */
  readonly first: boolean;
  readonly longest: number;
}

const known = new WeakMap<object, Steps>();

/** The steps that count in a mask, `[batch, time]`; several layers share one, which is looked at once. */
export function stepsOf(mask: Tensor): Steps {
  let steps = known.get(mask.dataId);
  if (!steps) {
    steps = readSteps(mask.dataSync(), mask.shape as [number, number]);
    known.set(mask.dataId, steps);
  }
  return steps;
}

function readSteps(mask: ArrayLike<number>, [batch, time]: [number, number]): Steps {
  const lengths = new Int32Array(batch);
  const places = new Int32Array(batch * time);
  let first = true;
  for (let row = 0; row < batch; row++) {
    let length = 0;
    for (let t = 0; t < time; t++) {
      if (!mask[row * time + t]) continue;
      if (t !== length) first = false;
      places[row * time + length++] = t;
    }
    lengths[row] = length;
  }
  return {lengths, places, first, longest: lengths.reduce((a, b) => Math.max(a, b), 0)};
}

/** How many of a chunk's steps each row has, `[batch]`; chunks are of the steps that count. */
export function lengthsIn({lengths}: Steps, {from, steps}: TimeChunk): Int32Array {
  return lengths.map(length => Math.min(Math.max(length - from, 0), steps));
}

/**
 * Those of the steps that count that a chunk has, at the beginning of each row, `[batch, steps of it, size]`; behind
 * them whatever there was.
 */
export function gathered(
  x: Sequence,
  {lengths, places}: Steps,
  chunk: TimeChunk,
  scratch: Scratch,
): Float32Array {
  const {size} = x;
  const {from, steps} = chunk;
  const data = scratch(chunk);
  for (const [row, length] of lengths.entries()) {
    for (let k = from; k < Math.min(length, from + steps); k++) {
      const own = (row * x.time + places[row * x.time + k]!) * size;
      data.set(x.data.subarray(own, own + size), (row * steps + k - from) * size);
    }
  }
  return data;
}

/**
 * Puts a chunk's outputs where they belong in those of all steps, in the recurrence's order.
 * @param block at the beginning of each row, in time order, `[batch, steps of it, size]`
 */
export function scatter(
  r: Recurrence,
  y: Sequence,
  {lengths, places}: Steps,
  {from, steps}: TimeChunk,
  block: Float32Array,
): void {
  const {time, size} = y;
  const turned = runsAgainstTime(r);
  for (const [row, length] of lengths.entries()) {
    for (let k = from; k < Math.min(length, from + steps); k++) {
      const t = places[row * time + k]!;
      const own = (row * steps + k - from) * size;
      y.data.set(block.subarray(own, own + size), (row * time + (turned ? time - 1 - t : t)) * size);
    }
  }
}

/**
 * Puts in what masked steps put out, zeros aside, which are there already.
 * @param y with the outputs of the steps that count
 * @param initial h before the first step, `[batch, size]`; zeros where absent
 */
export function hold(
  r: Recurrence,
  y: Sequence,
  {lengths, places}: Steps,
  initial: Float32Array | undefined,
): void {
  const rule = MASKED_OUTPUT[r.mask];
  if (rule === 'zero') return;
  const {time, size} = y;
  for (const [row, length] of lengths.entries()) {
    const first = rule === 'state' ? initial?.subarray(row * size, (row + 1) * size) : undefined;
    holdRow(r, y, row, places.subarray(row * time, row * time + length), first);
  }
}

/**
 * @param counting the steps of the row that count, in order of time
 * @param first what masked steps before any of them put out; zeros where absent
 */
function holdRow(
  r: Recurrence,
  {data, time, size}: Sequence,
  row: number,
  counting: Int32Array,
  first: Float32Array | undefined,
): void {
  const backwards = r.direction === 'backward';
  const turned = runsAgainstTime(r);
  let held = first;
  let next = backwards ? counting.length - 1 : 0;
  for (let s = 0; s < time; s++) {
    const t = backwards ? time - 1 - s : s;
    const own = (row * time + (turned ? s : t)) * size;
    // Beyond either end there is no step, and nothing equals t.
    if (counting[next] === t) {
      held = data.subarray(own, own + size);
      next += backwards ? -1 : 1;
    } else if (held) data.set(held, own);
  }
}

/** Rows in which no step counts end as they began: their final state, `[batch, size]`, is put right. */
export function withoutSteps(
  final: Float32Array,
  lengths: Int32Array,
  initial: Float32Array | undefined,
): void {
  const size = final.length / lengths.length;
  for (const [row, length] of lengths.entries()) {
    if (length > 0) continue;
    const [begin, end] = [row * size, (row + 1) * size];
    if (initial) final.set(initial.subarray(begin, end), begin);
    else final.fill(0, begin, end);
  }
}

/** The last processed step's output, from the final h, `[batch, size]`. */
export function lastOutput(r: Recurrence, h: Float32Array, {lengths, places}: Steps): Float32Array {
  const y = h.slice();
  const size = h.length / lengths.length;
  const time = places.length / lengths.length;
  const rule = MASKED_OUTPUT[r.mask];
  for (const [row, length] of lengths.entries()) {
    const last = r.direction === 'forward' ? time - 1 : 0;
    const edge = r.direction === 'forward' ? length - 1 : 0;
    const ends = length > 0 && places[row * time + edge] === last;
    const isZero = rule === 'zero' ? !ends : rule === 'previous' && length === 0;
    if (isZero) y.fill(0, row * size, (row + 1) * size);
  }
  return y;
}
