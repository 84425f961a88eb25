// The benchmarks, from the command line: npm run bench -- SUITE. Built first, as the package is: what runs TypeScript
// as it is wraps functions in a helper that keeps their names, which small calls would pay for.
import {join} from 'node:path';
import {build} from 'tsup';
import {root, run} from './project.mjs';

const OUT = '.cache/bench';

process.chdir(root);
await build({
  config: false,
  silent: true,
  clean: true,
  entry: {
    main: 'bench/main.ts',
    'memory-child': 'bench/memory/child.ts',
    checkpoint: 'bench/checkpoint.ts',
  },
  outDir: OUT,
  format: ['esm'],
  target: 'node20',
  platform: 'node',
  outExtension: () => ({js: '.mjs'}),
  skipNodeModulesBundle: true,
});
const [first, ...rest] = process.argv.slice(2);
const entry =
  first === 'checkpoint'
    ? // It measures what is left after collections.
      ['--expose-gc', join(OUT, 'checkpoint.mjs'), ...rest]
    : [join(OUT, 'main.mjs'), ...process.argv.slice(2)];
process.exitCode = await run(process.execPath, entry);
