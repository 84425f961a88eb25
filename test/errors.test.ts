import {existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import {memoryFiles} from '../converters/files';
import {readNpz} from '../converters/npz/read';
import {writeNpz} from '../converters/npz/write';
import {openAny} from '../converters/open';
import {CarryoverError, type ErrorDetails, printable} from '../src/errors';
import {useBackend} from '../src/node/backend';
import {inspect, openModel, readWeights} from '../src/node/index';

const HOSTILE = 'fixtures/hostile';
const LASAGNE = 'fixtures/golden/lasagne/lstm_nopeep';

test.before(() => useBackend('cpu'));

test('a message is one line, whatever is in it', t => {
  const error = new CarryoverError(
    'E_FORMAT',
    'a\nb\r\n  c\x1b[31m\u0007\u202e\u2028d\ud800 \u{1f600} \u00e9',
  );
  t.is(error.message, 'a b c\\x1b[31m\\x07\\u202e d\\ud800 \u{1f600} \u00e9');
  t.true(printable('x'.repeat(10_000)).length < 5000);
});

test('an error is a CarryoverError of every copy of the module', async t => {
  const copy = (await import(`../src/errors?copy=${Date.now()}`)) as typeof import('../src/errors');
  if (copy.CarryoverError === CarryoverError) t.log('this loader keeps one copy');
  const other = new copy.CarryoverError('E_FILE', 'a: no such file');
  t.true(other instanceof CarryoverError);
  t.true(new CarryoverError('E_FILE', 'a') instanceof copy.CarryoverError);
  for (const none of [new Error('a'), {code: 'E_FILE'}, undefined, null, 'E_FILE']) {
    t.false((none as unknown) instanceof CarryoverError);
  }
});

test('what is known of a failure is in the error, and in its JSON', t => {
  const error = new CarryoverError('E_FORMAT', 'a: b', {
    file: 'a',
    offset: 0,
    expected: 4,
    cause: new Error('c'),
  });
  t.deepEqual(JSON.parse(JSON.stringify(error)), {
    ...{code: 'E_FORMAT', message: 'a: b', file: 'a', offset: 0, expected: 4},
  });
  t.is((error.cause as Error).message, 'c');
  t.is(error.with({file: 'other', found: 3}).file, 'a');
  t.is(error.found, 3);
  t.false('found' in new CarryoverError('E_FORMAT', 'a'));
});

/** What the errors of damaged files tell. */
const KNOWN: Readonly<Record<string, ErrorDetails>> = {
  'crc.npz': {offset: 35, expected: '', found: ''},
  'broken-deflate.npz': {offset: 35},
  'bomb.npz': {offset: 35},
  'truncated.h5': {offset: 0, expected: 0, found: 0},
  'values-cut-off.npy': {offset: 70, expected: 0, found: 0},
  'pickle/append-to-number.pickle': {offset: 4},
  'pickle/os-system.pickle': {offset: 0},
  'checkpoint/size-outside.index': {offset: 0, expected: 0, found: 0},
  'header-huge.npy': {expected: 0},
};

for (const [name, details] of Object.entries(KNOWN)) {
  test(`the error of ${name} tells ${['file', ...Object.keys(details)].join(', ')}`, async t => {
    const path = join(HOSTILE, name);
    const error = await t.throwsAsync(
      async () => {
        const {groups, unreadable = []} = await readWeights(path);
        for (const {reason} of unreadable) throw reason;
        for (const {arrays} of groups) for (const array of arrays) array.read();
      },
      {instanceOf: CarryoverError},
    );
    t.true(error.file?.startsWith(path.replace(/\.index$/, '')), error.file);
    for (const key of Object.keys(details) as (keyof ErrorDetails)[]) {
      t.is(typeof (error as ErrorDetails)[key], typeof details[key], key);
    }
    if (details.offset) t.is(error.offset, details.offset);
  });
}

/** A zip's bytes with a name in it changed to one of the same length. */
function renamed(zip: Uint8Array, from: string, to: string): Uint8Array {
  const text = Buffer.from(zip).toString('latin1').replaceAll(from, to);
  return new Uint8Array(Buffer.from(text, 'latin1'));
}

test('names in a file are printable in messages and in what inspect prints', async t => {
  const zip = writeNpz([['name', {dtype: 'float32', shape: [1], values: Float32Array.of(1)}]]);
  const bad = renamed(zip, 'name.npy', '\x1b[\n\x07.npy');
  t.notDeepEqual(bad, zip);
  bad[bad.indexOf(0x93)] = 0;
  const error = t.throws(() => readNpz(bad, 'w.npz'), {instanceOf: CarryoverError});
  t.is(error.message.replace(/: damaged.*/, ''), 'w.npz: \\x1b[ \\x07.npy');
});

function damaged(): Uint8Array {
  const bytes = new Uint8Array(readFileSync(`${LASAGNE}/params.npz`));
  // The beginning of the first array's header.
  bytes[bytes.indexOf(0x93)] = 0;
  return bytes;
}

test('a damaged member of a .npz bars it as the weights of a model, and inspect shows it', async t => {
  const weights = damaged();
  const file = await openAny(memoryFiles({'w.npz': weights}), 'w.npz');
  t.deepEqual(
    file.unreadable!.map(({name, reason}) => [name, reason.code]),
    [['arr_0', 'E_FORMAT']],
  );
  file.close();
  await t.throwsAsync(openModel(weights, {architecture: `${LASAGNE}/recipe.json`}), {
    code: 'E_WEIGHTS',
    message: /its array 'arr_0' cannot be read: source: arr_0\.npy: not a \.npy file/,
  });
  const bare = await inspect(weights);
  t.regex(bare.problems.join(), /arr_0\.npy: not a \.npy file.*\(E_FORMAT\)/);
  const model = await inspect(weights, {architecture: `${LASAGNE}/recipe.json`});
  t.regex(model.problems.join(), /its array 'arr_0' cannot be read.*\(E_WEIGHTS\)/);
});

test('a member of another kind is told, and bars a recipe that names it', async t => {
  const one = {dtype: 'float32', shape: [1, 1], values: Float32Array.of(1)} as const;
  const text = Buffer.from(
    writeNpz([
      ['W', one],
      ['history', one],
    ]),
  ).toString('latin1');
  // The second array's elements are Python objects.
  const at = text.indexOf("'<f4'", text.indexOf("'<f4'") + 1);
  const object = new Uint8Array(Buffer.from(`${text.slice(0, at)}'|O4'${text.slice(at + 5)}`, 'latin1'));
  const recipe = (role: string) => ({
    carryover: 1,
    inputs: [{name: 'x', shape: [null, 1], dtype: 'float32'}],
    layers: [
      {
        ...{library: 'keras2', class: 'Dense', name: 'dense', config: {units: 1, use_bias: false}},
        variables: {kernel: role},
      },
    ],
  });
  await t.throwsAsync(openModel(object, {architecture: recipe('history')}), {
    code: 'E_WEIGHTS',
    message: /its array 'history' cannot be read: .*an object array/,
  });
  const {notes, problems} = await inspect(object, {architecture: recipe('W')});
  t.deepEqual(problems, []);
  t.regex(notes.join(), /not read: source: history\.npy: an object array/);
});

test('an error under --json is one object on stdout; its line stays on stderr', async t => {
  const {commandLine} = await import('./support/command-line');
  const {carryover, build, remove} = commandLine();
  const folder = mkdtempSync(join(tmpdir(), 'carryover-errors-'));
  try {
    await build();
    const path = join(folder, 'w.npz');
    writeFileSync(path, damaged());
    const args = ['--architecture', `${LASAGNE}/recipe.json`, '--input', `${LASAGNE}/x.npy`, '--json'];
    const {code, stdout, stderr} = await carryover('run', path, ...args);
    t.is(code, 2);
    const {error} = JSON.parse(stdout);
    t.is(error.code, 'E_WEIGHTS');
    t.is(error.file, path);
    t.is(stderr, `carryover: ${error.message} (E_WEIGHTS)\n`);
    t.false(existsSync(join(folder, 'y.npy')));
  } finally {
    rmSync(folder, {recursive: true});
    await remove();
  }
});
