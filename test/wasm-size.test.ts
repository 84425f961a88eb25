import {readFile, rm} from 'node:fs/promises';
import {join} from 'node:path';
import test from 'ava';
import {build} from 'tsup';

const LIMIT = 60 * 1024;
const ENGINE = 'src/engines/wasm/';

/** What esbuild says of a bundle. */
interface Metafile {
  readonly inputs: Readonly<Record<string, {readonly imports: readonly {readonly path: string}[]}>>;
  readonly outputs: Readonly<
    Record<string, {readonly inputs: Readonly<Record<string, {readonly bytesInOutput: number}>>}>
  >;
}

async function bundleForBrowsers(): Promise<Metafile> {
  const outDir = `.cache/wasm-size-${process.pid}`;
  try {
    await build({
      config: false,
      entry: {index: 'src/index.ts'},
      outDir,
      format: ['esm'],
      platform: 'browser',
      target: 'es2022',
      noExternal: [/./],
      splitting: false,
      minify: true,
      metafile: true,
      silent: true,
    });
    return JSON.parse(await readFile(join(outDir, 'metafile-esm.json'), 'utf8'));
  } finally {
    await rm(outDir, {recursive: true, force: true});
  }
}

/** The files that an entry reaches, by none of the engine's own unless they are asked for. */
function reached({inputs}: Metafile, entry: string, engine: boolean): Set<string> {
  const seen = new Set([entry]);
  for (const file of seen) {
    for (const {path} of inputs[file]?.imports ?? []) {
      if (path in inputs && (engine || !path.startsWith(ENGINE))) seen.add(path);
    }
  }
  return seen;
}

test(`the wasm engine, and what only it imports, adds at most ${LIMIT / 1024} KB to a minified bundle`, async t => {
  t.timeout(5 * 60_000);
  const metafile = await bundleForBrowsers();
  const [output] = Object.values(metafile.outputs);
  const without = reached(metafile, 'src/index.ts', false);
  const added = [...reached(metafile, 'src/index.ts', true)]
    .filter(file => !without.has(file))
    .map(file => ({file, bytes: output!.inputs[file]?.bytesInOutput ?? 0}));
  const bytes = added.reduce((sum, each) => sum + each.bytes, 0);
  t.log(`${bytes} bytes in ${added.length} files`);
  for (const each of added.sort((a, b) => b.bytes - a.bytes).slice(0, 4)) t.log(`${each.bytes} ${each.file}`);
  t.true(bytes <= LIMIT);
  // The kernel's bytes, and its engine, are among them.
  t.true(added.some(each => each.file === `${ENGINE}bytes.generated.ts` && each.bytes > 5_000));
  t.true(added.some(each => each.file === `${ENGINE}engine.ts`));
});
