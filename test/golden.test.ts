import {setTimeout} from 'node:timers/promises';
import test from 'ava';
import {setEngine} from '../src/engines/registry';
import {runtime, splitFrom} from '../src/engines/wasm/runtime';
import {useBackend} from '../src/node/backend';
import {runGoldenTree} from '../src/node/golden/run';
import {formatGoldenTable} from '../src/node/golden/table';
import {loadNativeBackend} from '../src/node/native';

const native = await loadNativeBackend();

const RUNS = [
  ['ops', 'cpu'],
  ['ops', 'tensorflow'],
  ['native', 'tensorflow'],
  ['wasm', 'cpu', 1],
  ['wasm', 'tensorflow', 2],
  ['onnx', 'cpu'],
  ['auto', 'tensorflow'],
] as const;

/** Even the smallest batch is cut in two. */
async function twoThreads(): Promise<void> {
  splitFrom(0);
  while (runtime()!.threads < 2) await setTimeout(10);
}

/** At least so many sources run on the engine itself, where it cannot run all. */
const OWN: Readonly<Record<string, number>> = {ops: 523, native: 523, wasm: 523, onnx: 470};

for (const [engine, backend, threads] of RUNS) {
  const title = `every golden case and source passes on ${engine} over ${backend}`;
  test.serial(threads === undefined ? title : `${title}, ${threads} threads`, async t => {
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
