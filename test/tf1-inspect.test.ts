import {execFile} from 'node:child_process';
import {cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {gunzipSync} from 'node:zlib';
import test from 'ava';

const CASE = 'fixtures/golden/tf1.15-models/char_rnn_2x_basic_lstm';
const folder = mkdtempSync(join(tmpdir(), 'carryover-char-rnn-'));
const prefix = join(folder, 'model.ckpt-400');
const recipe = join(folder, 'recipe.json');

test.before('puts the graph beside the checkpoint', () => {
  cpSync(join(CASE, 'v2'), folder, {recursive: true});
  const graph = gunzipSync(readFileSync('fixtures/graphs/tf1.15-models-char_rnn_2x_basic_lstm.meta.gz'));
  writeFileSync(`${prefix}.meta`, graph);
});

test.after.always(() => rmSync(folder, {recursive: true, force: true}));

/** Runs the command line in a process of its own. */
function carryover(...args: string[]): Promise<{code: number; stdout: string; stderr: string}> {
  const all = ['--import', 'tsx', 'src/cli/bin.ts', ...args];
  return new Promise(resolve => {
    execFile(process.execPath, all, {encoding: 'utf8'}, (error, stdout, stderr) => {
      resolve({code: error ? Number(error.code) : 0, stdout, stderr});
    });
  });
}

test.serial('inspect tells the layers, gates and states of the char-RNN checkpoint', async t => {
  const {code, stdout} = await carryover('inspect', prefix);
  t.is(code, 0);
  t.regex(stdout, /a TensorFlow checkpoint \(V2\)/);
  t.regex(stdout, /model\.ckpt-400\.meta has its graph/);
  t.regex(stdout, /static_rnn .*BasicLSTMCell\(num_units 16, forget_bias 1\), BasicLSTMCell/);
  t.regex(
    stdout,
    /cell_1\/kernel .*kernel, then recurrent kernel; columns: input gate, cell candidate, forget gate, output gate/,
  );
  t.regex(stdout, /states state\.0\.c, state\.0\.h, state\.1\.c, state\.1\.h \[batch, 16\]/);
  t.regex(stdout, /output +probs +\[36, 29\]/);
  t.notRegex(stdout, /\/Adam|cannot be loaded|assumed/);
});

test.serial('verify accepts the recipe that inspect writes, as it is', async t => {
  const written = await carryover('inspect', `${prefix}.meta`, '--recipe');
  t.is(written.code, 0);
  t.deepEqual(JSON.parse(written.stdout).assumed, []);
  writeFileSync(recipe, written.stdout);
  const {outputs} = JSON.parse(readFileSync(join(CASE, 'golden.json'), 'utf8')) as {
    outputs: Record<string, string>;
  };
  const expected = Object.entries(outputs).flatMap(([name, file]) => [
    '--expect',
    `${name}=${join(CASE, file)}`,
  ]);
  const result = await carryover(
    ...['verify', prefix, '--architecture', recipe, '--backend', 'cpu'],
    ...['--input', `x=${join(CASE, 'x.npy')}`, '--tolerance', '2e-5', ...expected],
  );
  t.is(result.code, 0, result.stdout + result.stderr);
  t.is(Object.keys(outputs).length, 6);
});

test.serial('without a .meta the recipe says what it assumed', async t => {
  const {code, stdout} = await carryover('inspect', join(CASE, 'v2', 'model.ckpt-400'), '--recipe');
  t.is(code, 0);
  t.true(JSON.parse(stdout).assumed.some((line: string) => line.startsWith('forget_bias is 1.0')));
});
