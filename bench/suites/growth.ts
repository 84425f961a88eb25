import type {Case} from '../case';
import {type Problem, problem, type Shape} from '../problem';
import {lineChart, type Series} from '../report/lines';
import {everybody, whileBearable} from './entries';
import type {Suite} from './suite';
import {PAIRS} from './tables';

/** Beyond this (ms a call) a contestant sits out the larger sizes. */
const LIMIT_MS = 1500;

interface Dimension {
  readonly name: 'time' | 'batch' | 'units';
  readonly label: string;
  readonly sizes: readonly number[];
  readonly shape: (size: number) => Shape;
}

export const DIMENSIONS: readonly Dimension[] = [
  {
    name: 'time',
    label: 'time steps (batch 8, 32 features, 64 units)',
    sizes: [10, 30, 100, 300, 1000, 3000],
    shape: size => [8, size, 32, 64],
  },
  {
    name: 'batch',
    label: 'batch (50 steps, 32 features, 64 units)',
    sizes: [1, 4, 16, 64, 256],
    shape: size => [size, 50, 32, 64],
  },
  {
    name: 'units',
    label: 'units (batch 8, 50 steps, 64 features)',
    sizes: [32, 64, 128, 256, 512, 1024],
    shape: size => [8, 50, 64, size],
  },
];

const sized = (dimension: Dimension, training: boolean, quick: boolean): Problem[] =>
  dimension.sizes.slice(0, quick ? 3 : undefined).map(size => problem(dimension.shape(size), {training}));

export const growth: Suite = {
  name: 'growth',
  problems: quick =>
    [false, true].flatMap(training => DIMENSIONS.flatMap(dimension => sized(dimension, training, quick))),
  entries: field => whileBearable(everybody(field), LIMIT_MS),
  pairs: PAIRS,
  charts: cases =>
    [false, true].flatMap(training => {
      const panels = DIMENSIONS.map(dimension => ({
        title: `growth with ${dimension.name}`,
        xLabel: dimension.label,
        series: seriesOf(cases, dimension, training),
      }));
      if (panels.every(({series}) => series.length === 0)) return [];
      const what = training ? 'Training step' : 'Forward pass';
      const file = `growth-${training ? 'training' : 'forward'}.svg`;
      return [{file, svg: lineChart(`${what} of one LSTM layer`, 'milliseconds a call', panels)}];
    }),
};

function seriesOf(cases: readonly Case[], dimension: Dimension, training: boolean): Series[] {
  const own = dimension.sizes.flatMap(size => {
    const wanted = JSON.stringify(problem(dimension.shape(size), {training}));
    const found = cases.find(one => JSON.stringify(one.problem) === wanted);
    return found ? [{size, rows: found.rows}] : [];
  });
  const names = [...new Set(own.flatMap(({rows}) => rows.map(({name}) => name)))];
  return names.map(name => ({
    name,
    points: own.flatMap(({size, rows}) => {
      const row = rows.find(one => one.name === name);
      return row ? [{x: size, y: row.median, low: row.p10, high: row.p90}] : [];
    }),
  }));
}
