import {releaseOf} from '../../scripts/support';
import type {Outcome} from './contestants';
import type {Verdict} from './judge';

/** The file that the tables of docs/coverage.md are made from. */
export const RESULTS = 'fixtures/coverage.json';

/** How everybody did with one source of a golden case. */
export interface SourceOutcome {
  /** `family/name:path`. */
  readonly key: string;
  readonly release: {readonly library: string; readonly version: string};
  readonly format: string;
  readonly tfjs: Outcome;
  readonly onnx: Outcome;
  readonly carryover: Outcome;
}

export type Counts = Record<Verdict, number>;

export interface CoverageRow {
  /** The library and its release as the cases say them. */
  readonly release: string;
  readonly format: string;
  readonly tfjs: Counts;
  readonly onnx: Counts;
  readonly carryover: Counts;
}

export interface Coverage {
  readonly date: string;
  readonly versions: Readonly<Record<string, string>>;
  /** How many sources there are; the rows count those of the sample. */
  readonly of: number;
  /** Sources that are left out, since somebody had no answer in time: a busy machine is no answer. */
  readonly late: number;
  readonly rows: readonly CoverageRow[];
  /** Ways that gave numbers, and how many sources came in by each. */
  readonly ways: Readonly<Record<string, number>>;
  /** Sources of which somebody gave wrong numbers, and by how much. */
  readonly wrong: readonly {
    readonly who: string;
    readonly key: string;
    readonly way: string;
    readonly why: string;
  }[];
  /** The commonest words of refusals, with how many sources got them. */
  readonly refusals: readonly {readonly who: string; readonly words: string; readonly count: number}[];
}

export const CONTESTANTS = ['tfjs', 'onnx', 'carryover'] as const;

const none = (): Counts => ({right: 0, wrong: 0, refused: 0, crashed: 0});

/** Counts by release and format, in order of both. */
export function summary(
  all: readonly SourceOutcome[],
  facts: Pick<Coverage, 'date' | 'versions' | 'of'>,
): Coverage {
  const outcomes = all.filter(one => !CONTESTANTS.some(who => one[who].why?.startsWith('time:')));
  const rows = new Map<string, CoverageRow>();
  const ways = new Map<string, number>();
  const refusals = new Map<string, number>();
  const wrong: Coverage['wrong'][number][] = [];
  const add = (map: Map<string, number>, key: string): unknown => map.set(key, (map.get(key) ?? 0) + 1);
  for (const outcome of outcomes) {
    const release = releaseOf({madeBy: {library: outcome.release.library, release: outcome.release.version}});
    const key = `${release}\n${outcome.format}`;
    const row = rows.get(key) ?? {
      release,
      format: outcome.format,
      tfjs: none(),
      onnx: none(),
      carryover: none(),
    };
    rows.set(key, row);
    for (const who of CONTESTANTS) {
      const {verdict, way, why = ''} = outcome[who];
      row[who][verdict]++;
      if (verdict === 'right' || verdict === 'wrong') add(ways, `${who}: ${way}`);
      else add(refusals, JSON.stringify([who, general(why)]));
      if (verdict === 'wrong') wrong.push({who, key: outcome.key, way, why});
    }
  }
  const order = (a: CoverageRow, b: CoverageRow): number =>
    a.release.localeCompare(b.release, 'en', {numeric: true}) || a.format.localeCompare(b.format);
  return {
    ...facts,
    late: all.length - outcomes.length,
    rows: [...rows.values()].sort(order),
    ways: Object.fromEntries([...ways].sort()),
    wrong: wrong.sort((a, b) => a.who.localeCompare(b.who) || a.key.localeCompare(b.key)),
    refusals: [...refusals]
      .map(([key, count]) => {
        const [who, words] = JSON.parse(key) as [string, string];
        return {who, words, count};
      })
      .sort((a, b) => b.count - a.count || a.words.localeCompare(b.words))
      .slice(0, 40),
  };
}

/** Words without what differs from file to file: names, numbers, paths. */
function general(words: string): string {
  return words
    .replaceAll(/(['"`])[^'"`]*[/\\][^'"`]*\1/g, '…')
    .replaceAll(/(?:[/\\][\w.-]+){2,}/g, '…')
    .replaceAll(/\d+/g, 'N')
    .slice(0, 140);
}
