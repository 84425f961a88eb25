// Types, lint, tests and, in CI or with --all-nodes, golden cases on other releases of Node. Further
// arguments go to ava: npm test -- test/setup.test.ts
import {existsSync} from 'node:fs';
import {join} from 'node:path';
import {root, run, say} from './project.mjs';
import {smoke} from './smoke.mjs';

const modules = join(root, 'node_modules');
const total = {passed: 0, failed: 0, skipped: 0};

function add({passed = 0, failed = 0, skipped = 0}) {
  total.passed += passed;
  total.failed += failed;
  total.skipped += skipped;
}

/** A tool that checks all files at once; one that finds something is one failure. */
async function tool(title, script, args) {
  const code = await run(process.execPath, [join(modules, script), ...args]);
  console.log(`  ${code === 0 ? '✔' : '✘'} ${title}`);
  add(code === 0 ? {passed: 1} : {failed: 1});
}

/** ava's tests, read from its TAP output and shown as a list. */
async function ava(args) {
  const counts = {passed: 0, failed: 0, skipped: 0};
  const onLine = line => {
    const [, not, title = '', directive] = /^(not )?ok \d+ - (.*?)(?: # (SKIP|TODO).*)?$/.exec(line) ?? [];
    if (/^(TAP version|ok |not ok |1\.\.|# (tests|pass|fail|skip|todo) |\s*$)/.test(line) === false) {
      console.log(`    ${line.replace(/^#\s*/, '')}`);
    }
    if (!/^(not )?ok /.test(line)) return;
    const result = directive !== undefined ? 'skipped' : not === undefined ? 'passed' : 'failed';
    counts[result] += 1;
    console.log(
      `  ${{passed: '✔', failed: '✘', skipped: '-'}[result]} ${title}${directive ? ` (${directive})` : ''}`,
    );
  };
  const code = await run(
    process.execPath,
    [join(modules, 'ava', 'entrypoints', 'cli.mjs'), '--tap', ...args],
    {onLine},
  );
  if (code !== 0 && counts.failed === 0) {
    console.log(`  ✘ ava ended with exit code ${code}`);
    counts.failed = 1;
  }
  if (counts.passed + counts.failed === 0) {
    console.log('  ✘ ava ran no tests');
    counts.failed = 1;
  }
  add(counts);
}

const args = process.argv.slice(2);
const allNodes = process.env.CI === 'true' || args.includes('--all-nodes');
const toAva = args.filter(arg => arg !== '--all-nodes');
try {
  if (!existsSync(modules)) throw new Error('run this as npm test, which installs what is missing');
  console.log('Checks');
  await tool('types', 'typescript/bin/tsc', ['--noEmit']);
  await tool('lint and format', '@biomejs/biome/bin/biome', ['check', '--error-on-warnings', '.']);
  await tool('doc comments', 'typedoc/bin/typedoc', [
    '--emit',
    'none',
    '--logLevel',
    'Warn',
    '--disableSources',
  ]);
  console.log('Tests');
  await ava(toAva);
  if (allNodes) {
    console.log('Golden cases on other releases of Node');
    add(await smoke());
  }
} catch (error) {
  say(`test: ${error.message}`);
  total.failed += 1;
}
const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : '';
console.log(`${total.passed} passed, ${total.failed} failed${skipped}`);
process.exitCode = total.failed === 0 ? 0 : 1;
