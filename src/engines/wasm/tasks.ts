import type {Kernel} from './kernel';
import {align} from './layout';
import {type Place, type Program, place} from './program';

/** A program for some rows of a batch, and what goes in and comes out. */
export interface Task {
  readonly program: Program;
  /** Bytes of its data. */
  readonly bytes: number;
  /** The address of its weights. */
  readonly packs: number;
  /** Puts in what the program reads. */
  fill(data: Data): void;
  /** Takes out what it has left. */
  collect(data: Data): void;
}

/** The numbers of a task's data. */
export interface Data {
  /** All memory; valid until the next piece of it is taken. */
  readonly floats: Float32Array;
  /** Where a place begins in it. */
  at(place: Place): number;
}

/** Runs tasks, as many at a time as there are threads; `run` runs programs side by side, by their addresses. */
export function runTasks(
  {heap}: Kernel,
  tasks: readonly Task[],
  threads: number,
  run: (programs: readonly number[]) => void,
): void {
  for (let first = 0; first < tasks.length; first += threads) {
    const some = tasks.slice(first, first + threads);
    const addresses: number[] = [];
    try {
      for (const {program, bytes} of some) addresses.push(heap.take(align(program.words.byteLength) + bytes));
      const {floats, words} = heap;
      const data = some.map(({program}, k): Data => {
        const begin = addresses[k]! + align(program.words.byteLength);
        return {floats, at: ({offset}) => (begin + offset) >>> 2};
      });
      for (const [k, task] of some.entries()) {
        const at = addresses[k]!;
        const begin = at + align(task.program.words.byteLength);
        place(task.program, words, {program: at, data: begin, packs: task.packs});
        task.fill(data[k]!);
      }
      run(addresses);
      for (const [k, task] of some.entries()) task.collect(data[k]!);
    } finally {
      for (const at of addresses) heap.give(at);
    }
  }
}
