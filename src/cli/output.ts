import {printable} from '../errors';

/** Results go to stdout, notes and progress to stderr. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** One line for people beside the results, whatever a file has put into it. */
export function note(line: string): void {
  process.stderr.write(`${printable(line)}\n`);
}

/** A message in the words of the command line. */
export const inCommandWords = (text: string): string => text.replace("option 'version'", '--library-version');

/** What a model's loading had to assume. */
export const modelNotes = (notes: readonly string[]): string[] =>
  notes.map(text => `note: ${inCommandWords(text)}`);

/** As `note`, where somebody is watching. */
export function progress(line: string): void {
  if (process.stderr.isTTY) note(line);
}

/** An object for programs, on stdout. What JSON has no number for (NaN, infinity) is written as a string. */
export function printJson(value: unknown): void {
  print(
    JSON.stringify(
      value,
      (_, item: unknown) => (typeof item === 'number' && !Number.isFinite(item) ? String(item) : item),
      2,
    ),
  );
}

export interface TableOptions {
  /** Columns (by index) that are aligned to the right. */
  readonly right?: readonly number[];
  readonly indent?: number;
}

/** Columns as wide as their widest cell, two spaces apart; a row is one line, whatever is in its cells. */
export function table(
  cells: readonly (readonly string[])[],
  {right = [], indent = 0}: TableOptions = {},
): string {
  const rows = cells.map(row => row.map(printable));
  const count = Math.max(0, ...rows.map(row => row.length));
  const widths = Array.from({length: count}, (_, k) => Math.max(...rows.map(row => (row[k] ?? '').length)));
  const margin = ' '.repeat(indent);
  const line = (row: readonly string[]): string =>
    row
      .map((cell, k) => (right.includes(k) ? cell.padStart(widths[k]!) : cell.padEnd(widths[k]!)))
      .join('  ')
      .trimEnd();
  return rows.map(row => margin + line(row)).join('\n');
}

/** `[null, 5]` → `[any, 5]` */
export function shapeText(shape: readonly (number | null)[]): string {
  return `[${shape.map(n => n ?? 'any').join(', ')}]`;
}

/** A small number for a table: `1.19e-7`, `0`. */
export function small(value: number): string {
  return value === 0 || !Number.isFinite(value) ? String(value) : value.toExponential(2);
}
