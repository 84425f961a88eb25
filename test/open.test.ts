import fs, {cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {syncBuiltinESMExports} from 'node:module';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import type {FileSet, RandomAccess} from '../converters/files';
import {memoryFiles} from '../converters/files';
import {FORMATS, formatNamed} from '../converters/formats';
import {writeNpz} from '../converters/npz/write';
import {openAny, openWeights} from '../converters/open';
import {main} from '../src/cli/main';
import {CarryoverError} from '../src/errors';
import {detect as detectInPage, loadModel, openModel as openInPage, readWeights} from '../src/index';
import {useBackend} from '../src/node/backend';
import {diskFiles} from '../src/node/files/disk';
import {detect, openModel} from '../src/node/load';
import {openModelAt} from '../src/open/model';

const GOLDEN = 'fixtures/golden';
const KERAS = `${GOLDEN}/keras-1.2.2-theano/lstm_seq`;
const LASAGNE = `${GOLDEN}/lasagne/lstm_nopeep`;
const NEUPY = `${GOLDEN}/neupy-0.8.2/lstm_backwards_final`;
const SAVED_MODEL = `${GOLDEN}/tf1.15-rnn/basic_lstm/saved_model`;

test.before(() => useBackend('cpu'));

const bytes = (path: string): Uint8Array<ArrayBuffer> => new Uint8Array(readFileSync(path));

/** A set that counts how often each file is opened and closed, and which bytes are read more than once. */
function counted(files: FileSet) {
  const opened = new Map<string, number>();
  const open = new Set<RandomAccess>();
  return {
    opened,
    open,
    files: {
      list: files.list,
      async open(name: string) {
        const file = await files.open(name);
        if (!file) return undefined;
        opened.set(name, (opened.get(name) ?? 0) + 1);
        const close = () => {
          open.delete(file);
          file.close?.();
        };
        open.add(file);
        return {...file, close};
      },
    } satisfies FileSet,
  };
}

const ONCE: readonly (readonly [string, string?])[] = [
  [`${KERAS}/model.h5`],
  [`${KERAS}/weights.h5`, `${KERAS}/model.json`],
  [`${LASAGNE}/params.npz`, `${LASAGNE}/recipe.json`],
  [`${NEUPY}/net.hdf5`, `${NEUPY}/recipe.json`],
  [`${NEUPY}/net.json`, `${NEUPY}/recipe.json`],
  [`${GOLDEN}/tf1.15-rnn/basic_lstm/frozen.pb`, `${GOLDEN}/tf1.15-rnn/basic_lstm/recipe.json`],
  [SAVED_MODEL, `${GOLDEN}/tf1.15-rnn/basic_lstm/recipe.json`],
];

for (const [name, architecture] of ONCE) {
  test(`opening ${name} opens each of its files once, and closes them`, async t => {
    const {files, opened, open} = counted(diskFiles);
    const given = architecture === undefined ? {} : {architecture: {files, name: architecture}};
    (await openModelAt({files, name}, given)).model.dispose();
    t.deepEqual([...new Set(opened.values())], [1], JSON.stringify([...opened]));
    t.is(open.size, 0);
  });
}

test.serial('inspect opens its file once', async t => {
  const path = `${KERAS}/model.h5`;
  const {openSync} = fs;
  const write = process.stdout.write;
  let count = 0;
  fs.openSync = (...args: Parameters<typeof openSync>) => {
    if (args[0] === path) count++;
    return openSync(...args);
  };
  process.stdout.write = () => true;
  syncBuiltinESMExports();
  try {
    t.is(await main(['inspect', path]), 0);
  } finally {
    fs.openSync = openSync;
    process.stdout.write = write;
    syncBuiltinESMExports();
  }
  t.is(count, 1);
});

test('a failure on opening leaves no file open', async t => {
  for (const name of ['truncated.h5', 'no-keras.h5', 'cut-off.npz', 'text.h5', 'v0-param-missing.h5']) {
    const {files, open} = counted(diskFiles);
    await t.throwsAsync(openWeights(files, `fixtures/hostile/${name}`), {instanceOf: CarryoverError}, name);
    t.is(open.size, 0, name);
  }
});

test('a page opens File, Blob, bytes, and maps of names to them', async t => {
  const model = bytes(`${KERAS}/model.h5`);
  const weights = bytes(`${KERAS}/weights.h5`);
  const architecture = bytes(`${KERAS}/model.json`);
  const json = JSON.parse(readFileSync(`${KERAS}/model.json`, 'utf8')) as object;
  const opened = [
    await loadModel(model),
    await loadModel(model.buffer),
    await loadModel(new Blob([model])),
    await loadModel(new File([model], 'model.h5')),
    await loadModel(weights, {architecture}),
    await loadModel(weights, {architecture: json}),
    await loadModel(architecture, {weights}),
    await loadModel({'weights.h5': weights, 'model.json': new Blob([architecture])}),
    await loadModel(new Map([['a/weights.h5', weights] as const, ['a/model.json', architecture] as const])),
    await loadModel({'w.h5': weights, 'model.h5': model, 'm.json': architecture}, {weights: 'model.h5'}),
    await loadModel(
      {'w.h5': weights, 'model.h5': model, 'm.json': architecture},
      {weights: 'w.h5', architecture: 'm.json'},
    ),
  ];
  const [want] = opened.map(one => one.getWeights().map(weight => weight.dataSync()));
  for (const [k, one] of opened.entries()) {
    t.deepEqual(
      one.getWeights().map(weight => weight.dataSync()),
      want,
      `${k}`,
    );
    one.dispose();
  }
  t.like(await detectInPage(model), {format: 'keras-h5', library: 'keras1', version: '1.2.2'});
  const file = await readWeights(new File([weights], 'weights.h5'));
  t.is(file.name, 'weights.h5');
  file.close();
});

test('a page has no paths, and says so', async t => {
  const weights = bytes(`${KERAS}/weights.h5`);
  await t.throwsAsync(openInPage(weights, {architecture: 'model.json'}), {
    code: 'E_FILE',
    message: /^model\.json: no such file/,
  });
});

test('detect tells formats, libraries and releases, in Node and in a page', async t => {
  const told = async (path: string) => {
    const {format, library, version} = await detect(path);
    return [format, library, version];
  };
  t.deepEqual(await told(`${KERAS}/model.h5`), ['keras-h5', 'keras1', '1.2.2']);
  t.deepEqual(await told(`${LASAGNE}/params.npz`), ['npz', undefined, undefined]);
  t.deepEqual(await told(`${LASAGNE}/recipe.json`), ['recipe', 'lasagne', undefined]);
  t.deepEqual(await told(`${NEUPY}/net.json`), ['neupy-json', 'neupy', undefined]);
  t.deepEqual((await told(SAVED_MODEL))[0], 'saved-model');
  t.deepEqual(await told(`${GOLDEN}/tf1.15-rnn/basic_lstm/v2`), [
    'tf-checkpoint-v2',
    'tensorflow',
    undefined,
  ]);
});

test('every format is known by one name, and says what it holds', t => {
  t.is(new Set(FORMATS.map(({name}) => name)).size, FORMATS.length);
  for (const {name, title, open, advice} of FORMATS) {
    t.is(formatNamed(name)?.name, name);
    t.regex(title, /^an? /, name);
    t.true((open === undefined) !== (advice === undefined), name);
  }
});

test('what is known and not read says what to do', async t => {
  const zip = writeNpz([]);
  await t.throwsAsync(openAny(memoryFiles({'a.zip': zip}), 'a.zip'), {
    code: 'E_UNSUPPORTED',
    message: /^a\.zip: is a zip file, which this version does not read; unpack it/,
  });
});

test('a folder is its model, or says what to do', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'carryover-folder-'));
  const put = (name: string, from: string) => cpSync(from, join(folder, name));
  try {
    await t.throwsAsync(openModel(folder), {code: 'E_FILE', message: /: an empty folder$/});
    writeFileSync(join(folder, 'notes.txt'), 'none');
    await t.throwsAsync(openModel(folder), {
      code: 'E_FILE',
      message:
        /a folder with no model in it; expected a SavedModel, a checkpoint or a weight file; in it: 'notes\.txt'/,
    });
    put('weights.h5', `${KERAS}/weights.h5`);
    await t.throwsAsync(openModel(folder), {
      code: 'E_ARCHITECTURE',
      message: /weights\.h5: has weights but no arch/,
    });
    put('model.json', `${KERAS}/model.json`);
    put('x.npy', `${KERAS}/x.npy`);
    mkdirSync(join(folder, 'more'));
    const opened = await openModel(`${folder}/`);
    t.is(opened.format, 'keras-h5-weights');
    opened.model.dispose();
    put('model.h5', `${KERAS}/model.h5`);
    await t.throwsAsync(openModel(folder), {
      code: 'E_FILE',
      message:
        /several weight files or architectures \('.*model\.h5', '.*weights\.h5', '.*model\.json'\); give one/,
    });
  } finally {
    rmSync(folder, {recursive: true});
  }
});

test('options that do not fit together say which file lacks what', async t => {
  const [weights, architecture] = [`${KERAS}/weights.h5`, `${KERAS}/model.json`];
  await t.throwsAsync(openModel(architecture), {
    code: 'E_USAGE',
    message: /an architecture has no weights.*--weights/,
  });
  await t.throwsAsync(openModel(weights, {architecture: weights}), {
    code: 'E_ARCHITECTURE',
    message: /weights\.h5: is a Keras weight file \(HDF5\), and holds no architecture/,
  });
  await t.throwsAsync(openModel(architecture, {weights: architecture}), {
    code: 'E_WEIGHTS',
    message: /model\.json: is a Keras model's JSON, which has no weights; expected a weight file/,
  });
  await t.throwsAsync(openModel(weights, {weights}), {
    code: 'E_ARCHITECTURE',
    message: /holds no architecture/,
  });
});

test('a whole model gives its architecture to other weights', async t => {
  const opened = await openModel(`${KERAS}/weights.h5`, {architecture: `${KERAS}/model.h5`});
  t.is(opened.format, 'keras-h5-weights');
  opened.model.dispose();
});
