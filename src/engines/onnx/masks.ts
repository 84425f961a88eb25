import type {Tensor} from '@tensorflow/tfjs-core';
import {type MaskRule, type Recurrence, runsAgainstTime} from '../../recurrence/types';

/**
 * Masks as ONNX Runtime has them: a length per row. Steps that are masked change no state (all rules but `forget`),
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

/** A sequence `[batch, time, size]`. */
interface Sequence {
  readonly data: Float32Array;
  readonly time: number;
  readonly size: number;
}

/** The steps that count at the beginning of each row, `[batch, longest or 1, size]`. */
export function gathered(x: Sequence, {lengths, places, longest}: Steps): Sequence {
  const {size} = x;
  const time = Math.max(1, longest);
  const data = new Float32Array(lengths.length * time * size);
  for (const [row, length] of lengths.entries()) {
    for (let k = 0; k < length; k++) {
      const from = (row * x.time + places[row * x.time + k]!) * size;
      data.set(x.data.subarray(from, from + size), (row * time + k) * size);
    }
  }
  return {data, time, size};
}

/**
 * The outputs of all steps, `[batch, time, size]`, in the recurrence's order.
 * @param y of the steps that count, at the beginning of each row, in time order
 * @param initial h before the first step, `[batch, size]`; zeros where absent
 */
export function scattered(
  r: Recurrence,
  y: Sequence,
  {lengths, places}: Steps,
  time: number,
  initial: Float32Array | undefined,
): Float32Array {
  const {size} = y;
  const result = new Float32Array(lengths.length * time * size);
  const backwards = r.direction === 'backward';
  const turned = runsAgainstTime(r);
  for (const [row, length] of lengths.entries()) {
    // What a masked step puts out; zeros where there is nothing.
    let held = r.mask === 'holdState' ? initial?.subarray(row * size, (row + 1) * size) : undefined;
    let next = backwards ? length - 1 : 0;
    for (let s = 0; s < time; s++) {
      const t = backwards ? time - 1 - s : s;
      const counts = next >= 0 && next < length && places[row * time + next] === t;
      const own = (row * y.time + next) * size;
      const value = counts ? y.data.subarray(own, own + size) : held;
      if (value) result.set(value, (row * time + (turned ? s : t)) * size);
      if (!counts) continue;
      if (r.mask !== 'holdZero') held = value;
      next += backwards ? -1 : 1;
    }
  }
  return result;
}

/** Rows in which no step counts end as they began: their final state, `[batch, size]`, is put right. */
export function withoutSteps(final: Float32Array, {lengths}: Steps, initial: Float32Array | undefined): void {
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
  for (const [row, length] of lengths.entries()) {
    const last = r.direction === 'forward' ? time - 1 : 0;
    const edge = r.direction === 'forward' ? length - 1 : 0;
    const ends = length > 0 && places[row * time + edge] === last;
    if (isZero(r.mask, ends, length)) y.fill(0, row * size, (row + 1) * size);
  }
  return y;
}

/** @param counts whether the last processed step does */
function isZero(rule: MaskRule, counts: boolean, length: number): boolean {
  if (rule === 'holdZero') return !counts;
  return rule === 'holdRepeat' && length === 0;
}
