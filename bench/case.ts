import {ratios, type Spread, spread, type Times, type TurnOptions, takeTurns} from '../src/cli/bench/turns';
import {disposeEngines} from '../src/engines/registry';
import {engineEntry} from './contestants/carryover';
import type {Contestant, Entries} from './contestants/contestant';
import {dataFor, expectClose} from './data';
import {kindOf, type Problem, shapeOf} from './problem';

/** One contestant's times in one case, in milliseconds. */
export interface Row extends Spread {
  readonly name: string;
  /** Which engine `auto` took. */
  readonly remark?: string;
  /** By round; null in rounds that a slow contestant sat out. */
  readonly times: readonly (number | null)[];
}

/** How much of another one's time a contestant takes: median over the rounds. */
export interface Ratio extends Spread {
  readonly name: string;
  readonly by: string;
}

export interface Case {
  readonly suite: string;
  readonly title: string;
  readonly problem: Problem;
  readonly rows: readonly Row[];
  readonly ratios: readonly Ratio[];
  /** Who did not take part, and why. */
  readonly absent: Readonly<Record<string, string>>;
}

/** Which ratios a suite is about: a contestant, and whose time its own is divided by. */
export type Pairs = readonly (readonly [string, string])[];

/** `forward, LSTM, 1, 100, 64, 128` */
export function titleOf(p: Problem): string {
  return `${p.training ? 'training step' : 'forward'}, ${kindOf(p)}, ${shapeOf(p)}`;
}

/** Times all who can do a problem, in turn. A contestant that computes something else is not timed. */
export async function runCase(
  suite: string,
  problem: Problem,
  entries: Entries,
  pairs: Pairs,
  options: TurnOptions,
): Promise<Case> {
  const made = dataFor(problem);
  const reference = await engineEntry('ops', 'tensorflow')(problem, {...made, want: new Float32Array()});
  if (typeof reference === 'string') throw new Error(`engine ops: ${reference}`);
  const data = {...made, want: await reference.compute()};
  reference.dispose();
  const contestants: Contestant[] = [];
  const absent: Record<string, string> = {};
  for (const [name, entry] of entries) {
    let contestant: Contestant | string | undefined;
    try {
      contestant = await entry(problem, data);
      if (typeof contestant !== 'string') {
        expectClose(name, problem, await contestant.compute(), data.want);
        contestants.push(contestant);
      } else absent[name] = contestant;
    } catch (error) {
      absent[name] = `failed: ${(error as Error).message}`;
      if (typeof contestant === 'object') contestant.dispose();
    }
  }
  const times = await takeTurns(contestants, options);
  const rows = contestants.map(
    ({name, remark}, k): Row => ({
      name,
      remark: remark?.(),
      ...spread(times[k]!),
      times: times[k]!.map(time => time ?? null),
    }),
  );
  const find = (name: string): Times | undefined => times[contestants.findIndex(one => one.name === name)];
  const found = pairs.flatMap(([name, by]): Ratio[] => {
    const [own, other] = [find(name), find(by)];
    return own && other ? [{name, by, ...spread(ratios(own, other))}] : [];
  });
  for (const contestant of contestants) contestant.dispose();
  disposeEngines();
  return {suite, title: titleOf(problem), problem, rows, ratios: found, absent};
}
