import test from 'ava';
import {commandLine} from './support/command-line';

// Nothing here depends on how long anything takes.

const GOLDEN = 'fixtures/golden/keras-1.2.2-theano';
const PLAIN = [`${GOLDEN}/lstm_seq/model.h5`, '--input', `${GOLDEN}/lstm_seq/x.npy`];
/** Keras 0.2: a masked step makes the next one forget. */
const FORGETS = 'fixtures/golden/keras-0.2.0/lstm_seq_mask_tail';
const MASKED = [
  `${FORGETS}/weights.h5`,
  '--architecture',
  `${FORGETS}/model.json`,
  '--input',
  `${FORGETS}/x.npy`,
];
const FAST = ['--rounds', '2', '--backend', 'cpu'];

const {carryover, build, remove} = commandLine();

test.before('builds the command line', build);

test.after.always('removes what was built', remove);

interface Entry {
  readonly engine: string;
  readonly runs: readonly string[];
  readonly estimate?: number;
  readonly time?: {readonly median: number; readonly p10: number; readonly p90: number};
  readonly byAuto?: {readonly median: number};
  readonly reason?: string;
}

test('bench times auto and every engine that runs, and says what each expected', async t => {
  const {code, stdout} = await carryover('bench', ...PLAIN, ...FAST, '--json');
  t.is(code, 0);
  const {engines, recurrences, backend, rounds} = JSON.parse(stdout);
  t.is(backend, 'cpu');
  t.is(rounds, 2);
  const [auto, ...others] = engines as Entry[];
  t.is(auto!.engine, 'auto');
  t.is(auto!.byAuto!.median, 1);
  t.is(recurrences.length, 1);
  t.deepEqual(auto!.runs, [recurrences[0].auto]);
  const ops = others.find(({engine}) => engine === 'ops')!;
  t.deepEqual(ops.runs, ['ops']);
  t.true(ops.estimate! > 0);
  t.true(ops.time!.p10 <= ops.time!.median && ops.time!.median <= ops.time!.p90);
  const native = others.find(({engine}) => engine === 'native')!;
  t.regex(native.reason!, /tfjs-node's backend/);
  t.is(native.time, undefined);
});

test('bench tells why an engine leaves a recurrence to another one', async t => {
  const {code, stdout} = await carryover('bench', ...MASKED, ...FAST);
  t.is(code, 0);
  t.regex(stdout, /^onnx +- +- +- +- +ONNX has no mask rule 'forget'$/m);
  t.regex(stdout, /^lstm of \d+ units on \[.*\], masked: auto takes .*onnx: ONNX has no mask rule 'forget'/m);
  t.regex(stdout, /^on cpu, 2 rounds/m);
});

test('bench with --engine times that one beside auto', async t => {
  const {code, stdout} = await carryover('bench', ...PLAIN, ...FAST, '--engine', 'ops', '--json');
  t.is(code, 0);
  t.deepEqual(
    (JSON.parse(stdout).engines as Entry[]).map(({engine}) => engine),
    ['auto', 'ops'],
  );
});

const BAD: Record<string, {args: string[]; line: RegExp}> = {
  'no input': {args: [PLAIN[0]!], line: /bench: no --input given.*\(E_USAGE\)/},
  'no round': {args: [...PLAIN, '--rounds', '0'], line: /--rounds '0' is no whole number.*\(E_USAGE\)/},
  'a missing file': {args: ['none.h5', ...PLAIN.slice(1)], line: /none\.h5: no such file.*\(E_FILE\)/},
};

for (const [what, {args, line}] of Object.entries(BAD)) {
  test(`bench gives one line and exit status 2 for ${what}`, async t => {
    const {code, stdout, stderr} = await carryover('bench', ...args);
    t.regex(stderr, /^carryover: [^\n]+\n$/);
    t.regex(stderr, line);
    t.is(stdout, '');
    t.is(code, 2);
  });
}
