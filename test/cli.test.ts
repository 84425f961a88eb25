import {mkdtemp, readdir, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import {readNpy} from '../converters/npy/read';
import {readNpz} from '../converters/npz/read';
import {commandLine} from './support/command-line';

const GOLDEN = 'fixtures/golden';
const LSTM1 = `${GOLDEN}/keras-1.2.2-theano/lstm_seq`;
const GRU1 = `${GOLDEN}/keras-1.2.2-theano/gru_seq`;
const LSTM2 = `${GOLDEN}/keras-2.2.4-theano/lstm_seq`;
const LSTM0 = `${GOLDEN}/keras-0.2.0/lstm_seq`;

/** A masked layer that forgets, which ONNX cannot express. */
const FORGET = `${GOLDEN}/keras-0.2.0/lstm_seq_mask_tail`;

const {carryover, piping, build, remove} = commandLine();

test.before('builds the command line', build);

test.after.always('removes what was built', remove);

const CPU = ['--backend', 'cpu'];
const data = (folder: string) => ['--input', `${folder}/x.npy`, '--expect', `${folder}/y.npy`];

async function scratch(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'carryover-cli-'));
  try {
    await use(folder);
  } finally {
    await rm(folder, {recursive: true, force: true});
  }
}

for (const folder of [LSTM1, LSTM2]) {
  test(`verify passes for the whole model of ${folder}`, async t => {
    const {code, stdout} = await carryover('verify', `${folder}/model.h5`, ...data(folder), ...CPU);
    t.regex(stdout, /^y +\[\d+, \d+, \d+\] .* pass$/m);
    t.regex(stdout, /^(onnx|wasm|ops) on cpu, tolerance .*: pass$/m);
    t.is(code, 0);
  });
}

test('verify takes an architecture for weights of Keras 0.x', async t => {
  const files = ['--architecture', `${LSTM0}/model.json`, '--weights', `${LSTM0}/weights.h5`];
  const {code, stdout, stderr} = await carryover('verify', ...files, ...data(LSTM0), ...CPU);
  t.is(code, 0);
  t.regex(stdout, /: pass$/m);
  t.regex(stderr, /^note: .*Keras release/);
});

const ENGINE_ON_CPU = /^(onnx|wasm|ops)(, (onnx|wasm|ops))* on cpu$/;

test('a report says the engine that ran, and how the command line is told a release', async t => {
  await scratch(async folder => {
    const report = join(folder, 'report.html');
    const files = ['--architecture', `${LSTM0}/model.json`, '--weights', `${LSTM0}/weights.h5`];
    const {code} = await carryover('verify', ...files, ...data(LSTM0), '--report', report, ...CPU);
    t.is(code, 0);
    const page = await readFile(report, 'utf8');
    t.regex(page, /\(--library-version overrides this\)/);
    t.notRegex(page, /option 'version'|run by auto/);
    t.regex(page, /run by (ops|wasm|onnx|native) on cpu/);
  });
});

test('verify exits 1 where outputs are not those expected, and says from which step on', async t => {
  await scratch(async folder => {
    const report = join(folder, 'report.html');
    const files = ['--input', `${LSTM1}/x.npy`, '--expect', `${GRU1}/y.npy`, '--report', report];
    const {code, stdout} = await carryover('verify', `${LSTM1}/model.h5`, ...files, ...CPU, '--json');
    t.is(code, 1);
    const {passed, engine, chosen, outputs} = JSON.parse(stdout);
    t.false(passed);
    t.is(chosen, 'auto on cpu');
    t.regex(engine, ENGINE_ON_CPU);
    t.is(outputs[0].firstBadStep, 0);
    const page = await readFile(report, 'utf8');
    t.regex(page, /MISS/);
    t.true(page.includes(`run by ${engine}.`));
    t.regex(page, /<svg[\s\S]*<rect/);
    t.notRegex(page, /https?:|<script|<link/);
  });
});

