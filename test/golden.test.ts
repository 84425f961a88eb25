import test from 'ava';
import {setEngine} from '../src/engines/registry';
import {BUILDS, type Build, makeKernel} from '../src/engines/wasm/run/kernel';
import {runtime, useBuilds} from '../src/engines/wasm/run/runtime';
import {shardFrom} from '../src/engines/wasm/run/sharding';
import {formatGoldenTable} from '../src/golden/table';
import {useBackend} from '../src/node/backend';
import {runGoldenTree} from '../src/node/golden';
import {loadNativeBackend} from '../src/node/native';
import {threadsStarted} from './support/threads';

const native = await loadNativeBackend();

/** The builds of the wasm engine's kernel that this runtime takes: relaxed SIMD is not everywhere. */
const builds = BUILDS.filter(build => makeKernel(false, [build]));

interface Run {
  readonly engine: string;
  readonly backend: 'cpu' | 'tensorflow';
  readonly build?: Build;
  readonly threads?: number;
}

const RUNS: readonly Run[] = [
  {engine: 'ops', backend: 'cpu'},
  {engine: 'ops', backend: 'tensorflow'},
  {engine: 'native', backend: 'tensorflow'},
  ...builds.map(build => ({engine: 'wasm', backend: 'cpu', build, threads: 1}) as const),
  {engine: 'wasm', backend: 'tensorflow', threads: 2},
  {engine: 'onnx', backend: 'cpu'},
  {engine: 'auto', backend: 'tensorflow'},
];

/** Even the smallest batch is cut in two. */
async function twoThreads(): Promise<void> {
  shardFrom(0);
  await threadsStarted(2);
}

/** At least so many sources run on the engine itself, where it cannot run all. */
const OWN: Readonly<Record<string, number>> = {ops: 523, native: 523, wasm: 523, onnx: 470};

test('the kernel of the wasm engine runs here with SIMD and without', t => {
  t.true(builds.includes('simd') && builds.includes('scalar'));
});

for (const {engine, backend, build, threads} of RUNS) {
  const how = [build && `${build} build`, threads && `threads: ${threads}`].filter(Boolean).join(', ');
  const title = `every golden case and source passes on ${engine} over ${backend}`;
  test.serial(how ? `${title} (${how})` : title, async t => {
    t.timeout(15 * 60_000);
    if (backend === 'tensorflow' && !native.available) {
      // In CI a missing native backend is a failure; elsewhere it is said aloud.
      if (process.env.CI) t.fail(native.reason);
      else t.log(`not run: ${native.reason}`);
      t.pass();
      return;
    }
    await useBackend(backend);
    setEngine(engine, {threads});
    useBuilds(build ? [build] : BUILDS);
    if (build) t.is(runtime()?.kernel.build, build);
    if (threads === 2) await twoThreads();
    const report = await runGoldenTree(['fixtures/golden']);
    t.log(`${engine} on ${backend}:\n${formatGoldenTable(report)}`);
    const bad = report.cases.filter(({passed}) => !passed);
    t.deepEqual(
      bad.map(({name, source, error, skipped, worst}) => ({name, source, error, skipped, worst})),
      [],
    );
    t.true(report.cases.every(result => result.engine === `${engine} on ${backend}`));
    const own = report.cases.filter(({ran}) => ran?.includes(engine)).length;
    t.log(`${own} sources ran on ${engine} itself`);
    t.true(own >= (OWN[engine] ?? 0));
    t.true(report.passed > 500);
  });
}
