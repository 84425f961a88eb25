import {readdirSync, readFileSync} from 'node:fs';
import {join, sep} from 'node:path';
import test from 'ava';
import {formatGoldenTable} from '../src/golden/table';
import {browserFor, bundled, onPage} from './support/browser';
import type {GoldenPage} from './support/golden-page';

/** Every golden case on the wasm engine in a browser: outputs, states, further calls and gradients. */

declare const goldenPage: GoldenPage;

const ROOT = 'fixtures/golden';
const paths = readdirSync(ROOT, {recursive: true, encoding: 'utf8', withFileTypes: true})
  .filter(entry => entry.isFile())
  .map(({parentPath, name}) =>
    join(parentPath, name)
      .slice(ROOT.length + 1)
      .split(sep)
      .join('/'),
  );
/** Sources of all cases. */
const SOURCES = paths
  .filter(path => path.endsWith('golden.json'))
  .reduce((sum, path) => sum + JSON.parse(readFileSync(join(ROOT, path), 'utf8')).sources.length, 0);
/** As many run on the engine itself: the others have no recurrence that engines run. */
const OWN = 523;

let bundle = '';

test.before('bundles the page', async t => {
  t.timeout(5 * 60_000);
  bundle = await bundled('golden-page', {file: 'test/support/golden-page.ts'});
});

for (const threads of [1, 2]) {
  const where = threads > 1 ? `on ${threads} threads, in an isolated page` : 'on one thread';
  test.serial(`every golden case and source passes on wasm in Chromium, ${where}`, async t => {
    t.timeout(15 * 60_000);
    const program = browserFor(t);
    if (program === undefined) return;
    const isolated = threads > 1;
    const {isolation, ready, report} = await onPage({program, bundle, files: ROOT, isolated}, page =>
      page.evaluate(
        async ([all, count]) => ({
          isolation: goldenPage.isolated,
          ready: await goldenPage.ready(count),
          report: await goldenPage.run(all, 'wasm', count),
        }),
        [paths, threads] as const,
      ),
    );
    t.is(isolation, isolated);
    t.log(`${ready[0]} build`);
    t.is(ready[1], threads);
    t.log(formatGoldenTable(report));
    const bad = report.cases.filter(({passed}) => !passed);
    t.deepEqual(
      bad.map(({name, source, error, skipped, worst}) => ({name, source, error, skipped, worst})),
      [],
    );
    t.is(report.cases.length, SOURCES);
    t.is(report.skipped, 0);
    t.true(report.cases.filter(({ran}) => ran.includes('wasm')).length >= OWN);
  });
}
