// Writes the README's tables of what can be said in which library's words: `npx tsx scripts/conversion-tables.ts`
import {readFileSync, writeFileSync} from 'node:fs';
import {useBackend} from '../src/node/backend';
import {conversionTables} from '../src/translate/table';

await useBackend('cpu');
const readme = readFileSync('README.md', 'utf8');
const between = /(<!-- conversions -->\n)[\s\S]*?(<!-- \/conversions -->)/;
writeFileSync(
  'README.md',
  readme.replace(between, (_, start, end) => `${start}${conversionTables()}\n${end}`),
);
