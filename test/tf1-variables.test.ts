import {cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import {useBackend} from '../src/node/backend';
import {runGoldenTree} from '../src/node/golden';

const ROOT = 'fixtures/golden';

test('a recipe may leave variables out where the names in the file decide them', async t => {
  t.timeout(5 * 60_000);
  await useBackend('cpu');
  const folder = mkdtempSync(join(tmpdir(), 'carryover-variables-'));
  let count = 0;
  try {
    for (const family of readdirSync(ROOT).filter(name => /^tf[\d-]/.test(name))) {
      for (const name of readdirSync(join(ROOT, family))) {
        const golden = join(ROOT, family, name, 'golden.json');
        if (!existsSync(golden)) continue;
        const {sources} = JSON.parse(readFileSync(golden, 'utf8'));
        const recipes = new Set<string>(
          sources.flatMap(({architecture}: {architecture?: string}) => architecture ?? []),
        );
        if (recipes.size === 0) continue;
        const target = join(folder, family, name);
        cpSync(join(ROOT, family, name), target, {recursive: true});
        for (const path of recipes) {
          const recipe = JSON.parse(readFileSync(join(target, path), 'utf8'));
          // Those of the cells within, too.
          const bare = JSON.stringify(recipe, (key, value) => (key === 'variables' ? undefined : value));
          writeFileSync(join(target, path), bare);
        }
        count += sources.length;
      }
    }
    const report = await runGoldenTree([folder]);
    const bad = report.cases.filter(({passed}) => !passed);
    t.deepEqual(
      bad.map(({family, name, source, error, worst}) => ({family, name, source, error, worst})),
      [],
    );
    t.is(report.passed, count);
    t.true(count >= 164);
    t.log(`${report.passed} sources`);
  } finally {
    rmSync(folder, {recursive: true, force: true});
  }
});
