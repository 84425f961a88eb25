import type {Comparison, Tolerance} from '../verify/compare';

interface Numbers {
  readonly shape: readonly number[];
  readonly values: ArrayLike<number>;
}

/** What a report page shows. */
export interface ReportData {
  readonly label: string;
  readonly engine: string;
  readonly tolerance: Tolerance;
  readonly notes: readonly string[];
  readonly outputs: readonly (Comparison & {readonly steps?: readonly number[]})[];
}

/** The largest |got − want| of each time step of `[batch, time, ...]` arrays; undefined for others. */
export function errorBySteps(got: Numbers, want: Numbers): number[] | undefined {
  const [, time = 0] = want.shape;
  if (want.shape.length < 3 || time === 0) return undefined;
  const perStep = want.shape.slice(2).reduce((a, b) => a * b, 1);
  const result = new Array<number>(time).fill(0);
  for (let k = 0; k < want.values.length; k++) {
    const step = Math.floor(k / perStep) % time;
    const [g, w] = [got.values[k]!, want.values[k]!];
    if (Object.is(g, w)) continue;
    const error = Math.abs(g - w);
    result[step] = Math.max(result[step]!, Number.isNaN(error) ? Infinity : error);
  }
  return result;
}

const STYLE = `body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1c2330}
table{border-collapse:collapse;margin:1rem 0}th,td{padding:.3rem .8rem;border-bottom:1px solid #d6dae2;text-align:right}
th:first-child,td:first-child{text-align:left}.pass{color:#14703a}.miss{color:#b3261e;font-weight:600}
svg{width:100%;height:auto;background:#f6f7f9;border-radius:4px}figure{margin:1rem 0}figcaption{color:#5a6372}
@media(prefers-color-scheme:dark){body{background:#14171d;color:#e4e7ec}th,td{border-color:#343a46}svg{background:#1d222b}
.pass{color:#6fd498}.miss{color:#ff8a80}figcaption{color:#9aa3b2}}`;

/** One page of HTML that needs nothing else. */
export function reportPage({label, engine, tolerance, notes, outputs}: ReportData): string {
  const passed = outputs.every(output => output.passed);
  const rows = outputs.map(output => {
    const cells = [
      output.name,
      `[${output.shape.join(', ')}]`,
      exponential(output.maxAbs),
      exponential(output.maxRel),
      String(output.maxUlps),
      String(output.misses),
      `[${output.worst.join(', ')}]`,
      output.firstBadStep === undefined ? '–' : String(output.firstBadStep),
    ];
    return `<tr>${cells.map(cell => `<td>${escaped(cell)}</td>`).join('')}<td>${verdict(output.passed)}</td></tr>`;
  });
  const headers = [
    'output',
    'shape',
    'max abs',
    'max rel',
    'ULPs',
    'misses',
    'worst at',
    'first step out',
    'parity',
  ];
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Parity of ${escaped(label)}</title>
<style>${STYLE}</style></head>
<body>
<h1>Parity of ${escaped(label)}</h1>
<p>${verdict(passed)}: ${outputs.filter(output => output.passed).length} of ${outputs.length} outputs within
|got − want| ≤ ${tolerance.atol} + ${tolerance.rtol}·|want|, run by ${escaped(engine)}.</p>
${notes.length > 0 ? `<ul>${notes.map(line => `<li>${escaped(line)}</li>`).join('')}</ul>` : ''}
<table><thead><tr>${headers.map(header => `<th>${header}</th>`).join('')}</tr></thead>
<tbody>
${rows.join('\n')}
</tbody></table>
${outputs.map(output => (output.steps ? chart(output.name, output.steps, tolerance.atol) : '')).join('\n')}
</body>
</html>
`;
}

const [WIDTH, HEIGHT, LEFT, BOTTOM] = [720, 220, 56, 28];
/** Below this an error counts as none: float32's own rounding of small numbers. */
const FLOOR = 1e-12;

/** Bars of the error at each time step, on a logarithmic scale, with the absolute tolerance as a line. */
function chart(name: string, steps: readonly number[], atol: number): string {
  const finite = steps.filter(error => Number.isFinite(error) && error > 0);
  const top = Math.ceil(Math.log10(Math.max(atol, FLOOR, ...finite)) + 0.2);
  const lowest = Math.floor(Math.log10(Math.max(FLOOR, Math.min(atol || 1, ...finite))) - 0.2);
  const bottom = Math.min(lowest, top - 1);
  const plot = HEIGHT - BOTTOM - 8;
  const y = (error: number): number => {
    const share = (Math.log10(Math.max(error, 10 ** bottom)) - bottom) / (top - bottom);
    return 8 + plot * (1 - Math.min(1, share));
  };
  const width = (WIDTH - LEFT - 8) / steps.length;
  const bars = steps.map((error, k) => {
    const edge = y(error);
    const height = Math.max(0, 8 + plot - edge);
    const fill = error > atol ? '#c4473a' : '#3f7fbf';
    const size = `width="${(width * 0.8).toFixed(2)}" height="${height.toFixed(2)}"`;
    const place = `x="${(LEFT + k * width).toFixed(2)}" y="${edge.toFixed(2)}"`;
    return `<rect ${place} ${size} fill="${fill}"><title>step ${k}: ${exponential(error)}</title></rect>`;
  });
  const line =
    atol > 0
      ? `<path d="M${LEFT} ${y(atol).toFixed(2)}H${WIDTH - 8}" stroke="#888" stroke-dasharray="4 3"/>`
      : '';
  const text = (x: number, at: number, content: string): string =>
    `<text x="${x}" y="${at.toFixed(2)}" font-size="11" fill="#7a8494">${content}</text>`;
  return `<figure><svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="Error of ${escaped(name)} by time step">
${bars.join('')}${line}
${text(4, 16, `1e${top}`)}${text(4, 8 + plot, `1e${bottom}`)}${text(LEFT, HEIGHT - 8, '0')}${text(WIDTH - 40, HEIGHT - 8, String(steps.length - 1))}
</svg><figcaption>${escaped(name)}: largest |got − want| at each time step; dashed: absolute tolerance</figcaption></figure>`;
}

const verdict = (passed: boolean): string =>
  passed ? '<span class="pass">pass</span>' : '<span class="miss">MISS</span>';

const exponential = (value: number): string =>
  value === 0 || !Number.isFinite(value) ? String(value) : value.toExponential(2);

function escaped(text: string): string {
  const entities: Readonly<Record<string, string>> = {'&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;'};
  return text.replace(/[&<>"]/g, character => entities[character]!);
}
