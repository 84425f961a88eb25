import {RECORDS} from '../isa';
import {cached} from './cached';
import type {Compilation} from './compilation';
import {moved, type Place} from './program';

/** Bytes of the counter that unit shards meet at. */
export const COUNTER_BYTES = 4 * Object.keys(RECORDS.counter).length;

/**
 * Makes values whole that unit shards compute their own units of: before a product, each program writes its units into a
 * buffer that all read, once per value, and waits at a barrier.
 *
 * The buffer has a place for each step of an iteration, two at least. No program writes where another one may still
 * read: to be a step ahead, it has passed a barrier that the other one reached after its last reading.
 */
export function allGather(c: Compilation, counter: Place): (value: Place) => Place {
  const {sizes} = c;
  const {rows, units} = sizes;
  const {shards: programs, maySleep} = sizes.shard!;
  const row = sizes.row(sizes.whole.units);
  const target = c.data.allocate(4);
  const gathered = new Map<Place, Place>();
  c.add('before', 'zero', {to: target, bytes: 4});
  return from =>
    cached(gathered, from, () => {
      const whole = c.buffer(rows * row, c.tensors);
      const to = moved(whole, sizes.first * 4);
      c.copy('step', {to, toRow: row, from, fromRow: sizes.row(units), elements: units});
      c.add('step', 'barrier', {counter, programs, target, maySleep});
      return whole;
    });
}
