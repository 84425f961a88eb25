import {RECORDS} from '../isa';
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
export class AllGather {
  private readonly target: Place;
  private readonly gathered = new Map<Place, Place>();

  constructor(
    private readonly c: Compilation,
    private readonly counter: Place,
  ) {
    this.target = c.data.allocate(4);
    c.add('before', 'zero', {to: this.target, bytes: 4});
  }

  /** The whole of a value whose units of this program are at `from`. */
  whole(from: Place): Place {
    const known = this.gathered.get(from);
    if (known) return known;
    const {c} = this;
    const {sizes} = c;
    const {rows, units} = sizes;
    const {shards, maySleep} = sizes.shard!;
    const row = sizes.row(sizes.whole.units);
    const whole = c.buffer(rows * row, c.tensors);
    c.copy('step', {
      to: moved(whole, sizes.first * 4),
      toRow: row,
      from,
      fromRow: sizes.row(units),
      elements: units,
    });
    c.add('step', 'barrier', {counter: this.counter, programs: shards, target: this.target, maySleep});
    this.gathered.set(from, whole);
    return whole;
  }
}
