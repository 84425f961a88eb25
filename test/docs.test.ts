import {existsSync, readdirSync, readFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import test from 'ava';

// What documents point at is there: links, files, commands.

const files = ['.', 'docs', 'docs/decisions', 'bench', '.github/ISSUE_TEMPLATE'].flatMap(folder =>
  readdirSync(folder)
    .filter(name => name.endsWith('.md'))
    .map(name => join(folder, name)),
);

/** A heading's anchor, as code hosts make it. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replace(/\s/g, '-');

function anchorsOf(file: string): string[] {
  return [...readFileSync(file, 'utf8').matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => anchorOf(heading));
}

test('there are documents to look at', t => {
  t.true(files.length > 15);
});

/** What is wrong in each document, by its file; none of those where nothing is. */
function faults(find: (text: string, file: string) => readonly string[]): Record<string, readonly string[]> {
  const found = files.map(file => [file, find(readFileSync(file, 'utf8'), file)] as const);
  return Object.fromEntries(found.filter(([, list]) => list.length > 0));
}

const matches = (text: string, what: RegExp): string[] =>
  [...text.matchAll(what)].map(([, part = '']) => part);

function isDead(link: string, file: string): boolean {
  if (/^[a-z]+:/.test(link)) return false;
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? file : join(dirname(file), path);
  return !existsSync(target) || (anchor !== undefined && !anchorsOf(target).includes(anchor));
}

test('links of documents lead somewhere', t => {
  t.deepEqual(
    faults((text, file) => matches(text, /\]\(([^)\s]+)\)/g).filter(link => isDead(link, file))),
    {},
  );
});

/** Made by a build or a benchmark, and not kept in git; or a placeholder in capitals. */
const made = (path: string): boolean => /\.generated\.ts$|^bench\/results|\/[A-Z]+(\/|$)/.test(path);

test('files of the project that documents name are there', t => {
  const paths = /`((?:src|converters|scripts|test|docs|fixtures|bench|\.ci)\/[\w./-]+)`/g;
  t.deepEqual(
    faults(text => matches(text, paths).filter(path => !existsSync(path) && !made(path))),
    {},
  );
});

test('files that the commands of documents run are there', t => {
  const runs = /\b(?:tsx|node|ava) ((?:src|converters|scripts|test|bench)\/[\w./-]+)/g;
  t.true(files.some(file => matches(readFileSync(file, 'utf8'), runs).length > 0));
  t.deepEqual(
    faults(text => matches(text, runs).filter(path => !existsSync(path) && !made(path))),
    {},
  );
});

test('scripts that documents name are in package.json', t => {
  const {scripts} = JSON.parse(readFileSync('package.json', 'utf8')) as {scripts: Record<string, string>};
  t.deepEqual(
    faults(text => matches(text, /\bnpm run ([\w:-]+)/g).filter(name => scripts[name] === undefined)),
    {},
  );
});
