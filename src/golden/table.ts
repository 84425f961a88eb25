import type {GoldenReport, GoldenResult} from './run';

/** What failed and what was skipped and why, a row per family, and a last line with the counts. */
export function formatGoldenTable(report: GoldenReport): string {
  const families = [...new Set(report.cases.map(({family}) => family))];
  const rows = families.map(family =>
    familyRow(
      family,
      report.cases.filter(result => result.family === family),
    ),
  );
  const header = [
    'family',
    'cases',
    'sources',
    'arrays',
    'passed',
    'failed',
    'skipped',
    'worst abs',
    'where',
  ];
  const lines = [
    ...report.cases.filter(({passed}) => !passed).map(describe),
    ...table([header, ...rows]),
    ...resolutionNote(report),
    `${report.passed} passed, ${report.failed} failed, ${report.skipped} skipped`,
  ];
  return lines.join('\n');
}

/**
 * Said aloud: cases whose library computed in float64 are compared as closely as float32 can tell, those in half precision
 * with what the library puts out in float32; and files that nobody can run are refused.
 */
function resolutionNote({cases}: GoldenReport): string[] {
  const count = (kind: GoldenResult['resolution']): number =>
    cases.filter(({resolution}) => resolution === kind).length;
  const [doubles, halves] = [count('float32'), count('float32 outputs')];
  const refused = cases.filter(result => result.refused !== undefined).length;
  return [
    ...(doubles > 0
      ? [`${doubles} sources of float64 cases were compared at float32 resolution (1e-6)`]
      : []),
    ...(halves > 0
      ? [`${halves} sources in half precision were compared with their float32 outputs (2e-5)`]
      : []),
    ...(refused > 0 ? [`${refused} sources were refused as they should be`] : []),
  ];
}

function describe({name, source, skipped, error, worst}: GoldenResult): string {
  if (skipped !== undefined) return `skipped ${name} ${source}: ${skipped}`;
  if (error !== undefined) return `failed  ${name} ${source}: ${error}`;
  const step = worst!.step === undefined ? '' : `, from time step ${worst!.step}`;
  return `failed  ${name} ${source}: ${worst!.output} is off by ${worst!.abs.toExponential(2)}${step}`;
}

function familyRow(family: string, results: readonly GoldenResult[]): string[] {
  const passed = results.filter(result => result.passed);
  const skipped = results.filter(result => result.skipped !== undefined);
  const compared = results.reduce((sum, result) => sum + result.compared, 0);
  const worst = results.filter(({worst}) => worst).sort((a, b) => b.worst!.abs - a.worst!.abs)[0];
  const cases = new Set(results.map(({name}) => name)).size;
  const counts = [
    cases,
    results.length,
    compared,
    passed.length,
    results.length - passed.length - skipped.length,
    skipped.length,
  ];
  const where = worst ? `${worst.name.split('/').at(-1)} ${worst.worst!.output}` : '';
  return [family, ...counts.map(String), worst ? worst.worst!.abs.toExponential(1) : '', where];
}

/** Columns as wide as their widest cell; numbers to the right. */
function table(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, k) => Math.max(...rows.map(row => row[k]!.length)));
  return rows.map(row =>
    row
      .map((cell, k) =>
        k === 0 || k === row.length - 1 ? cell.padEnd(widths[k]!) : cell.padStart(widths[k]!),
      )
      .join('  ')
      .trimEnd(),
  );
}
