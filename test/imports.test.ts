import {existsSync, readdirSync, readFileSync} from 'node:fs';
import {dirname, join, normalize, sep} from 'node:path';
import test from 'ava';

// How the parts may lean on each other (docs/architecture.md), read from the import statements.

const LONGEST = 300;

const sources = ['src', 'converters'].flatMap(folder =>
  readdirSync(folder, {recursive: true, encoding: 'utf8'})
    .filter(name => /\.ts$/.test(name))
    .map(name => join(folder, name).split(sep).join('/')),
);

/** What a file imports: project files as paths, packages as they are named. */
function importsOf(file: string): string[] {
  const statements = readFileSync(file, 'utf8').matchAll(/(?:\bfrom|^import|\bimport\()\s*'([^']+)'/gm);
  return [...statements].map(([, name = '']) => (name.startsWith('.') ? find(file, name) : name));
}

function find(from: string, name: string): string {
  const path = normalize(join(dirname(from), name))
    .split(sep)
    .join('/');
  return [`${path}.ts`, `${path}/index.ts`, path].find(candidate => existsSync(candidate)) ?? path;
}

/** `src/engines/ops/plan.ts` belongs to `src/engines`. */
const partOf = (file: string): string =>
  file.startsWith('converters/') ? 'converters' : file.split('/').slice(0, 2).join('/').replace(/\.ts$/, '');

const PARTS = ['src/recurrence', 'src/dialects', 'src/engines', 'src/verify', 'converters'];

/** The parts that a part may import beside itself and the errors. */
const KNOWS: Readonly<Record<string, readonly string[]>> = {
  'src/dialects': ['src/recurrence'],
  'src/engines': ['src/recurrence'],
  'src/verify': ['converters'],
};

for (const part of PARTS) {
  const known = KNOWS[part] ?? [];
  test(`${part} knows of no other part${known.length > 0 ? ` but ${known.join(', ')}` : ''}`, t => {
    const own = sources.filter(file => partOf(file) === part);
    t.true(own.length > 0);
    const allowed = [part, 'src/errors', ...known];
    for (const file of own) {
      const odd = importsOf(file)
        .filter(name => /^(src|converters)\//.test(name))
        .filter(name => !allowed.includes(partOf(name)));
      t.deepEqual(odd, [], file);
    }
  });
}

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
