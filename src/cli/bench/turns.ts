import {setTimeout as sleep} from 'node:timers/promises';

/** One of those that are timed beside each other. */
export interface Contestant {
  readonly name: string;
  /** Runs a block of calls one after the other; gives milliseconds a call. */
  block(calls: number): number | Promise<number>;
}

export interface TurnOptions {
  readonly rounds: number;
  /** A block of calls lasts about this long. */
  readonly blockMs: number;
  /** Between blocks: the threads of the one before go to sleep. */
  readonly pauseMs: number;
}

export const TURNS: TurnOptions = {rounds: 9, blockMs: 60, pauseMs: 30};

/** One call that takes longer than this (ms) is a block, and says enough in every third round. */
const SLOW_MS = 800;
const SLOW_EVERY = 3;
/** Else a block is at least so many calls. */
const FEWEST_CALLS = 2;

/** Milliseconds a call, by round; undefined in rounds that a slow contestant sat out. */
export type Times = readonly (number | undefined)[];

/**
 * Times contestants in turn, a block of calls each; who is first moves on from round to round. Each has a call to
 * itself before its block: threads that the one before left spinning would count against it.
 *
 * @param contestants each has run once already
 * @returns the times of each, in the order of the contestants
 */
export async function takeTurns(
  contestants: readonly Contestant[],
  {rounds, blockMs, pauseMs}: TurnOptions,
): Promise<Times[]> {
  const calls: number[] = [];
  for (const contestant of contestants) {
    const first = await contestant.block(1);
    if (first > SLOW_MS) calls.push(1);
    else calls.push(Math.max(FEWEST_CALLS, Math.ceil(blockMs / (await contestant.block(1)))));
  }
  const times: (number | undefined)[][] = contestants.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (let k = 0; k < contestants.length; k++) {
      const index = (k + round) % contestants.length;
      const contestant = contestants[index]!;
      const isSlow = calls[index] === 1;
      if (isSlow && round % SLOW_EVERY !== 0) {
        times[index]!.push(undefined);
        continue;
      }
      await sleep(pauseMs);
      if (!isSlow) await contestant.block(1);
      times[index]!.push(await contestant.block(calls[index]!));
    }
  }
  return times;
}

/** Times a block of calls, by the time of day or another clock of milliseconds. */
export async function timed(
  call: () => unknown,
  calls: number,
  clock: () => number = () => performance.now(),
): Promise<number> {
  const start = clock();
  for (let k = 0; k < calls; k++) await call();
  return (clock() - start) / calls;
}

/** The middle of some numbers, and where a tenth of them lie below and above. */
export interface Spread {
  readonly median: number;
  readonly p10: number;
  readonly p90: number;
}

/** NaN throughout where there are no numbers. */
export function spread(values: Times): Spread {
  const sorted = values.filter(value => value !== undefined).sort((a, b) => a - b);
  const at = (q: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
  return {median: at(0.5), p10: at(0.1), p90: at(0.9)};
}

/** One contestant's time by another's in the same round. */
export function ratios(times: Times, by: Times): Times {
  return times.map((time, k) => {
    const other = by[k];
    return time === undefined || other === undefined ? undefined : time / other;
  });
}
