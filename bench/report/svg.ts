/** Pieces of hand-written SVG. */

export function escaped(text: string): string {
  const entities: Readonly<Record<string, string>> = {'&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;'};
  return text.replace(/[&<>"]/g, character => entities[character]!);
}

const round = (value: number): number => Math.round(value * 10) / 10;

export type Attributes = Readonly<Record<string, string | number>>;

export function element(name: string, attributes: Attributes, content = ''): string {
  const given = Object.entries(attributes).map(
    ([key, value]) => ` ${key}="${typeof value === 'number' ? round(value) : escaped(value)}"`,
  );
  return content === '' ? `<${name}${given.join('')}/>` : `<${name}${given.join('')}>${content}</${name}>`;
}

export const INK = '#1c2430';
export const GREY = '#5d6878';
const RULE = '#dde2ea';

export function text(x: number, y: number, words: string, attributes: Attributes = {}): string {
  return element('text', {x, y, fill: INK, ...attributes}, escaped(words));
}

export function line(x1: number, y1: number, x2: number, y2: number, attributes: Attributes = {}): string {
  return element('line', {x1, y1, x2, y2, stroke: RULE, ...attributes});
}

export function page(width: number, height: number, title: string, parts: readonly string[]): string {
  const attributes = {
    xmlns: 'http://www.w3.org/2000/svg',
    viewBox: `0 0 ${width} ${height}`,
    width,
    height,
    'font-family': 'system-ui, sans-serif',
    'font-size': 12,
    role: 'img',
    'aria-label': title,
  };
  const background = element('rect', {width, height, fill: '#ffffff'});
  return `${element('svg', attributes, `\n${[background, ...parts].join('\n')}\n`)}\n`;
}

/** A logarithmic axis: from values to places. */
export interface LogScale {
  readonly at: (value: number) => number;
  /** Values that have a label. */
  readonly ticks: readonly number[];
}

/** @param from where the smallest value is, `to` the largest */
export function logScale(values: readonly number[], from: number, to: number): LogScale {
  const known = values.filter(value => Number.isFinite(value) && value > 0);
  const [low, high] = [Math.min(...known), Math.max(...known)].map(Math.log10) as [number, number];
  // A margin, so that no mark sits on the frame.
  const margin = Math.max(0.06 * (high - low), 0.05);
  const [first, last] = [low - margin, high + margin];
  const at = (value: number): number => from + ((Math.log10(value) - first) / (last - first)) * (to - from);
  const ticks: number[] = [];
  const steps = last - first > 2.2 ? [1] : [1, 2, 5];
  for (let decade = Math.floor(first); decade <= Math.ceil(last); decade++) {
    for (const step of steps) {
      const value = Number((step * 10 ** decade).toPrecision(1));
      if (Math.log10(value) >= first && Math.log10(value) <= last) ticks.push(value);
    }
  }
  return {at, ticks};
}

/** `0.05`, `10`, `3,000` */
export function tickLabel(value: number): string {
  return value >= 1000 ? value.toLocaleString('en') : String(value);
}
