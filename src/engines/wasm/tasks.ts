import type {Kernel} from './kernel';
import {align} from './layout';
import {type Place, type Program, place} from './program';
import type {Window} from './windows';

/** A program for some rows of a batch, and what goes in and comes out. */
export interface Task {
  readonly program: Program;
  /** Bytes of its data. */
  readonly bytes: number;
  /** The address of what it shares with those that it meets; 0: it meets none. */
  readonly shared: number;
  /** The address of its weights. */
  readonly packs: number;
  /** The address of what is kept of the forward pass; 0: nothing is. */
  readonly kept: number;
  /** Puts in what the program reads. */
  fill(data: Data, window: Window): void;
  /** Takes out what it has left. */
  collect(data: Data, window: Window): void;
}

/** The numbers of a task's data. */
export interface Data {
  /** All memory; valid until the next piece of it is taken. */
  readonly floats: Float32Array;
  /** The same as integers. */
  readonly words: Int32Array;
  /** Where a place begins in it. */
  at(place: Place): number;
}

/**
 * Runs tasks, as many at a time as there are threads, all of them window by window; `run` runs programs side by side, by
 * their addresses.
 */
export function runTasks(
  {heap}: Kernel,
  tasks: readonly Task[],
  threads: number,
  windows: readonly Window[],
  run: (programs: readonly number[]) => void,
): void {
  for (let first = 0; first < tasks.length; first += threads) {
    const some = tasks.slice(first, first + threads);
    const addresses: number[] = [];
    try {
      for (const {program, bytes} of some) addresses.push(heap.take(align(program.words.byteLength) + bytes));
      const {floats, words} = heap;
      const data = some.map((task, k): Data & {place(window: Window): void} => {
        const program = addresses[k]!;
        const at = {...task, program, data: program + align(task.program.words.byteLength)};
        return {
          floats,
          words,
          at: ({region, offset}) => (at[region] + offset) >>> 2,
          place: window => place(task.program, words, at, window),
        };
      });
      for (const window of windows) {
        for (const [k, task] of some.entries()) {
          data[k]!.place(window);
          task.fill(data[k]!, window);
        }
        run(addresses);
        for (const [k, task] of some.entries()) task.collect(data[k]!, window);
      }
    } finally {
      for (const at of addresses) heap.give(at);
    }
  }
}
