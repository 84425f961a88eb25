import {readFileSync} from 'node:fs';
import {FORMATS} from '../converters/formats';
import {RESULTS, type ReleaseResult, type Tally} from './support';
import {table} from './tables';

/** Tables of what golden cases showed, from `fixtures/support.json`. */

/** What `npm run support` wrote. */
export const readResults = (): readonly ReleaseResult[] =>
  JSON.parse(readFileSync(RESULTS, 'utf8')) as ReleaseResult[];

const byLibrary = (results: readonly ReleaseResult[]): readonly (readonly [string, ReleaseResult[]])[] => {
  const names = [...new Set(results.map(({library}) => library))];
  return names.map(name => [name, results.filter(({library}) => library === name)] as const);
};

const sum = (tallies: readonly Tally[]): Tally => ({
  passed: tallies.reduce((total, {passed}) => total + passed, 0),
  total: tallies.reduce((total, tally) => total + tally.total, 0),
  trained: tallies.reduce((total, {trained}) => total + trained, 0),
});

const ratio = ({passed, total}: Tally): string => `${passed}/${total}`;

/** `keras-h5 5/5`, ... in the order of the registry. */
function formatsText(formats: Readonly<Record<string, Tally>>): string {
  const known = FORMATS.filter(({name}) => Object.hasOwn(formats, name));
  return known.map(({name}) => `\`${name}\` ${ratio(formats[name]!)}`).join(', ');
}

function merged(several: readonly Readonly<Record<string, Tally>>[]): Record<string, Tally> {
  const names = [...new Set(several.flatMap(Object.keys))];
  const found = (name: string): Tally[] =>
    several.flatMap(one => (Object.hasOwn(one, name) ? [one[name]!] : []));
  return Object.fromEntries(names.map(name => [name, sum(found(name))]));
}

function librarySection(name: string, releases: readonly ReleaseResult[]): string {
  const rows = releases.map(({release, all, formats, refused}) => [
    release,
    ratio(all),
    String(all.trained),
    String(refused),
    formatsText(formats),
  ]);
  const classes = [...new Set(releases.flatMap(({classes}) => Object.keys(classes)))].sort();
  const classRows = classes.map(className => {
    const having = releases.filter(({classes}) => Object.hasOwn(classes, className));
    const formats = merged(having.map(({classes}) => classes[className]!));
    const all = sum(Object.values(formats));
    const names = having.map(({release}) => release).join(', ');
    return [`\`${className}\``, names, formatsText(formats), String(all.trained)];
  });
  return [
    `## ${name}`,
    table(['release', 'files read', 'gradients', 'refused, as they must be', 'by format'], rows),
    table(['class', 'releases', 'files read, by format', 'gradients'], classRows),
  ].join('\n\n');
}

/** Everything that golden cases showed, library by library. */
export const resultSections = (): string =>
  byLibrary(readResults())
    .map(([name, releases]) => librarySection(name, releases))
    .join('\n\n');

/** The formats that models are written in. */
export function writtenFormats(): string {
  const rows = FORMATS.filter(({write, writeGraph}) => write ?? writeGraph).map(({name, title, write}) => [
    `\`${name}\``,
    title.replace(/^an? /, '') + (write ? '' : ', of a TensorFlow graph'),
  ]);
  return table(['name', 'format'], rows);
}

/** One line for each library. */
export function resultSummary(): string {
  const results = readResults();
  const rows = byLibrary(results).map(([name, releases]) => {
    const all = sum(releases.map(release => release.all));
    const classes = new Set(releases.flatMap(release => Object.keys(release.classes)));
    const formats = new Set(releases.flatMap(release => Object.keys(release.formats)));
    return [
      `\`${name}\``,
      releases.map(({release}) => release).join(', '),
      String(classes.size),
      String(formats.size),
      ratio(all),
      String(all.trained),
    ];
  });
  const header = ['library', 'releases', 'classes', 'formats', 'files read', 'gradients compared'];
  const all = sum(results.map(release => release.all));
  return `${table(header, rows)}\n\n${ratio(all)} files in all; gradients were compared for ${all.trained}.`;
}
