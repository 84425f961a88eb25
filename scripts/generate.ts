// Writes the parts of the documents that are made from the code: npm run generate
// `test/generated.test.ts` fails where one of them is out of date.
import {readFileSync, writeFileSync} from 'node:fs';
import {pathToFileURL} from 'node:url';
import {useBackend} from '../src/node/backend';
import {conversionTables} from '../src/translate/table';
import {coverageDetails, coverageSummary, coverageTables} from './coverage-tables';
import {environmentTables} from './environment';
import {resultSections, resultSummary, writtenFormats} from './support-tables';
import {decisionList, errorTable, formatTable} from './tables';

/** A part of a document, between `<!-- NAME -->` and `<!-- /NAME -->`. */
export interface GeneratedPart {
  readonly file: string;
  readonly name: string;
  readonly text: () => string;
}

/** Every generated part. */
export const GENERATED: readonly GeneratedPart[] = [
  {file: 'README.md', name: 'results', text: resultSummary},
  {file: 'README.md', name: 'coverage', text: coverageSummary},
  {file: 'README.md', name: 'conversions', text: conversionTables},
  {file: 'docs/coverage.md', name: 'coverage', text: coverageTables},
  {file: 'docs/coverage.md', name: 'details', text: coverageDetails},
  {file: 'docs/decisions/README.md', name: 'decisions', text: decisionList},
  {file: 'docs/environment.md', name: 'environment', text: environmentTables},
  {file: 'docs/errors.md', name: 'errors', text: errorTable},
  {file: 'docs/formats.md', name: 'formats', text: formatTable},
  {file: 'docs/support.md', name: 'written', text: writtenFormats},
  {file: 'docs/support.md', name: 'results', text: resultSections},
];

/** A document with this part as it has to be. */
export function withPart(document: string, {file, name, text}: GeneratedPart): string {
  const [start, end] = [`<!-- ${name} -->\n`, `\n<!-- /${name} -->`];
  const [from, to] = [document.indexOf(start), document.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${file} has no '${start.trim()}' ... '${end.trim()}'`);
  return document.slice(0, from + start.length) + text() + document.slice(to);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await useBackend('cpu');
  for (const part of GENERATED) {
    const before = readFileSync(part.file, 'utf8');
    const after = withPart(before, part);
    if (after !== before) writeFileSync(part.file, after);
    process.stderr.write(`${part.file}: ${part.name} ${after === before ? 'is current' : 'written'}\n`);
  }
}
