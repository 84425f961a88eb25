import type {UnitShard} from '../compile/layout';
import {indexOf, type Place} from '../compile/program';
import {RECORDS} from '../isa';
import type {Task} from './tasks';

const COUNTER_WORDS = Object.keys(RECORDS.counter).length;

/** The units in shards of (nearly) equal size, whole vectors each but the last; this thread runs the first one. */
export function unitShards(units: number, shards: number, lanes: number, maySleep: boolean): UnitShard[] {
  const vectors = Math.ceil(units / lanes);
  const from = (k: number): number => Math.min(units, Math.floor((k * vectors) / shards) * lanes);
  return Array.from({length: shards}, (_, index) => {
    const first = from(index);
    return {first, count: from(index + 1) - first, shards, maySleep: maySleep || index > 0};
  });
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
