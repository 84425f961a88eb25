import {table} from '../../src/cli/output';
import type {Case} from '../case';

/** Milliseconds, or a ratio, to three digits. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return '–';
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

const range = ({p10, p90}: {p10: number; p90: number}): string => `${figure(p10)} – ${figure(p90)}`;

/** A case for people: the fastest first, then the ratios asked for, then who was absent. */
export function caseTable({title, rows, ratios, absent}: Omit<Case, 'problem'>): string {
  const sorted = [...rows].sort((a, b) => a.median - b.median);
  const body = sorted.map(row => [
    row.remark ? `${row.name} (${row.remark})` : row.name,
    figure(row.median),
    range(row),
  ]);
  const blocks = [
    title,
    table([['contestant', 'ms', 'p10 – p90'], ...body], {right: [1, 2], indent: 2}),
    ratios.length > 0 &&
      table(
        ratios.map(ratio => [`${ratio.name} : ${ratio.by}`, figure(ratio.median), range(ratio)]),
        {right: [1, 2], indent: 2},
      ),
    ...Object.entries(absent).map(([name, reason]) => `  not here: ${name} (${reason})`),
  ];
  return blocks.filter(Boolean).join('\n');
}
