import {execFile} from 'node:child_process';
import {existsSync, writeFileSync} from 'node:fs';
import {promisify} from 'node:util';
import {table} from '../../src/cli/output';
import {engineNames} from '../../src/engines/registry';
import {type Problem, problem, type Shape, shapeOf} from '../problem';
import {machine, RESULTS, readResults, versions, writeResults} from '../report/json';
import {lineChart, type Panel} from '../report/lines';
import {figure} from '../report/table';
import type {Settings} from '../settings';
import type {Order, Taken} from './child';

/** Built by scripts/bench.mjs. */
const CHILD = '.cache/bench/memory-child.mjs';
const MB = 1e6;

interface Dimension {
  readonly name: string;
  readonly label: string;
  readonly sizes: readonly number[];
  readonly shape: (size: number) => Shape;
}

const DIMENSIONS: readonly Dimension[] = [
  {
    name: 'time',
    label: 'time steps (batch 8, 64 features, 128 units)',
    sizes: [1000, 2000, 4000, 8000],
    shape: size => [8, size, 64, 128],
  },
  {
    name: 'batch',
    label: 'batch (100 steps, 64 features, 128 units)',
    sizes: [32, 128, 512],
    shape: size => [size, 100, 64, 128],
  },
];

/** What one engine took at one size, in MB. */
interface Measured {
  readonly suite: 'memory';
  readonly title: string;
  readonly name: string;
  readonly problem: Problem;
  /** The most resident during calls, input included, over what was resident before. */
  readonly growth: number;
  readonly peak: number;
  /** Of the input and the output alone. */
  readonly inputAndOutput: number;
}

/** Peak resident memory of each engine and size, in a fresh process each. */
export async function memory({quick, only, filter}: Settings): Promise<void> {
  if (!existsSync('/proc/self/clear_refs')) {
    console.log('memory: the system does not say how much was resident at most (Linux does)');
    return;
  }
  const names = [...engineNames(), 'tfjs-layers'];
  for (const training of [false, true]) {
    if (only !== undefined && (only === 'training') !== training) continue;
    const problems = DIMENSIONS.map(({sizes, shape}) =>
      sizes.slice(0, quick ? 2 : undefined).map(size => problem(shape(size), {training})),
    );
    const cases = problems.flatMap(sizes => names.flatMap(name => sizes.map(p => [name, p] as const)));
    for (const [name, p] of cases) {
      const title = titleOf(name, p);
      if (filter !== undefined && !title.includes(filter)) continue;
      const one = await measure(name, p).catch((error: {stderr?: string}) => {
        console.log(`${title}: ${/^\w*Error: .*$/m.exec(error.stderr ?? '')?.[0] ?? error}`);
      });
      if (one) writeResults('memory', [one], {machine: machine(), versions: versions({})});
    }
    report(training);
  }
}

const titleOf = (name: string, p: Problem): string =>
  `${p.training ? 'training step' : 'forward'}, ${shapeOf(p)}, ${name}`;

/** Undefined of an engine that leaves this to another one. */
async function measure(name: string, p: Problem): Promise<Measured | undefined> {
  const order: Order = {name, problem: p};
  const {stdout} = await promisify(execFile)(
    process.execPath,
    ['--expose-gc', CHILD, JSON.stringify(order)],
    {encoding: 'utf8'},
  );
  const {engine, before, peak} = JSON.parse(stdout.trim().split('\n').at(-1)!) as Taken;
  if (engine !== name) return undefined;
  const {batch, time, features, units} = p;
  return {
    suite: 'memory',
    title: titleOf(name, p),
    name,
    problem: p,
    growth: (peak - before) / MB,
    peak: peak / MB,
    inputAndOutput: (4 * batch * time * (features + units)) / MB,
  };
}

/** Prints and draws what has been measured so far. */
function report(training: boolean): void {
  const all = readResults<Measured>('memory').filter(one => one.problem.training === training);
  const panels: Panel[] = [];
  for (const dimension of DIMENSIONS) {
    const own = dimension.sizes.flatMap(size => {
      const wanted = JSON.stringify(problem(dimension.shape(size), {training}));
      const found = all.filter(one => JSON.stringify(one.problem) === wanted);
      return found.length > 0 ? [{size, found}] : [];
    });
    const names = [...new Set(own.flatMap(({found}) => found.map(({name}) => name)))];
    const at = (name: string) =>
      own.flatMap(({size, found}) => {
        const one = found.find(other => other.name === name);
        return one ? [{x: size, y: one.growth, whole: one.peak}] : [];
      });
    const plain = own.map(({size, found}) => ({x: size, y: found[0]!.inputAndOutput}));
    console.log(
      `\n${training ? 'training step' : 'forward'}, growth with ${dimension.name}: MB at most during calls, over what was there before`,
    );
    // What an added step takes, in units of its input and output: the library's own arenas are in no difference.
    const sizes = own.map(({size}) => size);
    const spans = [
      [0, sizes.length - 1],
      [sizes.length - 2, sizes.length - 1],
    ] as const;
    const slopes = spans.map(([a, b]) => `slope ${sizes[a]} – ${sizes[b]}`);
    const header = [dimension.label, ...sizes.map(String), ...slopes, 'process'];
    const line = (name: string, points: readonly {x: number; y: number; whole?: number}[]): string[] => {
      const value = (k: number): number => points.find(({x}) => x === sizes[k])?.y ?? Number.NaN;
      return [
        name,
        ...sizes.map((_, k) => figure(value(k))),
        ...spans.map(([a, b]) => figure((value(b) - value(a)) / (plain[b]!.y - plain[a]!.y))),
        figure(points.at(-1)!.whole ?? Number.NaN),
      ];
    };
    const rows = [line('input and output', plain), ...names.map(name => line(name, at(name)))];
    console.log(table([header, ...rows], {right: header.map((_, k) => k).slice(1), indent: 2}));
    panels.push({
      title: `growth with ${dimension.name}`,
      xLabel: dimension.label,
      series: [{name: 'input and output', points: plain}, ...names.map(name => ({name, points: at(name)}))],
    });
  }
  const file = `${RESULTS}/memory-${training ? 'training' : 'forward'}.svg`;
  const what = training ? 'a training step' : 'a forward pass';
  writeFileSync(
    file,
    lineChart(`Memory of ${what}, one LSTM layer`, 'MB at most, over what was resident', panels),
  );
  console.log(`\n${file}`);
}
