import type {Frame} from './control-flow';
import {type GraphWriter, INT} from './graph-def';
import {type Int, integers} from './integers';
import {tensors} from './tensors';

/**
 * The time steps of tensors `[batch, time, ·]`, seen as rows `[batch·time, ·]`: read and written where they are,
 * without a copy of the whole that has time first.
 */
export class TimeSlices {
  private readonly starts = new Map<number, string>();

  /** @param batch how many sequences, an int32 scalar outside of loops; `time`: of how many steps */
  constructor(
    private readonly g: GraphWriter,
    private readonly batch: string,
    private readonly time: string,
  ) {}

  /** `count` steps from `begin` on of `x`, one after the other, `[count·batch, ·]`. Inside a loop. */
  read(frame: Frame, x: string, begin: Int, count: number): string {
    return this.gather(frame, x, this.at(frame, begin, count));
  }

  /** Those `steps` of `x`, a vector of any length. Inside a loop. */
  readEach(frame: Frame, x: string, steps: string): string {
    return this.gather(frame, x, this.grid(steps, frame.enter));
  }

  /** A buffer for so many values at each step; zeros if asked for. `after`: a node to wait for. */
  buffer(size: Int, {zeros, after}: {zeros?: boolean; after?: string} = {}): string {
    const {ints, empty} = tensors(this.g);
    return empty([ints.mul(this.batch, this.time), size], {zeros, after});
  }

  /** `buffer` with the values `[count·batch, ·]` of `count` steps from `begin` on, in place. Inside a loop. */
  write(frame: Frame, buffer: string, begin: Int, count: number, values: string): string {
    return this.update(buffer, this.at(frame, begin, count), values);
  }

  /** The same of those `steps`, a vector of any length. */
  writeEach(frame: Frame, buffer: string, steps: string, values: string): string {
    return this.update(buffer, this.grid(steps, frame.enter), values);
  }

  private gather({enter}: Frame, x: string, places: string): string {
    return this.g.add('GatherV2', [enter(x), places, enter(this.g.constant(0, 'int32'))], {
      Tparams: {type: 'float32'},
      Tindices: {type: 'int32'},
      Taxis: {type: 'int32'},
      batch_dims: {int: 0},
    });
  }

  private update(buffer: string, places: string, values: string): string {
    return this.g.add('InplaceUpdate', [buffer, places, values], {T: {type: 'float32'}});
  }

  private at({enter}: Frame, begin: Int, count: number): string {
    return this.g.add('AddV2', [enter(this.startsOf(count)), integers(this.g, enter).ref(begin)], INT);
  }

  /** Where the first `count` steps are: step by step, all sequences of each. */
  private startsOf(count: number): string {
    const known = this.starts.get(count);
    if (known) return known;
    const first = Array.from({length: count}, (_, step) => step);
    const starts = count === 1 ? this.sequences() : this.grid(this.g.constant(first, 'int32'));
    this.starts.set(count, starts);
    return starts;
  }

  /** Where all sequences of each of some steps are. */
  private grid(steps: string, enter = (outside: string): string => outside): string {
    const {g} = this;
    const ints = integers(g, enter);
    const column = g.add('ExpandDims', [steps, ints.ref(1)], {...INT, Tdim: {type: 'int32'}});
    const places = g.add('AddV2', [column, enter(this.startsOf(1))], INT);
    return g.add('Reshape', [places, ints.vector(-1)], {...INT, Tshape: {type: 'int32'}});
  }

  private sequences(): string {
    const {ints} = tensors(this.g);
    const end = ints.ref(ints.mul(this.batch, this.time));
    const starts = this.g.add('Range', [ints.ref(0), end, this.time], {Tidx: {type: 'int32'}});
    this.g.setType(starts, 'int32');
    return starts;
  }
}
