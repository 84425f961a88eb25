import {readFileSync, writeFileSync} from 'node:fs';
import {table} from '../../src/cli/output';
import {type Rates, work} from '../../src/engines/cost';
import {engineNames} from '../../src/engines/registry';
import type {Call} from '../../src/engines/types';
import {type Case, runCase} from '../case';
import {engineEntry} from '../contestants/carryover';
import type {Entry} from '../contestants/contestant';
import {discard, ownLayer} from '../data';
import {figure} from '../report/table';
import type {Settings} from '../settings';
import {grid} from './grid';
import {dot, nonNegativeLeastSquares} from './least-squares';

const PRICES = 'src/engines/prices.json';
const NAMES = ['call', 'step', 'element', 'multiply', 'weight'] as const;
const NS_PER_MS = 1e6;

type Prices = Record<string, {forward?: Rates; training?: Rates}>;

/** Measures every engine over a grid of shapes and writes what each unit of their work costs. */
export async function fit({turns, only}: Settings): Promise<void> {
  const prices = JSON.parse(readFileSync(PRICES, 'utf8')) as Prices;
  const engines = engineNames();
  for (const mode of ['forward', 'training'] as const) {
    if (only !== undefined && only !== mode) continue;
    const cases: Case[] = [];
    const entries = new Map(
      engines.map((engine): [string, Entry] => [engine, engineEntry(engine, 'tensorflow')]),
    );
    for (const problem of grid(mode === 'training')) {
      const one = await runCase('fit', problem, entries, [], {...turns, rounds: Math.min(5, turns.rounds)});
      cases.push(one);
      console.log(`${one.title}: ${one.rows.map(row => `${row.name} ${figure(row.median)} ms`).join(', ')}`);
    }
    for (const engine of engines) {
      const fitted = fitEngine(engine, cases);
      if (fitted) prices[engine] = {...prices[engine], [mode]: fitted};
    }
    console.log(`\n${summary(mode, engines, cases, prices)}\n`);
  }
  writeFileSync(PRICES, format(prices));
  console.log(`${PRICES}\n${format(prices)}`);
}

/** The amounts of work of a case, in the order of `NAMES`. */
function amounts({problem: p}: Case): number[] {
  const layer = ownLayer(p);
  const recurrence = {...layer.recurrence, input: 'features'} as const;
  discard(layer);
  const {batch, time, features, masked, training: save} = p;
  const call: Call = {batch, time, features, masked, save, initial: false, returns: 'sequence'};
  return work(recurrence, call);
}

const timeOf = (engine: string, {rows}: Case): number | undefined =>
  rows.find(({name}) => name === engine)?.median;

/** Prices with the least relative error over the cases; undefined of an engine that ran in too few to tell. */
function fitEngine(engine: string, cases: readonly Case[]): Rates | undefined {
  const seen = cases.flatMap(one => {
    const time = timeOf(engine, one);
    return time === undefined ? [] : [{time: time * NS_PER_MS, work: amounts(one)}];
  });
  if (seen.length < NAMES.length) return undefined;
  const each = nonNegativeLeastSquares(
    seen.map(({time, work: own}) => own.map(amount => amount / time)),
    seen.map(() => 1),
  );
  return Object.fromEntries(
    NAMES.map((name, k) => [name, Number(each[k]!.toPrecision(3))]),
  ) as unknown as Rates;
}

/** How far the estimates are off, and what `auto` loses by that. */
function summary(
  mode: 'forward' | 'training',
  engines: readonly string[],
  cases: readonly Case[],
  prices: Prices,
): string {
  const estimate = (engine: string, one: Case): number => {
    const rates = prices[engine]?.[mode];
    return rates
      ? dot(
          amounts(one),
          NAMES.map(name => rates[name]),
        ) / NS_PER_MS
      : Infinity;
  };
  const rows = engines.flatMap(engine => {
    const errors = cases
      .flatMap(one => {
        const time = timeOf(engine, one);
        return time === undefined ? [] : [Math.abs(estimate(engine, one) / time - 1)];
      })
      .sort((a, b) => a - b);
    const percent = (value: number): string => `${Math.round(100 * value)} %`;
    return errors.length === 0
      ? []
      : [[engine, String(errors.length), percent(errors[errors.length >> 1]!), percent(errors.at(-1)!)]];
  });
  const losses = cases.map(one => {
    const able = one.rows.map(({name}) => name);
    const chosen = able.reduce((a, b) => (estimate(b, one) < estimate(a, one) ? b : a));
    const best = Math.min(...one.rows.map(({median}) => median));
    return {title: one.title, chosen, loss: timeOf(chosen, one)! / best};
  });
  const wrong = losses.filter(({loss}) => loss > 1).sort((a, b) => b.loss - a.loss);
  return [
    table([[mode, 'shapes', 'median error', 'largest'], ...rows], {right: [1, 2, 3]}),
    `auto takes the fastest engine at ${losses.length - wrong.length} of ${losses.length} shapes`,
    ...wrong.map(({title, chosen, loss}) => `  ${title}: ${chosen}, ${loss.toFixed(2)} times the fastest`),
  ].join('\n');
}

/** A line for each set of prices. */
function format(prices: Prices): string {
  const engines = Object.entries(prices)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([engine, modes]) => {
      const lines = Object.entries(modes).map(([mode, rates]) => {
        const each = NAMES.map(name => `"${name}": ${rates[name]}`);
        return `    "${mode}": {${each.join(', ')}}`;
      });
      return `  "${engine}": {\n${lines.join(',\n')}\n  }`;
    });
  return `{\n${engines.join(',\n')}\n}\n`;
}
