import {existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import {main} from '../src/cli/main';
import {type GoldenCase, type GoldenSource, readGolden} from '../src/golden/case';
import {openModel as openInPage} from '../src/index';
import type {OpenedModel} from '../src/model/open';
import {useBackend} from '../src/node/backend';
import {diskFiles} from '../src/node/files/disk';
import {findGoldens} from '../src/node/golden';
import {openModel} from '../src/node/load';

// Golden sources through the doors that a person uses: openModel in Node and in a page, and the command line's verbs with their
// arguments in the order of the README.

interface Case {
  readonly golden: GoldenCase;
  readonly source: GoldenSource;
}

const cases: Case[] = [];
for (const folder of findGoldens(['fixtures/golden'])) {
  const golden = await readGolden(diskFiles, folder);
  cases.push(...golden.sources.map(source => ({golden, source})));
}

const folder = mkdtempSync(join(tmpdir(), 'carryover-door-'));

test.before(() => useBackend('cpu'));

test.after.always(() => rmSync(folder, {recursive: true, force: true}));

/** The command line in this process: what it printed, and its exit status. */
async function carryover(...args: string[]): Promise<{code: number; printed: string}> {
  const streams = [process.stdout, process.stderr];
  const writes = streams.map(stream => stream.write);
  let printed = '';
  for (const stream of streams) {
    stream.write = (text: string | Uint8Array) => {
      printed += String(text);
      return true;
    };
  }
  try {
    return {code: await main(args), printed};
  } finally {
    for (const [k, stream] of streams.entries()) stream.write = writes[k]!;
  }
}

/** Every file below a folder, by its path from there. */
function filesIn(root: string, below = ''): Record<string, Uint8Array> {
  const entries = readdirSync(join(root, below)).map(name => (below ? `${below}/${name}` : name));
  return Object.assign(
    {},
    ...entries.map(name =>
      statSync(join(root, name)).isDirectory()
        ? filesIn(root, name)
        : {[name]: new Uint8Array(readFileSync(join(root, name)))},
    ),
  );
}

const weightsOf = ({model}: OpenedModel) => model.getWeights().map(weight => weight.dataSync());

for (const {golden, source} of cases) {
  const kind = `${golden.name}/${source.path}`;
  const {folder: from, calls, tolerance} = golden;
  const [{inputs, outputs}] = calls as [(typeof calls)[0]];
  const place = `${from}/${source.path}`;
  const architecture = source.architecture && ['--architecture', `${from}/${source.architecture}`];
  const model = [place, ...(architecture || [])];
  const given = Object.entries(inputs).flatMap(([name, file]) => ['--input', `${name}=${from}/${file}`]);

  test.serial(`${kind}: a path and bytes in memory open the same model`, async t => {
    const options = source.architecture ? {architecture: `${from}/${source.architecture}`} : {};
    const onDisk = await openModel(place, options);
    t.is(onDisk.format, source.format);
    const {path, architecture: beside} = source;
    const inPage = await openInPage(filesIn(from), {weights: path, architecture: beside});
    t.deepEqual(weightsOf(inPage), weightsOf(onDisk));
    for (const opened of [onDisk, inPage]) opened.model.dispose();
  });

  test.serial(`${kind}: inspect, run, verify and convert take it as SOURCE`, async t => {
    const inspected = await carryover('inspect', ...model, '--json');
    t.is(inspected.code, 0, inspected.printed);
    t.deepEqual(JSON.parse(inspected.printed.slice(0, inspected.printed.lastIndexOf('}') + 1)).problems, []);
    const [[output]] = Object.entries(outputs) as [[string, string]];
    const target = join(folder, 'y.npy');
    const ran = await carryover('run', ...model, ...given, '--output', `${output}=${target}`, '--force');
    t.is(ran.code, 0, ran.printed);
    t.true(existsSync(target));
    const expected = Object.entries(outputs).flatMap(([name, file]) => [
      '--expect',
      `${name}=${from}/${file}`,
    ]);
    const most = Math.max(tolerance.atol, tolerance.rtol, 1e-6);
    const verified = await carryover('verify', ...model, ...given, ...expected, '--tolerance', `${most}`);
    t.is(verified.code, 0, verified.printed);
    const out = join(folder, 'out');
    const converted = await carryover('convert', model[0]!, out, ...model.slice(1), '--force');
    t.is(converted.code, 0, converted.printed);
    t.true(existsSync(join(out, 'model.json')));
  });
}

test('there are as many sources as the golden cases have', t => {
  t.true(cases.length >= 529);
});
