import {readFileSync, writeFileSync} from 'node:fs';
import {availableParallelism} from 'node:os';
import {ratios, spread, type Times, type TurnOptions} from '../../src/cli/bench/turns';
import {type Mode, type Prices, type Rates, work} from '../../src/engines/cost';
import {engineNames} from '../../src/engines/registry';
import type {Call} from '../../src/engines/types';
import {type Case, runCase} from '../case';
import {engineEntry} from '../contestants/carryover';
import type {Entry} from '../contestants/contestant';
import {discard, ownLayer} from '../data';
import type {Problem} from '../problem';
import {figure} from '../report/table';
import type {Settings} from '../settings';
import {grid} from './grid';
import {dot, nonNegativeLeastSquares} from './least-squares';
import {format, NAMES, summary} from './report';

const PRICES = 'src/engines/prices.json';
const NS_PER_MS = 1e6;
/** Each time is taken relative to this engine's in the same round: a machine that is busy for a while slows both. */
const REFERENCE = 'wasm';
/** Multiplications beyond which tfjs' cpu backend takes many seconds a call. */
const MOST_IN_JAVASCRIPT = 2e8;

/** Where engines are measured. */
interface Place {
  readonly backend: string;
  readonly threads: number;
}

const CORES = availableParallelism();
const PLACES: readonly Place[] = [
  {backend: 'tensorflow', threads: CORES},
  {backend: 'cpu', threads: 1},
  {backend: 'cpu', threads: CORES},
  {backend: 'wasm', threads: 1},
];

/** Measures every engine over a grid of shapes, on each backend, and writes what each unit of their work costs. */
export async function fit({turns, only, backend}: Settings): Promise<void> {
  let prices = JSON.parse(readFileSync(PRICES, 'utf8')) as Prices;
  for (const place of PLACES.filter(one => backend === undefined || one.backend === backend)) {
    for (const mode of ['forward', 'training'] as const) {
      if (only !== undefined && only !== mode) continue;
      const cases = await measure(place, grid(mode === 'training'), {
        ...turns,
        rounds: Math.min(5, turns.rounds),
      });
      for (const engine of engineNames()) {
        const rates = fitEngine(engine, cases);
        if (rates) prices = withRates(prices, engine, place, mode, rates);
      }
      console.log(`\n${summary(place, mode, cases.map(measured), prices)}\n`);
      writeFileSync(PRICES, format(prices));
    }
  }
  console.log(`${PRICES}\n${format(prices)}`);
}

async function measure(place: Place, problems: readonly Problem[], turns: TurnOptions): Promise<Case[]> {
  const {backend, threads} = place;
  // What runs on one thread is timed by the processor's clock, which others on the machine do not move.
  const clock = threads === 1 ? processorMs : undefined;
  const entries = new Map(
    engineNames().map((engine): [string, Entry] => {
      const entry = engineEntry(engine, backend, {options: {threads}, clock});
      const isSlow = engine === 'ops' && backend === 'cpu';
      const tooMuch = (p: Problem): boolean => isSlow && multiplications(p) > MOST_IN_JAVASCRIPT;
      return [engine, async (p, data) => (tooMuch(p) ? 'it would take too long' : entry(p, data))];
    }),
  );
  const cases: Case[] = [];
  for (const problem of problems) {
    const one = await runCase('fit', problem, entries, [], turns);
    cases.push(one);
    const times = one.rows.map(({name, median}) => `${name} ${figure(median)} ms`);
    console.log(`${backend}, ${one.title}: ${times.join(', ')}`);
  }
  return cases;
}

function processorMs(): number {
  const {user, system} = process.cpuUsage();
  return (user + system) / 1e3;
}

function multiplications(problem: Problem): number {
  return amounts(problem)[NAMES.indexOf('multiply')]! * (problem.training ? 3 : 1);
}

/** The amounts of work of a problem, in the order of `NAMES`. */
function amounts(p: Problem): number[] {
  const layer = ownLayer(p);
  const recurrence = {...layer.recurrence, input: 'features'} as const;
  discard(layer);
  const {batch, time, features, masked, training: save} = p;
  const call: Call = {batch, time, features, masked, save, initial: false, returns: 'sequence'};
  return work(recurrence, call);
}

/** Milliseconds of an engine in a case: the median of its ratios to the reference, times a quiet round's of that. */
function timeOf(engine: string, {rows}: Case): number | undefined {
  const timesOf = (name: string): Times | undefined =>
    rows.find(row => row.name === name)?.times.map(time => time ?? undefined);
  const [own, reference] = [timesOf(engine), timesOf(REFERENCE)];
  return own && reference && spread(ratios(own, reference)).median * spread(reference).p10;
}

/** A case as its amounts of work and each engine's time. */
const measured = (one: Case) => ({
  title: one.title,
  work: amounts(one.problem),
  times: new Map(one.rows.map(({name}) => [name, timeOf(name, one)!])),
});

/** No processor multiplies faster than so many nanoseconds each. */
const FASTEST_MULTIPLY = 0.005;
const FLOORS = NAMES.map(name => (name === 'multiply' ? FASTEST_MULTIPLY : 0));

/** Prices with the least relative error over the cases; undefined of an engine that ran in too few to tell. */
function fitEngine(engine: string, cases: readonly Case[]): Rates | undefined {
  const seen = cases.flatMap(one => {
    const time = timeOf(engine, one);
    return time === undefined ? [] : [{time: time * NS_PER_MS, work: amounts(one.problem)}];
  });
  if (seen.length < NAMES.length) return undefined;
  const each = nonNegativeLeastSquares(
    seen.map(({time, work: own}) => own.map(amount => amount / time)),
    seen.map(({time, work: own}) => 1 - dot(own, FLOORS) / time),
  );
  return Object.fromEntries(
    NAMES.map((name, k) => [name, Number((FLOORS[k]! + each[k]!).toPrecision(3))]),
  ) as unknown as Rates;
}

function withRates(
  prices: Prices,
  engine: string,
  {backend, threads}: Place,
  mode: Mode,
  rates: Rates,
): Prices {
  const own = prices[engine]?.[backend] ?? {};
  const changed = {...own, [threads]: {...own[threads], [mode]: rates}};
  return {...prices, [engine]: {...prices[engine], [backend]: changed}};
}
