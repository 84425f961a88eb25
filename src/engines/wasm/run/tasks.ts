import {align} from '../compile/layout';
import {indexOf, type Place, type Program} from '../compile/program';
import {RECORDS} from '../isa';
import type {Data} from './data';
import type {Kernel} from './kernel';
import {loadProgram} from './load';
import type {TimeChunk} from './time-chunks';

const COUNTER_WORDS = Object.keys(RECORDS.counter).length;

/** A program for a shard of a call, where its memory is, and what goes in and comes out. */
export interface Task {
  readonly program: Program;
  /** Bytes of its data. */
  readonly bytes: number;
  /** The address of what unit shards share; 0 where there are none. */
  readonly shared: number;
  /** The address of its packed weights. */
  readonly weights: number;
  /** The address of the forward pass's reserve; 0 where nothing is kept. */
  readonly reserve: number;
  /** Writes what the program reads. */
  fill(data: Data, chunk: TimeChunk): void;
  /** Reads what the program has written. */
  collect(data: Data, chunk: TimeChunk): void;
}

/**
 * Runs tasks, as many at a time as there are threads, chunk by chunk; `run` runs loaded programs side by side, by their
 * addresses.
 */
export function runTasks(
  {heap}: Kernel,
  tasks: readonly Task[],
  threads: number,
  chunks: readonly TimeChunk[],
  run: (programs: readonly number[]) => void,
): void {
  for (let first = 0; first < tasks.length; first += threads) {
    const together = tasks.slice(first, first + threads);
    const addresses: number[] = [];
    try {
      for (const {program, bytes} of together)
        addresses.push(heap.allocate(align(program.words.byteLength) + bytes));
      const {floats, words} = heap;
      const loaded = together.map((task, k) => {
        const program = addresses[k]!;
        const at = {...task, program, data: program + align(task.program.words.byteLength)};
        const data: Data = {floats, words, at: ({region, offset}) => (at[region] + offset) >>> 2};
        return {task, data, load: (chunk: TimeChunk) => loadProgram(task.program, words, at, chunk)};
      });
      for (const chunk of chunks) {
        for (const {task, data, load} of loaded) {
          load(chunk);
          task.fill(data, chunk);
        }
        run(addresses);
        for (const {task, data} of loaded) task.collect(data, chunk);
      }
    } finally {
      for (const at of addresses) heap.free(at);
    }
  }
}

/**
 * The tasks of unit shards, over tensors that they share: the first one writes and reads all of them.
 * @param shared the address of what they share
 * @param report is told how often a thread was late at a barrier
 */
export function sharing(
  tasks: readonly Task[],
  shared: number,
  counter: Place,
  report: (late: number) => void,
): Task[] {
  const nothing = (): void => undefined;
  const [first, ...others] = tasks as [Task, ...Task[]];
  const leader: Task = {
    ...first,
    shared,
    fill: (data, chunk) => {
      const begin = data.at(counter);
      if (chunk.done === 0) data.words.fill(0, begin, begin + COUNTER_WORDS);
      first.fill(data, chunk);
    },
    collect: (data, chunk) => {
      if (chunk.last) report(data.words[data.at(counter) + indexOf(RECORDS.counter, 'late')]!);
      first.collect(data, chunk);
    },
  };
  return [leader, ...others.map(task => ({...task, shared, fill: nothing, collect: nothing}))];
}
