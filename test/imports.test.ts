import {readFileSync} from 'node:fs';
import test from 'ava';
import {LIBRARIES} from '../src/libraries';
import {cycles, importsOf, sources} from './support/sources';

// How the parts may lean on each other (docs/architecture.md), read from the import statements.

const LONGEST = 300;

/** `src/engines/ops/plan.ts` belongs to `src/engines`, `src/index.ts` to the entry points. */
function partOf(file: string): string {
  const [top = '', folder = ''] = file.split('/');
  if (top === 'converters') return folder === 'protobuf' ? `${top}/${folder}` : top;
  return /\.ts$/.test(folder) ? (ENTRIES[file] ?? file.replace(/\.ts$/, '')) : `${top}/${folder}`;
}

const ENTRIES: Readonly<Record<string, string>> = {'src/index.ts': 'entries', 'src/register.ts': 'entries'};

/** The parts that a part may import, beside itself, the errors and the nearest words. From the bottom to the top. */
const KNOWS: Readonly<Record<string, readonly string[]>> = {
  'src/errors': [],
  'src/nearest': [],
  'converters/protobuf': ['converters'],
  converters: ['converters/protobuf'],
  'src/recurrence': [],
  'src/keras': [],
  'src/dialects': ['src/keras', 'src/recurrence'],
  'src/engines': ['converters/protobuf', 'src/recurrence'],
  'src/verify': ['converters'],
  'src/layers': ['src/dialects', 'src/engines', 'src/keras', 'src/recurrence'],
  'src/libraries': ['converters', 'src/dialects', 'src/keras', 'src/layers', 'src/model', 'src/recurrence'],
  'src/translate': ['converters', 'src/dialects', 'src/libraries', 'src/recurrence'],
  'src/recipes': ['converters', 'converters/protobuf', 'src/dialects', 'src/libraries', 'src/model'],
  'src/model': ['converters', 'src/dialects', 'src/layers', 'src/libraries', 'src/recipes', 'src/verify'],
  'src/graph': [
    'converters',
    'converters/protobuf',
    'src/engines',
    'src/layers',
    'src/model',
    'src/recipes',
    'src/verify',
  ],
  'src/open': ['converters', 'src/engines', 'src/graph', 'src/libraries', 'src/model'],
  'src/inspect': [
    'converters',
    'src/dialects',
    'src/graph',
    'src/layers',
    'src/libraries',
    'src/model',
    'src/open',
    'src/recipes',
    'src/recurrence',
    'src/verify',
  ],
  'src/golden': ['converters', 'src/engines', 'src/model', 'src/open', 'src/verify'],
  entries: [
    'src/engines',
    'src/graph',
    'src/inspect',
    'src/layers',
    'src/libraries',
    'src/model',
    'src/open',
    'src/recipes',
    'src/translate',
    'src/verify',
  ],
  'src/node': [
    'converters',
    'entries',
    'src/engines',
    'src/golden',
    'src/graph',
    'src/inspect',
    'src/libraries',
    'src/model',
    'src/open',
    'src/recipes',
    'src/verify',
  ],
  'src/cli': [
    'converters',
    'src/engines',
    'src/golden',
    'src/graph',
    'src/inspect',
    'src/libraries',
    'src/model',
    'src/node',
    'src/open',
    'src/verify',
  ],
};

/** What a part may be known by: `converters` is read by all above, `src/cli` by nobody. */
for (const [part, known] of Object.entries(KNOWS)) {
  test(`${part} knows of no other part${known.length > 0 ? ` but ${known.join(', ')}` : ''}`, t => {
    const files = sources.filter(file => partOf(file) === part);
    t.true(files.length > 0);
    const allowed = [part, 'src/errors', 'src/nearest', ...known];
    for (const file of files) {
      const odd = importsOf(file)
        .filter(name => /^(src|converters)\//.test(name))
        .filter(name => !allowed.includes(partOf(name)));
      t.deepEqual(odd, [], file);
    }
  });
}

test('every source belongs to a part that has a row here', t => {
  t.deepEqual(
    sources.filter(file => KNOWS[partOf(file)] === undefined),
    [],
  );
});

/** Engines meet in the registry alone: one knows nothing of another. */
test('no engine knows of another one', t => {
  const engineOf = (file: string): string | undefined => /^src\/engines\/([^/]+)\//.exec(file)?.[1];
  for (const file of sources.filter(engineOf)) {
    const odd = importsOf(file).filter(name => engineOf(name) && engineOf(name) !== engineOf(file));
    t.deepEqual(odd, [], file);
  }
});

test('of the wasm engine, programs are compiled without a word of how they are run', t => {
  for (const file of sources.filter(name => /^src\/engines\/wasm\/(isa|compile)/.test(name))) {
    const odd = importsOf(file).filter(name => /^src\/engines\/wasm\/(run|kernel|bytes)/.test(name));
    t.deepEqual(odd, [], file);
  }
});

test('no files import each other in a circle, types included', t => {
  const graph = new Map(sources.map(file => [file, importsOf(file)] as const));
  t.deepEqual(cycles(graph), []);
});

for (const entry of ['src/index.ts', 'src/register.ts', 'src/golden/run.ts', 'converters/index.ts']) {
  test(`${entry} reaches nothing that browsers lack`, t => {
    const seen = new Set([entry]);
    for (const file of seen) {
      if (!sources.includes(file)) continue;
      for (const name of importsOf(file)) {
        t.notRegex(name, /^node:|tfjs-node|^h5wasm\/node|^src\/(node|cli)\//, file);
        seen.add(name);
      }
    }
    t.true(seen.size > 5);
  });
}

test('tfjs is imported from the roots of its packages only: deeper paths break as ES modules', t => {
  for (const file of sources) {
    const deep = importsOf(file).filter(name => /^@tensorflow\/[^/]+\//.test(name));
    t.deepEqual(deep, [], file);
  }
});

test("no source asks for a library's name or age: what differs is in the libraries' records", t => {
  const names = LIBRARIES.map(({name}) => name).join('|');
  const asks = new RegExp(`[!=]==\\s*['"](${names})['"]|case ['"](${names})['"]`);
  const outside = sources.filter(file => !new RegExp(`^src/libraries/(${names})/`).test(file));
  t.true(outside.length > 100 && names.length > 40);
  const odd = outside.filter(file => asks.test(readFileSync(file, 'utf8')));
  t.deepEqual(odd, []);
});

test(`no source is longer than ${LONGEST} lines`, t => {
  const lines = (file: string): number => readFileSync(file, 'utf8').split('\n').length - 1;
  t.deepEqual(
    sources.filter(file => lines(file) > LONGEST),
    [],
  );
});

test('nothing is imported that package.json does not name', t => {
  const {dependencies, peerDependencies} = JSON.parse(readFileSync('package.json', 'utf8'));
  const named = Object.keys({...dependencies, ...peerDependencies});
  for (const file of sources) {
    const packages = importsOf(file).filter(name => !/^(src|converters)\/|^node:|\.json$/.test(name));
    const roots = packages.map(name => /^(@[^/]+\/)?[^/]+/.exec(name)![0]);
    t.deepEqual(
      roots.filter(name => !named.includes(name)),
      [],
      file,
    );
  }
});
