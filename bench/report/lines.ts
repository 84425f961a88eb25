import {colourOf, mark} from './marks';
import {element, GREY, line, logScale, page, text, tickLabel} from './svg';

/** How one contestant's figure grows. */
export interface Series {
  readonly name: string;
  /** Size, figure and, where known, its spread. */
  readonly points: readonly {
    readonly x: number;
    readonly y: number;
    readonly low?: number;
    readonly high?: number;
  }[];
}

export interface Panel {
  readonly title: string;
  readonly xLabel: string;
  readonly series: readonly Series[];
}

const [PANEL, HEIGHT, LEGEND] = [340, 420, 170];
const [TOP, BOTTOM, LEFT, RIGHT] = [88, 52, 62, 14];

/** Panels beside each other, both axes logarithmic: a line of slope one is linear growth. */
export function lineChart(title: string, yLabel: string, panels: readonly Panel[]): string {
  const width = panels.length * PANEL + LEGEND;
  const names = [...new Set(panels.flatMap(({series}) => series.map(({name}) => name)))];
  const parts = [
    text(16, 26, title, {'font-size': 16, 'font-weight': 600}),
    text(16, 44, `${yLabel}; both axes are logarithmic, dashed: linear growth`, {fill: GREY}),
    ...panels.flatMap((panel, k) => panelParts(panel, k * PANEL)),
    ...names.flatMap((name, k) => {
      const [x, y] = [panels.length * PANEL + 16, TOP + 12 + k * 20];
      return [
        element('line', {x1: x - 10, y1: y, x2: x + 10, y2: y, stroke: colourOf(name), 'stroke-width': 2}),
        mark(name, x, y),
        text(x + 18, y + 4, name),
      ];
    }),
  ];
  return page(width, HEIGHT, title, parts);
}

function panelParts({title, xLabel, series}: Panel, offset: number): string[] {
  const points = series.flatMap(one => one.points);
  if (points.length === 0) return [];
  const [left, right, bottom] = [offset + LEFT, offset + PANEL - RIGHT, HEIGHT - BOTTOM];
  const x = logScale(
    points.map(point => point.x),
    left,
    right,
  );
  const y = logScale(
    points.flatMap(point => [point.y, point.low ?? point.y, point.high ?? point.y]),
    bottom,
    TOP,
  );
  const sizes = [...new Set(points.map(point => point.x))].sort((a, b) => a - b);
  const parts = [text(left, TOP - 14, title, {'font-weight': 600})];
  for (const tick of y.ticks) {
    const at = y.at(tick);
    parts.push(
      line(left, at, right, at),
      text(left - 8, at + 4, tickLabel(tick), {'text-anchor': 'end', fill: GREY}),
    );
  }
  for (const size of sizes) {
    const at = x.at(size);
    parts.push(
      line(at, TOP, at, bottom),
      text(at, bottom + 18, tickLabel(size), {'text-anchor': 'middle', fill: GREY}),
    );
  }
  parts.push(text((left + right) / 2, HEIGHT - 12, xLabel, {'text-anchor': 'middle', fill: GREY}));
  parts.push(linear(sizes, Math.min(...points.map(point => point.y)), x.at, y.at, TOP));
  for (const one of series) parts.push(...seriesParts(one, x.at, y.at));
  return parts;
}

type At = (value: number) => number;

/** Linear growth from the lowest figure, as far as it stays in the panel. */
function linear(sizes: readonly number[], lowest: number, x: At, y: At, top: number): string {
  const [first, last] = [sizes[0]!, sizes.at(-1)!];
  let end = last;
  while (y((lowest * end) / first) < top && end > first) end *= 0.97;
  const path = `M${x(first)} ${y(lowest)}L${x(end)} ${y((lowest * end) / first)}`;
  return element('path', {d: path, stroke: '#9aa5b4', 'stroke-dasharray': '5 4', fill: 'none'});
}

function seriesParts({name, points}: Series, x: At, y: At): string[] {
  const colour = colourOf(name);
  const path = points.map((point, k) => `${k === 0 ? 'M' : 'L'}${x(point.x)} ${y(point.y)}`).join('');
  const whiskers = points.flatMap(({x: size, low, high}) =>
    low === undefined || high === undefined
      ? []
      : [
          line(x(size), y(low), x(size), y(high), {
            stroke: colour,
            'stroke-opacity': '0.5',
            'stroke-width': 3,
          }),
        ],
  );
  return [
    element('path', {d: path, stroke: colour, 'stroke-width': 1.8, fill: 'none'}),
    ...whiskers,
    ...points.map(point => mark(name, x(point.x), y(point.y), 3.2)),
  ];
}
