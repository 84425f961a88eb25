import type {Spread} from '../../src/cli/bench/turns';
import {colourOf, mark} from './marks';
import {element, GREY, line, logScale, page, text, tickLabel} from './svg';
import {figure} from './table';

/** Some contestants' figures in one case. */
export interface DotGroup {
  readonly title: string;
  readonly rows: readonly (Spread & {readonly name: string; readonly remark?: string})[];
}

const [WIDTH, LEFT, RIGHT] = [860, 190, 80];
const [TOP, ROW, GROUP_TITLE, GAP] = [76, 20, 26, 12];

/** A row a contestant, the fastest first: the median and its spread on a logarithmic axis of milliseconds. */
export function dotChart(title: string, groups: readonly DotGroup[]): string {
  const height = TOP + groups.reduce((sum, {rows}) => sum + GROUP_TITLE + rows.length * ROW + GAP, 0) + 40;
  const values = groups.flatMap(({rows}) => rows.flatMap(({p10, p90, median}) => [p10, p90, median]));
  const x = logScale(values, LEFT, WIDTH - RIGHT);
  const bottom = height - 40;
  const parts = [
    text(16, 26, title, {'font-size': 16, 'font-weight': 600}),
    text(
      16,
      44,
      'ms a call: median, and 10th to 90th percentile of rounds; sizes are batch, time, features, units',
      {
        fill: GREY,
      },
    ),
  ];
  for (const tick of x.ticks) {
    const at = x.at(tick);
    parts.push(
      line(at, TOP - 8, at, bottom),
      ...[TOP - 12, bottom + 16].map(y =>
        text(at, y, tickLabel(tick), {'text-anchor': 'middle', fill: GREY}),
      ),
    );
  }
  parts.push(text((LEFT + WIDTH - RIGHT) / 2, bottom + 32, 'ms', {'text-anchor': 'middle', fill: GREY}));
  let y = TOP;
  for (const group of groups) {
    parts.push(text(16, y + 16, group.title, {'font-weight': 600}));
    y += GROUP_TITLE;
    for (const row of [...group.rows].sort((a, b) => a.median - b.median)) {
      const middle = y + ROW / 2;
      const colour = colourOf(row.name);
      const label = row.remark ? `${row.name} (${row.remark})` : row.name;
      parts.push(
        text(LEFT - 12, middle + 4, label, {'text-anchor': 'end'}),
        element('line', {
          ...{x1: x.at(row.p10), y1: middle, x2: x.at(row.p90), y2: middle},
          ...{stroke: colour, 'stroke-width': 3, 'stroke-opacity': '0.4'},
        }),
        mark(row.name, x.at(row.median), middle),
        text(x.at(Math.max(row.p90, row.median)) + 10, middle + 4, figure(row.median), {fill: GREY}),
      );
      y += ROW;
    }
    y += GAP;
  }
  return page(WIDTH, height, title, parts);
}
