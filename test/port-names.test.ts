import {cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import {readNpy} from '../converters/npy/read';
import {readNpz} from '../converters/npz/read';
import {useBackend} from '../src/node/backend';
import {runGoldenTree} from '../src/node/golden';
import {openModel} from '../src/node/load';
import {runModel, verify} from '../src/verify/verify';
import {commandLine} from './support/command-line';

// By which names the inputs and outputs of a model are reached, at every door.

const CASE = 'fixtures/golden/tf1.15-rnn/basic_lstm';
const {carryover, build, remove} = commandLine();
const folder = mkdtempSync(join(tmpdir(), 'carryover-ports-'));
const file = (name: string) => join(folder, name);

/** The golden case with outputs of our own choice, which golden.json asks for by `asked`. */
function withOutputs(
  name: string,
  outputs: readonly string[],
  asked: Readonly<Record<string, string>>,
): string {
  const target = file(name);
  cpSync(CASE, target, {recursive: true});
  const read = (path: string) => JSON.parse(readFileSync(join(target, path), 'utf8'));
  const write = (path: string, value: unknown) => writeFileSync(join(target, path), JSON.stringify(value));
  const [golden, recipe] = [read('golden.json'), read('recipe.json')];
  recipe.inputs[0].name = 'tokens';
  recipe.layers[0].name = 'both2';
  write('recipe.json', {...recipe, outputs});
  write('golden.json', {
    ...golden,
    sources: golden.sources.slice(0, 1),
    inputs: {tokens: 'x.npy'},
    outputs: Object.fromEntries(Object.entries(asked).map(([key, of]) => [key, `${of}.npy`])),
    gradients: undefined,
  });
  return target;
}

test.before(async () => {
  await useBackend('cpu');
  await build();
});

test.after.always(async () => {
  rmSync(folder, {recursive: true, force: true});
  await remove();
});

const ASKED: Record<string, {outputs: string[]; asked: Record<string, string>}> = {
  'a layer by its name': {outputs: ['both2'], asked: {both2: 'y'}},
  'a layer by y': {outputs: ['both2'], asked: {y: 'y'}},
  'a state by its name': {outputs: ['both2.state.h'], asked: {'both2.state.h': 'state.h'}},
  'a state by y': {outputs: ['both2.state.h'], asked: {y: 'state.h'}},
  "y by its layer's name": {outputs: ['y'], asked: {both2: 'y'}},
  'several by their names': {outputs: ['both2', 'state.c'], asked: {both2: 'y', 'state.c': 'state.c'}},
};

for (const [what, {outputs, asked}] of Object.entries(ASKED)) {
  test.serial(`golden cases reach ${what}`, async t => {
    const target = withOutputs(what.replaceAll(/\W/g, '_'), outputs, asked);
    const {cases} = await runGoldenTree([target]);
    t.deepEqual(
      cases.map(({passed, error}) => ({passed, error})),
      [{passed: true, error: undefined}],
    );
  });
}

test.serial('runModel and verify reach a named output by its name and by y, and no other', async t => {
  const target = withOutputs('by_function', ['both2'], {y: 'y'});
  const {model} = await openModel(join(target, 'v2/model.ckpt'), {
    architecture: join(target, 'recipe.json'),
  });
  const load = (name: string) => readNpy(readFileSync(join(target, name)), name);
  const [x, y] = [load('x.npy'), load('y.npy')];
  const results = runModel(model, {tokens: x});
  t.is(results.size, 1);
  t.is(results.get('both2'), results.get('y'));
  t.deepEqual(results.get('y')!.shape, y.shape);
  t.false(results.has('state.h'));
  t.is(results.get('state.h'), undefined);
  for (const name of ['both2', 'y']) t.true(verify(model, {x}, {[name]: y}, {tolerance: 2e-5}).passed, name);
  t.throws(() => verify(model, x, {state: y}), {message: /no output 'state'; its outputs are/});
  t.throws(() => verify(model, x, {both2: y, y}), {message: /'both2' and 'y' are one and the same/});
  t.throws(() => runModel(model, {}), {message: /input x of the model is missing/});
});

test.serial('a state that is the only output is not reached by the name of its layer', async t => {
  const target = withOutputs('state_alone', ['both2.state.h'], {y: 'y'});
  const {model} = await openModel(join(target, 'v2/model.ckpt'), {
    architecture: join(target, 'recipe.json'),
  });
  const x = readNpy(readFileSync(join(target, 'x.npy')), 'x.npy');
  t.deepEqual([...runModel(model, x).keys()], ['both2.state.h']);
  t.throws(() => verify(model, x, {both2: x}), {code: 'E_USAGE'});
});

test.serial('run and verify take the name of a named output, or y', async t => {
  const target = withOutputs('by_command', ['both2'], {y: 'y'});
  const model = [
    join(target, 'v2/model.ckpt'),
    '--architecture',
    join(target, 'recipe.json'),
    '--backend',
    'cpu',
  ];
  const input = ['--input', `tokens=${join(target, 'x.npy')}`];
  for (const name of ['both2', 'y']) {
    const [npy, npz] = [file(`${name}.npy`), file(`${name}.npz`)];
    const ran = await carryover('run', ...model, ...input, '--output', `${name}=${npy}`, '--json');
    t.is(ran.code, 0, ran.stderr);
    t.is(JSON.parse(ran.stdout).outputs[0].file, npy);
    const zipped = await carryover('run', ...model, ...input, '--output', `${name}=${npz}`);
    t.is(zipped.code, 0, zipped.stderr);
    t.deepEqual(readNpz(readFileSync(npz), npz).get(name), readNpy(readFileSync(npy), npy));
    const expect = ['--expect', `${name}=${join(target, 'y.npy')}`, '--tolerance', '2e-5'];
    const verified = await carryover('verify', ...model, ...input, ...expect, '--json');
    t.is(verified.code, 0, verified.stderr);
    t.is(JSON.parse(verified.stdout).outputs[0].name, name);
  }
  const twice = ['--expect', `both2=${file('y.npy')}`, '--expect', `y=${file('y.npy')}`];
  const refused = await carryover('verify', ...model, ...input, ...twice);
  t.is(refused.code, 2);
  t.regex(refused.stderr, /gives 'y' twice/);
});
