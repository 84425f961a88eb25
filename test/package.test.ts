import {execFile} from 'node:child_process';
import {copyFile, mkdtemp, readdir, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join, resolve} from 'node:path';
import {promisify} from 'node:util';
import test from 'ava';
import {type BuildOptions, build} from 'esbuild';

// What is built, as users get it: packed and installed in an empty project, which has no native backend.

const execute = promisify(execFile);
const CASE = 'fixtures/golden/keras-1.2.2-theano/gru_seq';
const TYPESCRIPT = resolve('node_modules/typescript/bin/tsc');
const QUIET = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];

let project = '';

/** npm, without what the npm that runs the tests tells its children. */
async function npm(cwd: string, ...args: string[]): Promise<string> {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name)));
  const {stdout} = await execute('npm', args, {cwd, env, shell: process.platform === 'win32'});
  return stdout;
}

async function node(...args: string[]): Promise<string> {
  return (await execute(process.execPath, args, {cwd: project})).stdout;
}

const write = (name: string, text: string): Promise<void> => writeFile(join(project, name), text);

test.before('packs the package and installs it in an empty project', async () => {
  project = await mkdtemp(join(tmpdir(), 'carryover-package-'));
  const [{filename}] = JSON.parse(
    await npm('.', 'pack', '--json', '--pack-destination', project, ...QUIET),
  ) as [{filename: string}];
  await write('package.json', '{"private": true}');
  await npm(project, 'install', '--prefer-offline', ...QUIET, `./${filename}`);
  for (const name of ['model.h5', 'x.npy', 'y.npy']) await copyFile(join(CASE, name), join(project, name));
});

test.after.always('removes the project', () => rm(project, {recursive: true, force: true}));

test('the package holds what is built, and nothing of the workshop', async t => {
  const {name, version} = JSON.parse(await readFile('package.json', 'utf8'));
  const root = join(project, 'node_modules', name);
  t.is(JSON.parse(await readFile(join(root, 'package.json'), 'utf8')).version, version);
  t.deepEqual((await readdir(root)).sort(), ['CHANGELOG.md', 'LICENSE', 'README.md', 'dist', 'package.json']);
  const backends = await readdir(join(project, 'node_modules', '@tensorflow'));
  t.deepEqual(backends.sort(), ['tfjs-backend-cpu', 'tfjs-converter', 'tfjs-core', 'tfjs-layers']);
});

test('its command line works without native backend', async t => {
  const bin = join('node_modules', 'carryover', 'dist', 'bin.js');
  const {version} = JSON.parse(await readFile('package.json', 'utf8'));
  t.is(await node(bin, '--version'), `${version}\n`);
  t.regex(await node(bin, 'inspect', 'model.h5'), /GRU.*\n +W_z/);
  const verified = await node(bin, 'verify', 'model.h5', '--input', 'x.npy', '--expect', 'y.npy');
  t.regex(verified, /^(wasm|ops) on cpu, .*: pass$/m);
});

/** What a program prints that loads the model and uses every entry point. */
const EXPECTED = {shape: [3, 7, 4], passed: true, states: 12, format: 'keras-h5', backend: 'cpu'};
const BODY = `
  const model = await files.loadModel('model.h5');
  const x = await files.readTensor('x.npy');
  const y = await files.readArray('y.npy');
  const layer = carryover.keras0.lstm({outputDim: 2});
  layer.apply(x);
  const file = await converters.openKerasBytes(readFileSync('model.h5'));
  console.log(JSON.stringify({
    shape: model.predict(x).shape,
    passed: carryover.verify(model, x, y).passed,
    states: layer.getWeights().length,
    format: file.format,
    backend: tf.getBackend(),
  }));`;

test('ES modules load models with it, on a backend that it finds itself', async t => {
  await write(
    'use.mjs',
    `import {readFileSync} from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import * as carryover from 'carryover';
import * as converters from 'carryover/converters';
import * as files from 'carryover/node';
import 'carryover/register';
${BODY}`,
  );
  t.deepEqual(JSON.parse(await node('use.mjs')), EXPECTED);
});

test('CommonJS programs do so as well', async t => {
  await write(
    'use.cjs',
    `const {readFileSync} = require('node:fs');
const tf = require('@tensorflow/tfjs-core');
const carryover = require('carryover');
const converters = require('carryover/converters');
const files = require('carryover/node');
require('carryover/register');
(async () => {${BODY}
})();`,
  );
  t.deepEqual(JSON.parse(await node('use.cjs')), EXPECTED);
});

