import {mkdir, mkdtemp, readdir, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import * as tf from '@tensorflow/tfjs';
import test from 'ava';
import {readTfjs} from '../converters/tfjs/read';
import {tfjsFiles} from '../converters/tfjs/write';
import {convert} from '../src/cli/convert';
import {CarryoverError} from '../src/errors';
import {artifactsOf} from '../src/model/artifacts';
import {findGoldens} from '../src/node/golden';
import {loadModel, readArray} from '../src/node/index';
import {kerasHandler} from '../src/node/load';
import {verify} from '../src/verify/verify';
import {hasLayers} from './support/layered';

tf.enableProdMode();
const GOLDEN = 'fixtures/golden';
let said = '';

/** Runs the verb and swallows what it prints; `said` has its notes. */
async function quietly<T>(action: () => Promise<T>): Promise<T> {
  const {stdout, stderr} = process;
  const [out, err] = [stdout.write, stderr.write];
  said = '';
  stdout.write = () => true;
  stderr.write = text => {
    said += text;
    return true;
  };
  try {
    return await action();
  } finally {
    stdout.write = out;
    stderr.write = err;
  }
}

const loadFolder = async (folder: string): Promise<tf.LayersModel> => {
  const artifacts = await readTfjs(name => readFile(join(folder, name)));
  return tf.loadLayersModel({load: async () => artifacts});
};

const CASES = [
  'keras-0.3.3/stack2_gru_seq_tdd',
  'keras-1.2.2-theano/bilstm_concat_seq',
  'keras-2.3.1-theano/gru_reset_after_seq',
];

for (const name of CASES) {
  test.serial(`${name} converted to tfjs gives the golden outputs`, async t => {
    const folder = join(GOLDEN, name);
    const parent = await mkdtemp(join(tmpdir(), 'carryover-convert-'));
    try {
      const out = join(parent, 'model');
      const architecture = name.startsWith('keras-0') ? ['--architecture', join(folder, 'model.json')] : [];
      const source = join(folder, architecture.length > 0 ? 'weights.h5' : 'model.h5');
      t.is(await quietly(() => convert([source, out, ...architecture, '--backend', 'cpu'])), 0);
      t.deepEqual(await readdir(parent), ['model']);
      t.true((await readdir(out)).includes('model.json'));
      const model = await loadFolder(out);
      const [x, y] = [await readArray(join(folder, 'x.npy')), await readArray(join(folder, 'y.npy'))];
      t.true(verify(model, x, y, {tolerance: 2e-5}).passed);

      const again = () => quietly(() => convert([source, out, ...architecture, '--backend', 'cpu']));
      await t.throwsAsync(again, {instanceOf: CarryoverError, message: /exists already/});
      t.is(await quietly(() => convert([source, out, ...architecture, '--backend', 'cpu', '--force'])), 0);
    } finally {
      await rm(parent, {recursive: true});
    }
  });
}

/** Cases of graphs have no layers: test/graph-convert.test.ts. */
const LAYERED = findGoldens([GOLDEN]).filter(hasLayers);

for (const golden of LAYERED) {
  test.serial(`convert keeps what ${golden} computes`, async t => {
    const json = JSON.parse(await readFile(join(golden, 'golden.json'), 'utf8'));
    const {path, architecture} = json.sources[0] as {path: string; architecture?: string};
    const parent = await mkdtemp(join(tmpdir(), 'carryover-convert-'));
    try {
      const options = architecture ? ['--architecture', join(golden, architecture)] : [];
      const args = [join(golden, path), join(parent, 'model'), ...options, '--backend', 'cpu'];
      t.is(await quietly(() => convert(args)), 0);
      t.regex(said, /import 'carryover' in the program that loads it/);
    } finally {
      await rm(parent, {recursive: true});
    }
  });
}

test.serial('convert does not replace a folder that is no tfjs model, even with --force', async t => {
  const parent = await mkdtemp(join(tmpdir(), 'carryover-convert-'));
  try {
    const out = join(parent, 'thesis');
    await mkdir(out);
    await writeFile(join(out, 'thesis.tex'), 'chapter 1');
    const source = join(GOLDEN, CASES[1]!, 'model.h5');
    const attempt = () => quietly(() => convert([source, out, '--force', '--backend', 'cpu']));
    await t.throwsAsync(attempt, {message: /other things in it/, code: 'E_FILE'});
    t.deepEqual(await readdir(out), ['thesis.tex']);
    t.deepEqual(await readdir(parent), ['thesis']);
  } finally {
    await rm(parent, {recursive: true});
  }
});

test.serial('weights are cut into shards and put together again', async t => {
  const model = await loadModel(join(GOLDEN, CASES[1]!, 'model.h5'));
  const artifacts = await artifactsOf(model);
  const files = new Map(tfjsFiles(artifacts, 500).map(({name, bytes}) => [name, bytes]));
  const size = (artifacts.weightData as ArrayBuffer).byteLength;
  t.is(files.size, 1 + Math.ceil(size / 500));
  const read = async (name: string): Promise<Uint8Array> => files.get(name)!;
  t.deepEqual((await readTfjs(read)).weightData, artifacts.weightData as ArrayBuffer);

  files.set('group1-shard1of3.bin', new Uint8Array(3));
  await t.throwsAsync(readTfjs(read), {
    message: /weights have \d+ bytes; the manifest's arrays take/,
    code: 'E_FORMAT',
  });
  files.set('model.json', new TextEncoder().encode('{"format": "layers-model"}'));
  await t.throwsAsync(readTfjs(read), {message: /no modelTopology/, code: 'E_FORMAT'});
});

test.serial('kerasHandler loads a Keras file through tf.loadLayersModel', async t => {
  const folder = join(GOLDEN, CASES[2]!);
  const model = await tf.loadLayersModel(kerasHandler(join(folder, 'model.h5')));
  const [x, y] = [await readArray(join(folder, 'x.npy')), await readArray(join(folder, 'y.npy'))];
  t.true(verify(model, x, y, {tolerance: 2e-5}).passed);
});
