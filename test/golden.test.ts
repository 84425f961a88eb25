import {readdirSync} from 'node:fs';
import test, {type ExecutionContext} from 'ava';
import {availableEngines, engineNames, setEngine} from '../src/engines/registry';
import {type Choice, traceChoices} from '../src/engines/trace';
import {BUILDS, type Build, makeKernel} from '../src/engines/wasm/run/kernel';
import {runtime, useBuilds} from '../src/engines/wasm/run/runtime';
import {shardFrom} from '../src/engines/wasm/run/sharding';
import {formatGoldenTable} from '../src/golden/table';
import {type BackendChoice, useBackend} from '../src/node/backend';
import {type GoldenReport, type GoldenResult, runGoldenTree} from '../src/node/golden';
import {loadNativeBackend} from '../src/node/native';
import {threadsStarted} from './support/threads';

const GOLDEN = 'fixtures/golden';
const families = readdirSync(GOLDEN).sort();

const native = await loadNativeBackend();
const backends: readonly BackendChoice[] = native.available ? ['cpu', 'tensorflow'] : ['cpu'];

/** The engines that are registered, and the backends here on which each runs. */
const engines = new Map<string, BackendChoice[]>();
for (const backend of backends) {
  await useBackend(backend);
  const available = availableEngines();
  for (const name of engineNames()) {
    const found = engines.get(name) ?? [];
    engines.set(name, available.includes(name) ? [...found, backend] : found);
  }
}

/** The builds of the wasm engine's kernel that this runtime takes: relaxed SIMD is not everywhere. */
const builds = BUILDS.filter(build => makeKernel(false, [build]));

interface Run {
  readonly engine: string;
  readonly backend: 'cpu' | 'tensorflow';
  readonly build?: Build;
  readonly threads?: number;
}

/** Every engine on the first backend that it runs on; one that runs on none of those here needs the native one. */
const ENGINES: readonly Run[] = [...engines].map(([engine, [first = 'tensorflow']]) => ({
  engine,
  backend: first === 'cpu' ? 'cpu' : 'tensorflow',
}));

/** Further ways to run an engine. */
const VARIANTS: readonly Run[] = [
  {engine: 'ops', backend: 'tensorflow'},
  ...builds.map(build => ({engine: 'wasm', backend: 'cpu', build, threads: 1}) as const),
  {engine: 'wasm', backend: 'tensorflow', threads: 2},
  {engine: 'auto', backend: 'tensorflow'},
];

/** An engine without variants on its backend, and all variants. */
const RUNS: readonly Run[] = [
  ...ENGINES.filter(
    ({engine, backend}) => !VARIANTS.some(other => other.engine === engine && other.backend === backend),
  ),
  ...VARIANTS,
];

/** Even the smallest batch is cut in two. */
async function twoThreads(): Promise<void> {
  shardFrom(0);
  await threadsStarted(2);
}

/** At least so many sources run on the engine itself; one that refuses more shows little. */
const FEWEST = 470;

test('the kernel of the wasm engine runs here with SIMD and without', t => {
  t.true(builds.includes('simd') && builds.includes('scalar'));
});

/** Whether a run's backend is here. In CI a missing native backend is a failure; elsewhere the log says so. */
function isHere({backend}: Run, t: ExecutionContext): boolean {
  if (backend === 'cpu' || native.available) return true;
  if (process.env.CI) t.fail(native.reason);
  else t.log(`not run: ${native.reason}`);
  t.pass();
  return false;
}

let current: Run | undefined;

/** Chooses a run's backend, engine and kernel, once for all its families. */
async function start(run: Run, t: ExecutionContext): Promise<void> {
  if (run === current) return;
  const {backend, engine, build, threads} = run;
  await useBackend(backend);
  setEngine(engine, {threads});
  useBuilds(build ? [build] : BUILDS);
  if (build) t.is(runtime()?.kernel.build, build);
  if (threads === 2) await twoThreads();
  current = run;
}

const failures = ({cases}: GoldenReport): unknown[] =>
  cases
    .filter(({passed}) => !passed)
    .map(({name, source, error, skipped, worst}) => ({name, source, error, skipped, worst}));

for (const run of RUNS) {
  const {engine, backend, build, threads} = run;
  const details = [build && `${build} build`, threads && `threads: ${threads}`].filter(Boolean).join(', ');
  const how = `on ${engine} over ${backend}${details ? ` (${details})` : ''}`;
  const results: GoldenResult[] = [];
  const choices: Choice[] = [];
  for (const family of families) {
    test.serial(`every case and source of ${family} passes ${how}`, async t => {
      t.timeout(15 * 60_000);
      if (!isHere(run, t)) return;
      await start(run, t);
      traceChoices(choice => choices.push(choice));
      t.teardown(() => traceChoices(undefined));
      const report = await runGoldenTree([`${GOLDEN}/${family}`]);
      results.push(...report.cases);
      t.deepEqual(failures(report), []);
      t.true(report.passed > 0);
      t.true(report.cases.every(result => result.chosen === `${engine} on ${backend}`));
    });
  }
  test.serial(`golden cases run on the engine that was asked for ${how}`, t => {
    if (!isHere(run, t)) return;
    const count = (test: (result: GoldenResult) => boolean): number => results.filter(test).length;
    const passed = count(result => result.passed);
    const own = count(({ran}) => ran.includes(engine));
    const report = {cases: results, passed, failed: results.length - passed, skipped: 0};
    t.log(`${engine} on ${backend}:\n${formatGoldenTable(report)}`);
    t.log(`${own} sources ran on ${engine} itself`);
    const all = new Set(results.map(({family}) => family)).size === families.length;
    // Some families alone (--match) say nothing of how many there are in all.
    if (!all) t.log(`not counted: only some of ${families.length} families ran`);
    t.true(!all || engine === 'auto' || own >= FEWEST);
    // What goes to another engine has been refused.
    const refused = ({candidates}: Choice): boolean =>
      candidates.some(other => other.engine === engine && other.refusal !== undefined);
    t.true(engine === 'auto' || choices.every(choice => choice.engine === engine || refused(choice)));
    t.true(!all || passed > 500);
  });
}
