// Runs golden cases and writes what passed to fixtures/support.json: npm run support -- FOLDER...
// A FOLDER is a golden folder or has some below it; of two cases of one family and name the first counts. `npm run generate` then
// writes docs/support.md and README.md from it.
import {writeFileSync} from 'node:fs';
import {pathToFileURL} from 'node:url';
import {findGoldens, type GoldenResult, runGoldenTree} from '../src/node/golden';

/** The file with the results, from which the tables are made. */
export const RESULTS = 'fixtures/support.json';

/** How many sources (files of golden cases) there are, and how many passed. */
export interface Tally {
  passed: number;
  total: number;
  /** Of how many gradients were compared, and passed. */
  trained: number;
}

/** What the golden cases of one release of a library showed. */
export interface ReleaseResult {
  /** This project's name of the library. */
  readonly library: string;
  /** The library and its release as the cases say them. */
  readonly release: string;
  /** Sources that must be refused, and are. */
  refused: number;
  /** All others. */
  readonly all: Tally;
  readonly formats: Record<string, Tally>;
  /** By class of layer, by format; sources that could not be opened are not among them. */
  readonly classes: Record<string, Record<string, Tally>>;
}

/** Sums up by release, in order of library and release. */
export function summary(cases: readonly GoldenResult[]): ReleaseResult[] {
  const libraries = librariesOf(cases);
  const releases = new Map<string, ReleaseResult>();
  for (const result of cases) {
    const name = releaseOf(result);
    const library = libraries.get(name);
    if (library === undefined) throw new Error(`${result.family}/${result.name}: nothing of ${name} opens`);
    const release: ReleaseResult = releases.get(name) ?? {
      library,
      release: name,
      refused: 0,
      all: emptyTally(),
      formats: {},
      classes: {},
    };
    releases.set(name, release);
    addTo(release, result);
  }
  const order = (a: ReleaseResult, b: ReleaseResult): number =>
    a.library.localeCompare(b.library) || a.release.localeCompare(b.release, 'en', {numeric: true});
  return [...releases.values()].sort(order);
}

/** A release's name alone: a version, or a commit; not what follows it. */
export function releaseOf({madeBy: {library, release}}: Pick<GoldenResult, 'madeBy'>): string {
  return `${library.replace(/-cpu$/, '')} ${/^git \w+|^\S+/.exec(release)?.[0] ?? ''}`.trim();
}

/**
 * The library of each release: what most of its files open as. A recipe of a TensorFlow graph may say its Dense layers in
 * Keras' words, and is TensorFlow's all the same.
 */
function librariesOf(cases: readonly GoldenResult[]): ReadonlyMap<string, string> {
  const counts = new Map<string, Map<string, number>>();
  for (const result of cases) {
    if (!result.opened) continue;
    const {library} = result.opened;
    const ofRelease = counts.get(releaseOf(result)) ?? new Map<string, number>();
    counts.set(releaseOf(result), ofRelease.set(library, (ofRelease.get(library) ?? 0) + 1));
  }
  const most = (ofRelease: ReadonlyMap<string, number>): string =>
    [...ofRelease].reduce((a, b) => (b[1] > a[1] ? b : a))[0];
  return new Map([...counts].map(([release, ofRelease]) => [release, most(ofRelease)]));
}

const emptyTally = (): Tally => ({passed: 0, total: 0, trained: 0});

function addTo(release: ReleaseResult, result: GoldenResult): void {
  if (result.refused !== undefined) {
    release.refused++;
    return;
  }
  const {format, passed, gradients = 0, opened} = result;
  release.formats[format] ??= emptyTally();
  const tallies = [release.all, release.formats[format]];
  for (const name of opened?.classes ?? []) {
    release.classes[name] ??= {};
    release.classes[name][format] ??= emptyTally();
    tallies.push(release.classes[name][format]);
  }
  for (const tally of tallies) {
    tally.total++;
    if (passed) tally.passed++;
    if (passed && gradients > 0) tally.trained++;
  }
}

/** The golden folders below these, each family's case once. */
function foldersOf(paths: readonly string[]): string[] {
  const keyOf = (folder: string): string =>
    folder
      .split(/[\\/]+/)
      .slice(-2)
      .join('/');
  const found = new Map(
    findGoldens(paths)
      .reverse()
      .map(folder => [keyOf(folder), folder]),
  );
  return [...found.values()].reverse();
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const {setEngine} = await import('../src/engines/registry');
  const {useBackend} = await import('../src/node/backend');
  await useBackend('cpu');
  setEngine('wasm');
  const log = ({passed, family, name, source, error}: GoldenResult): void => {
    if (!passed) process.stderr.write(`✘ ${family}/${name} ${source}: ${error ?? 'out of tolerance'}\n`);
  };
  const report = await runGoldenTree(foldersOf(['fixtures/golden', ...process.argv.slice(2)]), {log});
  const lines = summary(report.cases).map(release => JSON.stringify(release));
  writeFileSync(RESULTS, `[\n${lines.join(',\n')}\n]\n`);
  process.stderr.write(
    `${RESULTS}: ${report.passed} passed, ${report.failed} failed; next: npm run generate\n`,
  );
}