test('run and verify name the engine that ran, which is another one where the chosen one cannot', async t => {
  const ops = await carryover(
    'run',
    `${LSTM1}/model.h5`,
    ...INPUT1.slice(0, 2),
    '--backend',
    'cpu',
    '--engine',
    'ops',
    '--json',
  );
  t.is(JSON.parse(ops.stdout).engine, 'ops on cpu');
  const {stdout} = await carryover('verify', FORGET, '--backend', 'cpu', '--engine', 'onnx', '--json');
  const {cases, engine, chosen} = JSON.parse(stdout);
  t.is(cases[0].chosen, 'onnx on cpu');
  t.is(cases[0].engine, 'wasm on cpu');
  t.deepEqual([engine, chosen], ['wasm on cpu', 'onnx on cpu']);
});

test('verify of golden folders counts them, and gives one JSON object', async t => {
  const {code, stdout} = await carryover('verify', LSTM1, GRU1, ...CPU, '--json');
  t.is(code, 0);
  const {cases} = JSON.parse(stdout);
  t.is(cases.length, 4);
  for (const one of cases) {
    t.true(one.passed);
    t.is(one.chosen, 'auto on cpu');
    t.regex(one.engine, ENGINE_ON_CPU);
    t.true(one.worst.abs < 1e-5);
  }
  const plain = await carryover('verify', LSTM0, ...CPU);
  t.regex(plain.stdout.trimEnd().split('\n').at(-1)!, /^\d+ passed, 0 failed, 0 skipped$/);
});

test('run writes what the model puts out, and replaces a file only with --force', async t => {
  await scratch(async folder => {
    const [npy, npz] = [join(folder, 'y.npy'), join(folder, 'all.npz')];
    const args = ['run', `${LSTM1}/model.h5`, '--input', `x=${LSTM1}/x.npy`, ...CPU];
    const first = await carryover(...args, '--output', npy, '--output', npz);
    t.is(first.code, 0, first.stderr);
    const got = readNpy(await readFile(npy));
    const want = readNpy(await readFile(`${LSTM1}/y.npy`));
    t.deepEqual(got.shape, want.shape);
    const [a, b] = [got.values as Float32Array, want.values as Float32Array];
    t.true(a.every((value, k) => Math.abs(value - b[k]!) < 1e-5));
    t.deepEqual(readNpz(await readFile(npz)).get('y'), got);

    await writeFile(npy, 'mine');
    const again = await carryover(...args, '--output', npy);
    t.is(again.code, 2);
    t.regex(again.stderr, /^carryover: .*exists already; give --force to replace it \(E_FILE\)\n$/);
    t.is(await readFile(npy, 'utf8'), 'mine');
    t.is((await carryover(...args, '--output', npy, '--force')).code, 0);
    t.deepEqual(readNpy(await readFile(npy)), got);
    t.deepEqual((await readdir(folder)).sort(), ['all.npz', 'y.npy']);
  });
});

test('inspect tells layers, arrays and what their gates mean', async t => {
  const {code, stdout} = await carryover(
    'inspect',
    `${LSTM0}/weights.h5`,
    '--architecture',
    `${LSTM0}/model.json`,
  );
  t.is(code, 0);
  t.regex(stdout, /library +keras0, release 0\.2\.0/);
  t.regex(stdout, /^ +W_i +\[5, 4\] +float32 +input gate kernel/m);
  t.regex(stdout, /^ +b_f +\[4\] +float32 +forget gate bias/m);
  t.regex(stdout, /states h, c/);
  const json = JSON.parse((await carryover('inspect', `${LSTM2}/model.h5`, '--json')).stdout);
  t.is(json.library, 'keras2');
  t.is(json.layers[0].class, 'LSTM');
  t.regex(json.layers[0].arrays[0].meaning, /input gate, forget gate, cell candidate, output gate/);
});

test('inspect --recipe writes a recipe with which a bare weight file verifies', async t => {
  await scratch(async folder => {
    const bare = `${GOLDEN}/keras-0.1.1/stack2_lstm`;
    const {code, stdout, stderr} = await carryover('inspect', `${bare}/weights.h5`, '--recipe');
    t.is(code, 0);
    const recipe = join(folder, 'recipe.json');
    await writeFile(recipe, stdout);
    t.is(JSON.parse(stdout).assumed.length, stderr.trimEnd().split('\n').length);
    const args = ['--architecture', recipe, ...data(bare), ...CPU];
    t.is((await carryover('verify', `${bare}/weights.h5`, ...args)).code, 0);
  });
});

