import type {Parts} from './common';
import type {Columns} from './layout';
import {moved, type Place} from './program';
import type {Task} from './tasks';

/** Of the counter that programs meet at (`kernel/meet.ts`): the last of its words says how often one was late. */
const COUNTER_WORDS = 3;
export const COUNTER_BYTES = 4 * COUNTER_WORDS;

/** Units in so many shares of (nearly) equal size, whole vectors each but the last; the first is the caller's own. */
export function splitColumns(units: number, shares: number, lanes: number, maySleep: boolean): Columns[] {
  const vectors = Math.ceil(units / lanes);
  const from = (k: number): number => Math.min(units, Math.floor((k * vectors) / shares) * lanes);
  return Array.from({length: shares}, (_, index) => {
    const first = from(index);
    return {first, count: from(index + 1) - first, shares, maySleep: maySleep || index > 0};
  });
}

/**
 * Tasks of programs that meet, over tensors that they share: the first of them puts all in, and takes all out.
 * @param met is told how often a thread was late
 */
export function sharing(
  tasks: readonly Task[],
  shared: number,
  counter: Place,
  met: (late: number) => void,
): Task[] {
  const nothing = (): void => undefined;
  const [first, ...others] = tasks as [Task, ...Task[]];
  const own: Task = {
    ...first,
    shared,
    fill: (data, window) => {
      const begin = data.at(counter);
      if (window.done === 0) data.words.fill(0, begin, begin + COUNTER_WORDS);
      first.fill(data, window);
    },
    collect: (data, window) => {
      if (window.last) met(data.words[data.at(counter) + COUNTER_WORDS - 1]!);
      first.collect(data, window);
    },
  };
  return [own, ...others.map(task => ({...task, shared, fill: nothing, collect: nothing}))];
}

/**
 * Where programs that have some of the columns each meet in a step: before a product, which reads all columns of a
 * state. Each puts its own where all can read them, once, and waits for the others.
 *
 * What is shared lies in a ring of a round's steps: nobody writes again where another one may still read, since he who is
 * a step ahead has met all others after their last reading.
 */
export class Meeting {
  private readonly met: Place;
  private readonly shared = new Map<Place, Place>();

  constructor(
    private readonly parts: Parts,
    private readonly counter: Place,
    private readonly round: number,
  ) {
    const {writer, room} = parts;
    this.met = room.take(4);
    writer.add('before', 'zero', this.met, 4);
  }

  /** Where all columns of a value are, of which these programs have their own at `from`. */
  share(from: Place): Place {
    const known = this.shared.get(from);
    if (known) return known;
    const {writer, sizes, tensors} = this.parts;
    const {units, rows} = sizes;
    const {shares, maySleep} = sizes.columns!;
    const row = sizes.row(sizes.whole.units);
    const all = {...tensors.take(this.round * rows * row), step: rows * row, reset: true};
    const own = moved(all, sizes.first * 4);
    writer.add('step', 'copyRows', own, 0, row, from, 0, sizes.row(units), 1, rows, units);
    writer.add('step', 'meet', this.counter, shares, this.met, maySleep ? 1 : 0);
    this.shared.set(from, all);
    return all;
  }
}
