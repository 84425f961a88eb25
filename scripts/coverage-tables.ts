import {readFileSync} from 'node:fs';
import {CONTESTANTS, type Counts, type Coverage, type CoverageRow, RESULTS} from '../bench/coverage/summary';
import {table} from './tables';

/** Tables of how many of Keras' files others bring along, from `fixtures/coverage.json`. */

type Contestant = (typeof CONTESTANTS)[number];

const TITLES: Readonly<Record<Contestant, string>> = {
  tfjs: 'tensorflowjs_converter and tfjs',
  onnx: 'tf2onnx and ONNX Runtime',
  carryover: 'Carryover',
};

/** What `npm run coverage` wrote. */
const readCoverage = (): Coverage => JSON.parse(readFileSync(RESULTS, 'utf8')) as Coverage;

const sum = (rows: readonly CoverageRow[], who: Contestant): Counts => {
  const of = (verdict: keyof Counts): number => rows.reduce((total, row) => total + row[who][verdict], 0);
  return {right: of('right'), wrong: of('wrong'), refused: of('refused'), crashed: of('crashed')};
};

const total = ({right, wrong, refused, crashed}: Counts): number => right + wrong + refused + crashed;

/** `5/7, 1 wrong`: how many are right, of all; and of the others those that gave wrong numbers or broke. */
function cell(counts: Counts): string {
  const others = (['wrong', 'crashed'] as const).filter(verdict => counts[verdict] > 0);
  return [`${counts.right}/${total(counts)}`, ...others.map(verdict => `${counts[verdict]} ${verdict}`)].join(
    ', ',
  );
}

function tableBy(title: string, nameOf: (row: CoverageRow) => string, rows: readonly CoverageRow[]): string {
  const groups = new Map<string, CoverageRow[]>();
  for (const row of rows) groups.set(nameOf(row), [...(groups.get(nameOf(row)) ?? []), row]);
  const cells = (several: readonly CoverageRow[]): string[] =>
    CONTESTANTS.map(who => cell(sum(several, who)));
  return table(
    [title, ...CONTESTANTS.map(who => TITLES[who])],
    [...[...groups].map(([name, several]) => [name, ...cells(several)]), ['all', ...cells(rows)]],
  );
}

/** How large the sample is, and whose releases were asked. */
function sampleText({rows, of, late, date, versions}: Coverage): string {
  const named = Object.entries(versions).map(([name, version]) => `${name.replace(/^\w+: /, '')} ${version}`);
  const size = total(sum(rows, 'carryover'));
  return `${size} of ${of} files, ${date}; ${late} more were left out, as somebody had no answer within a minute. Asked were ${[...new Set(named)].sort().join(', ')}.`;
}

/** By release of the library that wrote the files, and by format. */
export function coverageTables(): string {
  const coverage = readCoverage();
  const {rows} = coverage;
  return [
    sampleText(coverage),
    tableBy('release', ({release}) => release, rows),
    tableBy(
      'format',
      ({format}) => `\`${format}\``,
      [...rows].sort((a, b) => a.format.localeCompare(b.format)),
    ),
  ].join('\n\n');
}

/** The ways in that gave numbers, wrong ones, and the words of refusals. */
export function coverageDetails(): string {
  const {ways, wrong, refusals} = readCoverage();
  const wayRows = Object.entries(ways).map(([name, count]) => [name, String(count)]);
  const wrongRows = wrong.map(({who, key, way, why}) => [who, `\`${key}\``, way, why]);
  const plain = (words: string): string => words.replaceAll('|', '\\|').replaceAll('<', '&lt;');
  const refusalRows = refusals.map(({who, words, count}) => [who, String(count), plain(words)]);
  return [
    table(['way', 'files'], wayRows),
    wrong.length > 0 ? table(['who', 'file', 'way', 'off'], wrongRows) : 'Nobody gave wrong numbers.',
    table(['who', 'files', 'words of the refusal'], refusalRows),
  ].join('\n\n');
}

/** One line for README.md. */
export function coverageSummary(): string {
  const {rows, of} = readCoverage();
  const [tfjs, onnx, carryover] = CONTESTANTS.map(who => sum(rows, who));
  const wrong = ({wrong}: Counts): string => (wrong > 0 ? ` (and wrong numbers for ${wrong})` : '');
  return (
    `Of ${total(carryover!)} Keras files drawn by lot from ${of} (some of each release), the official converter with tfjs ` +
    `loads and matches ${tfjs!.right}${wrong(tfjs!)}, tf2onnx with ONNX Runtime ${onnx!.right}${wrong(onnx!)}, ` +
    `Carryover ${carryover!.right}${wrong(carryover!)}: [docs/coverage.md](docs/coverage.md), with what is open about these figures.`
  );
}
