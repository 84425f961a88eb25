import {readdirSync, readFileSync} from 'node:fs';
import {FORMATS} from '../converters/formats';
import {ERROR_CODES} from '../src/errors';

/** Tables of documents that are made from the code's registries. */

/** A table of a document. */
export const table = (header: readonly string[], rows: readonly (readonly string[])[]): string =>
  [header, header.map(() => '---'), ...rows].map(row => `| ${row.join(' | ')} |`).join('\n');

const HOLDS = {architecture: 'architecture', weights: 'arrays', graph: 'TensorFlow graph'} as const;

/** Every file format of the registry, in its order. */
export function formatTable(): string {
  const rows = FORMATS.map(({name, title, holds, open, advice = ''}) => [
    `\`${name}\``,
    title.replace(/^an? /, ''),
    holds.map(part => HOLDS[part]).join(', '),
    open ? '✓' : `no: ${advice}`,
  ]);
  return table(['name', 'format', 'holds', 'is read'], rows);
}

/** Every error code: what it means, and what to do. */
export function errorTable(): string {
  const rows = Object.entries(ERROR_CODES).map(([code, {means, remedy}]) => [`\`${code}\``, means, remedy]);
  return table(['code', 'means', 'what to do'], rows);
}

/** Every decision, by its title. */
export function decisionList(): string {
  const files = readdirSync('docs/decisions').filter(name => /^\d+-.*\.md$/.test(name));
  const titleOf = (name: string): string =>
    readFileSync(`docs/decisions/${name}`, 'utf8').split('\n')[0]!.replace(/^# /, '');
  return files
    .sort()
    .map(name => `- [${Number.parseInt(name, 10)}](${name}): ${titleOf(name)}`)
    .join('\n');
}
