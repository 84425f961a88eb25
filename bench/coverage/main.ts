// How many of Keras' files others bring to JavaScript or to ONNX Runtime, and how many Carryover does:
//   npm run coverage -- FOLDER... [--only TEXT] [--each N] [--minutes N] [--jobs N] [--resume]
// A FOLDER is a golden folder or has some below it. What it finds goes to fixtures/coverage.json, of which `npm run generate`
// makes docs/coverage.md. The order of sources is a draw that is the same each time, one of each release, then a second one, and
// so on: what is done when the minutes are over, or after N of each, is an even sample.

import {spawnSync} from 'node:child_process';
import {createHash} from 'node:crypto';
import {appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {join, resolve} from 'node:path';
import {parseArgs} from 'node:util';
import {releaseOf} from '../../scripts/support';
import {type GoldenCase, type GoldenSource, readGolden} from '../../src/golden/case';
import {ensureBackend} from '../../src/node/backend';
import {diskFiles} from '../../src/node/files/disk';
import {findGoldens, runGoldenTree} from '../../src/node/golden';
import {type Outcome, officialConverter, type Peers, throughOnnx} from './contestants';
import {Peer} from './peer';
import {type Coverage, RESULTS, type SourceOutcome, summary} from './summary';

const WORK = '.cache/coverage';
const LINES = join(WORK, 'sources.jsonl');

/** The Pythons, made where they are missing. */
function pythons(): Record<'keras1' | 'keras2' | 'keras3', string> {
  const find = (name: string): string => {
    const found = spawnSync(process.execPath, ['scripts/python-library.mjs', `coverage-${name}`], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    if (found.status !== 0) throw new Error(`no Python for coverage-${name}`);
    return found.stdout.trim();
  };
  return {keras1: find('keras1'), keras2: find('keras2'), keras3: find('keras3')};
}

/** tf_keras has its own switch in the environment of Keras 3, and TensorFlow in common with it. */
function startPeers(python: ReturnType<typeof pythons>): Peers {
  const peer = (program: string, name: string): Peer =>
    new Peer(program, ['-W', 'ignore', 'bench/coverage/peer.py', name]);
  return {
    keras1: peer(python.keras1, 'keras1'),
    keras2: peer(python.keras2, 'keras2'),
    tf_keras: peer(python.keras3, 'tf_keras'),
    keras3: peer(python.keras3, 'keras3'),
    converter2: peer(python.keras2, 'converter'),
    converter3: peer(python.keras3, 'converter'),
    tfjs: new Peer(process.execPath, ['--import', 'tsx', 'bench/coverage/tfjs-peer.ts']),
  };
}

let last: {readonly folder: string; readonly outcomes: ReadonlyMap<string, Outcome>} | undefined;

/** Carryover, as `npm run golden` runs it but with the engines and the backend that users get. Gradients count as well. */
async function ours(folder: string): Promise<ReadonlyMap<string, Outcome>> {
  if (last?.folder === folder) return last.outcomes;
  const {cases} = await runGoldenTree([folder]);
  const outcomes = cases.map(({source, passed, error, worst}): [string, Outcome] => {
    const way = 'loadModel';
    if (passed) return [source, {verdict: 'right', way}];
    if (error === undefined)
      return [source, {verdict: 'wrong', way, why: `${worst?.output}: off by ${worst?.abs}`}];
    return [
      source,
      {verdict: /\(E_\w+\)$/.test(error) ? 'refused' : 'crashed', way, why: error.split('\n')[0]},
    ];
  });
  last = {folder, outcomes: new Map(outcomes)};
  return last.outcomes;
}

const keyOf = ({folder}: GoldenCase, {path, byName}: GoldenSource): string =>
  `${folder.split(/[\\/]/).slice(-2).join('/')}:${path}${byName ? ' by name' : ''}`;

interface Task {
  readonly golden: GoldenCase;
  readonly source: GoldenSource;
}

async function runTask(peers: Peers, {golden, source}: Task): Promise<SourceOutcome> {
  const key = keyOf(golden, source);
  const out = resolve(WORK, 'models', key.replaceAll(/[^\w.-]+/g, '_'));
  rmSync(out, {recursive: true, force: true});
  const tfjs = await officialConverter(peers, golden, source, out);
  const onnx = await throughOnnx(peers, golden, source, out);
  const carryover = (await ours(golden.folder)).get(source.path)!;
  rmSync(out, {recursive: true, force: true});
  const {library, version} = golden;
  return {key, release: {library, version}, format: source.format, tfjs, onnx, carryover};
}

const releaseOfTask = ({golden: {library, version}}: Task): string =>
  releaseOf({madeBy: {library, release: version}});

/** One of each release, then a second one, and so on, up to `each`; within its release each has its place by lot. */
function drawn(tasks: readonly Task[], each: number): Task[] {
  const lot = ({golden, source}: Task): string =>
    createHash('sha256').update(keyOf(golden, source)).digest('hex');
  const lots = tasks.map(task => ({task, lot: lot(task)})).sort((a, b) => a.lot.localeCompare(b.lot));
  const taken = new Map<string, number>();
  const rounds = lots.map(({task}) => {
    const round = taken.get(releaseOfTask(task)) ?? 0;
    taken.set(releaseOfTask(task), round + 1);
    return {task, round};
  });
  return rounds
    .filter(({round}) => round < each)
    .sort((a, b) => a.round - b.round)
    .map(({task}) => task);
}

/** Sources of Keras' own files, of cases that have numbers to compare. */
async function tasksIn(paths: readonly string[], only: string): Promise<Task[]> {
  const tasks = new Map<string, Task>();
  for (const folder of findGoldens(paths)) {
    const golden = await readGolden(diskFiles, folder);
    if (!/keras/i.test(golden.library) || golden.refused !== undefined) continue;
    for (const source of golden.sources) {
      const key = keyOf(golden, source);
      if (key.includes(only) && !tasks.has(key)) tasks.set(key, {golden, source});
    }
  }
  return [...tasks.values()];
}

/** Does tasks until there are none, or `until` (milliseconds) has come. */
async function work(python: ReturnType<typeof pythons>, tasks: Task[], until: number): Promise<Peers> {
  const peers = startPeers(python);
  while (tasks.length > 0 && Date.now() < until) {
    const task = tasks.shift()!;
    const outcome = await runTask(peers, task);
    appendFileSync(LINES, `${JSON.stringify(outcome)}\n`);
    const {tfjs, onnx, carryover} = outcome;
    process.stderr.write(
      `${outcome.key}: tfjs ${tfjs.verdict}, onnx ${onnx.verdict}, carryover ${carryover.verdict}; ${tasks.length} more\n`,
    );
  }
  return peers;
}

const {values, positionals} = parseArgs({
  allowPositionals: true,
  options: {
    only: {type: 'string', default: ''},
    each: {type: 'string', default: 'Infinity'},
    minutes: {type: 'string', default: 'Infinity'},
    jobs: {type: 'string', default: '1'},
    resume: {type: 'boolean', default: false},
  },
});
const readLines = (): SourceOutcome[] =>
  existsSync(LINES)
    ? readFileSync(LINES, 'utf8')
        .split('\n')
        .filter(Boolean)
        .map(line => JSON.parse(line) as SourceOutcome)
    : [];
mkdirSync(WORK, {recursive: true});
if (!values.resume) rmSync(LINES, {force: true});
await ensureBackend();
const done = new Set(readLines().map(({key}) => key));
const all = await tasksIn(['fixtures/golden', ...positionals], values.only);
const tasks = drawn(all, Number(values.each)).filter(({golden, source}) => !done.has(keyOf(golden, source)));
const python = pythons();
const until = Date.now() + Number(values.minutes) * 60_000;
const teams = await Promise.all(Array.from({length: Number(values.jobs)}, () => work(python, tasks, until)));
const versions: Record<string, string> = {};
for (const peers of teams)
  for (const [name, peer] of Object.entries(peers) as [string, Peer][]) {
    for (const [what, version] of Object.entries(peer.versions)) versions[`${name}: ${what}`] = version;
    peer.stop();
  }
const outcomes = readLines();
const date = new Date().toISOString().slice(0, 10);
const coverage: Coverage = summary(outcomes, {date, versions, of: all.length});
writeFileSync(RESULTS, `${JSON.stringify(coverage, undefined, 1)}\n`);
process.stderr.write(`${RESULTS}: ${outcomes.length} of ${all.length} sources; next: npm run generate\n`);
process.exit();
