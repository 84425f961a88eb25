import {table} from '../../src/cli/output';
import {type Mode, type Prices, priceTable, type Rates} from '../../src/engines/cost';
import {dot} from './least-squares';

/** The prices, in the order of `work`. */
export const NAMES = ['call', 'step', 'element', 'multiply', 'weight'] as const;
const NS_PER_MS = 1e6;

/** A case: its amounts of work, and the milliseconds of each engine that ran it. */
interface Measured {
  readonly title: string;
  readonly work: readonly number[];
  readonly times: ReadonlyMap<string, number>;
}

/** How far the estimates of a backend are off, and what `auto` loses by that. */
export function summary(
  {backend, threads}: {readonly backend: string; readonly threads: number},
  mode: Mode,
  cases: readonly Measured[],
  prices: Prices,
): string {
  const known = priceTable(prices);
  const ratesOf = (engine: string): Rates | undefined =>
    known.get(`${engine} ${backend} ${mode}`)?.find(one => one.threads === threads)?.rates;
  const estimate = (engine: string, {work}: Measured): number => {
    const rates = ratesOf(engine);
    const each = rates && NAMES.map(name => rates[name]);
    return each ? dot(work, each) / NS_PER_MS : Infinity;
  };
  const engines = [...new Set(cases.flatMap(({times}) => [...times.keys()]))];
  const percent = (value: number): string => `${Math.round(100 * value)} %`;
  const rows = engines.map(engine => {
    const errors = cases
      .flatMap(one => {
        const time = one.times.get(engine);
        return time === undefined ? [] : [Math.abs(estimate(engine, one) / time - 1)];
      })
      .sort((a, b) => a - b);
    return [engine, String(errors.length), percent(errors[errors.length >> 1]!), percent(errors.at(-1)!)];
  });
  const losses = cases.map(one => {
    const able = [...one.times.keys()];
    const chosen = able.reduce((a, b) => (estimate(b, one) < estimate(a, one) ? b : a));
    return {title: one.title, chosen, loss: one.times.get(chosen)! / Math.min(...one.times.values())};
  });
  const wrong = losses.filter(({loss}) => loss > 1).sort((a, b) => b.loss - a.loss);
  return [
    table([[`${mode} on ${backend}`, 'shapes', 'median error', 'largest'], ...rows], {right: [1, 2, 3]}),
    `auto takes the fastest engine at ${losses.length - wrong.length} of ${losses.length} shapes`,
    ...wrong.map(({title, chosen, loss}) => `  ${title}: ${chosen}, ${loss.toFixed(2)} times the fastest`),
  ].join('\n');
}

/** The prices as they are written: a line for each set of rates. */
export function format(prices: Prices): string {
  const block = (entries: readonly (readonly [string, string])[], indent: string): string => {
    const lines = [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
    return `{\n${lines.map(([name, text]) => `${indent}  "${name}": ${text}`).join(',\n')}\n${indent}}`;
  };
  const rates = (of: Rates): string => `{${NAMES.map(name => `"${name}": ${of[name]}`).join(', ')}}`;
  const levels = (value: object, indent: string): string =>
    'multiply' in value
      ? rates(value as Rates)
      : block(
          Object.entries(value).map(([name, inner]) => [name, levels(inner, `${indent}  `)]),
          indent,
        );
  return `${levels(prices, '')}\n`;
}