test('what is imported and what is required are one library: its engines, its classes, its errors', async t => {
  await write(
    'both.cjs',
    `const required = require('carryover');
const files = require('carryover/node');
(async () => {
  const imported = await import('carryover');
  const same = Object.keys(imported).filter(name => imported[name] === required[name]);
  const shared = [files.setEngine === imported.setEngine, (await import('carryover/node')).loadModel === files.loadModel];
  console.log(JSON.stringify({all: same.length === Object.keys(imported).length, shared}));
})();`,
  );
  t.deepEqual(JSON.parse(await node('both.cjs')), {all: true, shared: [true, true]});
});

test("its CommonJS files and its ES modules in one process have their engines in common, and each other's models", async t => {
  await write(
    'twice.cjs',
    `const {join} = require('node:path');
const {pathToFileURL} = require('node:url');
const tf = require('@tensorflow/tfjs-core');
const layers = require('@tensorflow/tfjs-layers');
require('@tensorflow/tfjs-backend-cpu');
const dist = join(__dirname, 'node_modules/carryover/dist');
const required = require(join(dist, 'index-node.cjs'));
(async () => {
  const imported = await import(pathToFileURL(join(dist, 'index-node.js')));
  const x = tf.ones([2, 3, 4]);
  imported.setEngine('native');
  let refusal;
  try {
    required.keras2.lstm({units: 5}).apply(x);
  } catch (error) {
    refusal = {code: error.code, isOurs: error instanceof imported.CarryoverError};
  }
  required.setEngine('wasm', {threads: 1});
  const saved = [];
  const differences = [];
  for (const [one, other] of [[required, imported], [imported, required]]) {
    const model = layers.sequential({layers: [one.keras2.lstm({units: 5, inputShape: [3, 4], useBias: true})]});
    const y = model.predict(x);
    let artifacts;
    await model.save({save: async all => ((artifacts = all), {modelArtifactsInfo: {}})});
    const loaded = await layers.loadLayersModel({load: async () => artifacts});
    differences.push(tf.max(tf.abs(tf.sub(loaded.predict(x), y))).arraySync());
    // A gradient goes through the kernel of whichever registered it.
    const gradient = tf.grad(input => tf.sum(model.apply(input)))(x);
    saved.push(gradient.shape.join());
    if (other.keras2.lstm === one.keras2.lstm) throw new Error('one copy only');
  }
  console.log(JSON.stringify({refusal, differences, saved}));
})();`,
  );
  const {refusal, differences, saved} = JSON.parse(await node('twice.cjs'));
  t.deepEqual(
    refusal,
    {code: 'E_ENGINE', isOurs: true},
    'the engine that the other copy chose needs a backend',
  );
  t.deepEqual(differences, [0, 0]);
  t.deepEqual(saved, ['2,3,4', '2,3,4']);
});

/** A program in one file, as bundlers make it for servers. */
async function bundle(name: string, program: string, options: BuildOptions): Promise<string> {
  await write(`${name}.src.mjs`, program);
  const out = `${name}${options.format === 'cjs' ? '.cjs' : '.mjs'}`;
  await build({
    absWorkingDir: project,
    entryPoints: [`${name}.src.mjs`],
    outfile: join(project, out),
    bundle: true,
    platform: 'node',
    logLevel: 'silent',
    ...options,
  });
  return out;
}

test('a bundler keeps an import of the library for its effect: saved models find its layers', async t => {
  const program = `
import 'carryover';
import * as layers from '@tensorflow/tfjs-layers';
import '@tensorflow/tfjs-backend-cpu';
const config = {name: 'm', layers: [{className: 'Keras0LSTM', config: {
  name: 'lstm', outputDim: 2, inputDim: 3, batchInputShape: [null, 4, 3], version: '0.2.0'}}]};
const artifacts = {modelTopology: {class_name: 'Sequential', config}};
layers.loadLayersModel({load: async () => artifacts}).then(model =>
  console.log(model.layers[0].getClassName(), model.outputs[0].shape.join()));`;
  const out = await bundle('effect', program, {format: 'esm', external: ['@tensorflow/*']});
  t.is(await node(out), 'Keras0LSTM ,2\n');
});

const SERVER = `
import {loadModel, readTensor} from 'carryover/node';
(async () => {
  const model = await loadModel(process.argv[2]);
  console.log(model.predict(await readTensor(process.argv[3])).shape.join());
})();`;

/** A `require` for tfjs-core, which asks for Node's own modules by it (docs/bundling.md). */
const BANNER = "import {createRequire as make} from 'node:module'; const require = make(import.meta.url);";

