import {readdirSync, readFileSync} from 'node:fs';
import {join, sep} from 'node:path';
import test from 'ava';
import {ENVIRONMENT} from '../scripts/environment';

/** The system's own, and what tests tell their fake programs. */
const OTHERS = /^(PATH|HOME|TMPDIR|npm_execpath|FAKE_\w+)$/;

const FOLDERS = ['src', 'converters', 'scripts', 'test', 'bench', 'fixtures', '.ci'];
/** The list itself, and this test. */
const LISTS = ['scripts/environment.ts', 'test/environment.test.ts'];

const files = FOLDERS.flatMap(folder =>
  readdirSync(folder, {recursive: true, encoding: 'utf8'}).map(name =>
    join(folder, name).split(sep).join('/'),
  ),
).filter(name => (/\.(ts|mjs|py)$/.test(name) || name === '.ci/run') && !LISTS.includes(name));

/** How programs read the environment: process.env.X, env.X, {X} = process.env, os.environ.get('X'). */
const READS = [
  /\benv\.(\w+)/g,
  /\benv\['(\w+)'\]/g,
  /os\.environ(?:\.get\(|\[)'(\w+)'/g,
  /os\.environ\.setdefault\('(\w+)'/g,
];
const DESTRUCTURED = /\{([^{}]*)\} = process\.env/g;

function readIn(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  const taken = [...text.matchAll(DESTRUCTURED)].flatMap(([, names = '']) =>
    names.split(',').map(name => name.trim().split(/\W/)[0]!),
  );
  return [...READS.flatMap(how => [...text.matchAll(how)].map(([, name]) => name!)), ...taken].filter(
    // Constants' names: `env.wasm` of a package is none of the environment.
    name => /^[A-Z][A-Z0-9_]+$|^npm_/.test(name) && !OTHERS.test(name),
  );
}

const listed = Object.values(ENVIRONMENT)
  .flat()
  .flatMap(({names}) => names);

test('every environment variable that the code reads is listed', t => {
  const read = new Set(files.flatMap(readIn));
  t.true(read.size > 8);
  t.deepEqual(
    [...read].filter(name => !listed.includes(name)),
    [],
  );
});

test('every listed environment variable is read somewhere, and listed once', t => {
  const texts = files.map(file => readFileSync(file, 'utf8'));
  // One for each Python: fixtures/generate/environments.py puts their names together.
  const stem = (name: string): string => name.replace(/^(CARRYOVER_PYTHON)\d+$/, '$1');
  t.deepEqual(
    listed.filter(name => !texts.some(text => text.includes(stem(name)))),
    [],
  );
  t.is(new Set(listed).size, listed.length);
});