test('--custom takes a layer class from a module of the user', async t => {
  await scratch(async folder => {
    const module = join(folder, 'layers.mjs');
    await writeFile(module, "export function Broken() { throw new Error('this is my own layer'); }\n");
    const args = ['--custom', `LSTM=${module}#Broken`, '--input', `${LSTM1}/x.npy`, ...CPU];
    const {code, stderr} = await carryover('run', `${LSTM1}/model.h5`, ...args);
    t.is(code, 2);
    t.regex(stderr, /this is my own layer/);
    const missing = await carryover(
      'run',
      `${LSTM1}/model.h5`,
      '--custom',
      `LSTM=${module}#None`,
      ...data(LSTM1).slice(0, 2),
    );
    t.is(missing.code, 2);
    t.regex(missing.stderr, /exports no class or function 'None'.*Broken.*\(E_USAGE\)/);
  });
});

test('help and version are told without loading anything', async t => {
  const {version} = JSON.parse(await readFile('package.json', 'utf8'));
  for (const word of ['--version', '-v', 'version']) t.is((await carryover(word)).stdout, `${version}\n`);
  const general = await carryover('--help');
  t.is(general.code, 0);
  t.regex(general.stdout, /carryover verify SOURCE/);
  t.regex((await carryover('convert', '--help')).stdout, /--to FORMAT/);
});

test('with --json, an error is an object on stdout as well as a line on stderr', async t => {
  const missing = await carryover('inspect', 'none.h5', '--json');
  t.is(missing.code, 2);
  t.like(JSON.parse(missing.stdout), {error: {code: 'E_FILE', message: 'none.h5: no such file'}});
  t.is(missing.stderr, 'carryover: none.h5: no such file (E_FILE)\n');
  const usage = await carryover('transmogrify', '--json');
  t.is(JSON.parse(usage.stdout).error.code, 'E_USAGE');
  t.is((await carryover('inspect', 'none.h5')).stdout, '');
});

test('run reads an input from stdin and writes an output to stdout', async t => {
  const x = await readFile(`${LSTM1}/x.npy`);
  const piped = await piping(x, 'run', `${LSTM1}/model.h5`, '--input', '-', '--output', '-', ...CPU);
  t.is(piped.code, 0);
  const want = readNpy(await readFile(`${LSTM1}/y.npy`));
  const got = readNpy(piped.bytes);
  t.deepEqual(got.shape, want.shape);
  t.true(got.values.every((value, k) => Math.abs(Number(value) - Number(want.values[k])) < 1e-5));
  t.regex(piped.stderr, /^output +shape/);
  const both = ['run', `${LSTM1}/model.h5`, '--input', '-', '--output', '-', '--json', ...CPU];
  t.regex((await piping(x, ...both)).stderr, /both write to stdout.*\(E_USAGE\)/);
});