const SERVERS: readonly (readonly [title: string, options: BuildOptions, alone: boolean])[] = [
  ['CommonJS', {format: 'cjs'}, true],
  ['an ES module with a banner', {format: 'esm', banner: {js: BANNER}}, true],
  [
    'an ES module beside its packages',
    {format: 'esm', external: ['@tensorflow/*', 'onnxruntime-node']},
    false,
  ],
];

for (const [k, [title, options, alone]] of SERVERS.entries()) {
  test(`a server's program in one file opens models: ${title}`, async t => {
    const out = await bundle(`server${k}`, SERVER, options);
    const files = [join(project, 'model.h5'), join(project, 'x.npy')];
    if (!alone) return t.is(await node(out, ...files), '3,7,4\n');
    const empty = await mkdtemp(join(tmpdir(), 'carryover-server-'));
    try {
      await copyFile(join(project, out), join(empty, out));
      const {stdout} = await execute(process.execPath, [join(empty, out), ...files], {cwd: empty});
      t.is(stdout, '3,7,4\n');
    } finally {
      await rm(empty, {recursive: true, force: true});
    }
  });
}

const CONSUMER = `import type {Tensor} from '@tensorflow/tfjs-core';
import {CarryoverError, type ErrorCode, keras0, keras1, keras2, modelFrom, type Report, tf1, verify} from 'carryover';
import {openKerasBytes, readNpy, type WeightFile} from 'carryover/converters';
import {detect, kerasHandler, loadModel, readTensor, readWeights, type LoadOptions} from 'carryover/node';
import 'carryover/register';

export async function use(): Promise<readonly unknown[]> {
  const options: LoadOptions = {architecture: 'model.json'};
  const model = await loadModel('weights.h5', options);
  const y = model.predict(await readTensor('x.npy')) as Tensor;
  const report: Report = verify(model, readNpy(new Uint8Array()), y, {tolerance: 1e-6});
  const file: WeightFile = await openKerasBytes(new Uint8Array());
  const code: ErrorCode = new CarryoverError('E_FILE', 'none').code;
  const layers = [
    keras0.lstm({inputDim: 3, outputDim: 4, innerActivation: 'hardSigmoid', version: '0.2.0'}),
    keras1.gru({outputDim: 4, consumeLess: 'gpu'}),
    keras2.gru({units: 4, resetAfter: true}),
  ];
  const {format} = await detect('model.h5');
  return [report.passed, modelFrom(undefined, file), code, layers, format, kerasHandler('m.h5'), await readWeights('w.h5')];
}

/** README's samples. */
export function run(x: Tensor, lengths: Tensor): readonly number[][] {
  const cell = tf1.multiRNNCell({cells: [tf1.basicLSTMCell({numUnits: 128}), tf1.gruCell({numUnits: 64})]});
  const rnn = tf1.dynamicRnn({cell});
  const [y, ...states] = rnn.apply(x, {sequenceLength: lengths});
  const [forwards, backwards] = tf1.bidirectionalDynamicRnn({cellFw: cell, cellBw: cell}).apply(x);
  const last = keras2.lstm({units: 2}).apply(x);
  const [first, h, c] = keras2.lstm({units: 2, returnState: true}).apply<Tensor[]>(x, {initialState: states});
  const both = keras2.bidirectional({layer: keras2.gru({units: 2})}).apply(x);
  return [y!, forwards!, backwards!, last, first!, h!, c!, both].map(({shape}) => shape);
}

// @ts-expect-error Types are there, not any.
export const wrong = () => loadModel(3);
`;

for (const [resolution, module, ...sources] of [
  ['node16', 'node16', 'use.mts', 'use.cts'],
  ['nodenext', 'nodenext', 'use.mts', 'use.cts'],
  ['bundler', 'esnext', 'use.mts'],
  ['node10', 'commonjs', 'use.ts'],
] as const) {
  test(`TypeScript finds its types with module resolution ${resolution}`, async t => {
    for (const name of sources) await write(name, CONSUMER);
    const strict = ['--noEmit', '--strict', '--skipLibCheck', '--target', 'es2022', '--types', 'node'];
    const roots = ['--typeRoots', resolve('node_modules/@types')];
    const how = ['--module', module, '--moduleResolution', resolution];
    const all = [TYPESCRIPT, ...strict, ...roots, ...how, ...sources];
    const {stdout} = await execute(process.execPath, all, {cwd: project}).catch(error => error);
    t.is(stdout, '');
  });
}