const INPUT1 = ['--input', `${LSTM1}/x.npy`, ...CPU];
const BAD: Record<string, {args: string[]; line: RegExp}> = {
  'no verb': {args: [], line: /no verb given.*\(E_USAGE\)/},
  'an unknown verb': {args: ['transmogrify'], line: /'transmogrify'.*inspect, run.*\(E_USAGE\)/},
  'a misspelt verb': {args: ['inspct', 'm.h5'], line: /'inspct' \(did you mean 'inspect'\?\).*\(E_USAGE\)/},
  'help for an unknown verb': {args: ['help', 'runn'], line: /'runn' \(did you mean 'run'\?\).*\(E_USAGE\)/},
  'an unknown option': {args: ['run', 'm.h5', '--fast'], line: /--fast.*\(E_USAGE\)/},
  'a misspelt option': {
    args: ['run', 'm.h5', '--enginee', 'ops'],
    line: /run: there is no option '--enginee' \(did you mean '--engine'\?\); see: .*\(E_USAGE\)/,
  },
  'an unknown engine': {
    args: ['run', `${LSTM1}/model.h5`, ...INPUT1, '--engine', 'onx'],
    line: /--engine 'onx' is none of auto, .*wasm.*\(did you mean 'onnx'\?\).*\(E_USAGE\)/,
  },
  'a missing file': {args: ['run', 'none.h5', ...INPUT1], line: /none\.h5: no such file.*\(E_FILE\)/},
  'a file of no known format': {args: ['inspect', 'LICENSE'], line: /LICENSE: no format.*\(E_FORMAT\)/},
  'a cut-off file': {args: ['inspect', 'fixtures/hostile/truncated.h5'], line: /truncated\.h5.*\(E_FORMAT\)/},
  'an input of the wrong shape': {
    args: [
      'run',
      `${LSTM1}/model.h5`,
      '--input',
      `${GOLDEN}/keras-1.2.2-theano/model_imdb_lstm/x.npy`,
      ...CPU,
    ],
    line: /input 'x' has shape \[.*\]; the model takes \[any, 7, 5\].*\(E_SHAPE\)/,
  },
  'an output that the model does not have': {
    args: ['run', `${LSTM1}/model.h5`, ...INPUT1, '--output', 'cell=cell.npy'],
    line: /no output 'cell'; its outputs are y, its layers .* \(E_USAGE\)/,
  },
  'weights without architecture': {
    args: ['run', `${LSTM1}/weights.h5`, ...INPUT1],
    line: /no architecture.*--architecture FILE.*\(E_ARCHITECTURE\)/,
  },
  'an architecture without weights': {
    args: ['run', `${LSTM1}/model.json`, ...INPUT1],
    line: /--weights FILE.*\(E_USAGE\)/,
  },
  'a folder without golden cases': {
    args: ['verify', 'src', ...CPU],
    line: /src: no golden\.json.*\(E_FILE\)/,
  },
  'an engine that does not run on the backend': {
    args: ['run', `${LSTM1}/model.h5`, ...INPUT1.slice(0, 2), '--engine', 'native', '--backend', 'cpu'],
    line: /engine native runs on backend tensorflow, not on cpu; leave --backend out \(E_ENGINE\)/,
  },
  'threads that are no number': {
    args: ['run', `${LSTM1}/model.h5`, ...INPUT1.slice(0, 2), '--threads', '0'],
    line: /--threads '0' is no whole number of 1 or more.*\(E_USAGE\)/,
  },
  'a tolerance that is no number': {
    args: ['verify', `${LSTM1}/model.h5`, ...data(LSTM1), '--tolerance', 'some'],
    line: /--tolerance 'some'.*\(E_USAGE\)/,
  },
  'a release that is no number': {
    args: ['run', `${LSTM1}/model.h5`, ...INPUT1, '--library-version', 'latest'],
    line: /version is 'latest'; expected a release of Keras 2, such as 2\.3\.1 \(E_USAGE\)/,
  },
  'a release that did not write such files': {
    args: ['run', `${LSTM1}/model.h5`, ...INPUT1, '--library-version', '0.3.3'],
    line: /comes from Keras 1\.0 and later; its release was given as 0\.3\.3 \(E_ARCHITECTURE\)/,
  },
  'weights given as an architecture': {
    args: ['run', `${LSTM0}/weights.h5`, '--architecture', `${LSTM0}/weights.h5`, ...INPUT1],
    line: /weights\.h5: is a Keras weight file \(HDF5\), and holds no architecture; expected .*\(E_ARCHITECTURE\)/,
  },
  'several models to verify at once': {
    args: ['verify', `${LSTM1}/model.h5`, `${LSTM2}/model.h5`],
    line: /model\.h5' is a file; several SOURCES must be golden folders.*\(E_USAGE\)/,
  },
  'another target than tfjs': {
    args: ['convert', `${LSTM1}/model.h5`, 'out', '--to', 'keras-h5'],
    line: /this version writes [a-z, -]*tfjs[a-z, -]* only.*\(E_USAGE\)/,
  },
};

for (const [what, {args, line}] of Object.entries(BAD)) {
  test(`one line and exit status 2 for ${what}`, async t => {
    const {code, stdout, stderr} = await carryover(...args);
    t.regex(stderr, /^carryover: [^\n]+\n$/);
    t.regex(stderr, line);
    t.is(stdout, '');
    t.is(code, 2);
  });
}
