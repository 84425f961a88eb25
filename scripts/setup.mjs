// Makes a clone ready: locked dependencies, build, native backend. Each step is skipped where it is done.
import {createHash} from 'node:crypto';
import {existsSync, readdirSync, readFileSync, statSync, writeFileSync} from 'node:fs';
import {mkdir, rm, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {pathToFileURL} from 'node:url';
import {isAlive, withLock} from '../src/node/native/lock.mjs';
import {npm, root, run, say} from './project.mjs';

const NODE_MAJOR = 20;
const STATE = join(root, '.cache');
const STAMP = join(STATE, 'build.json');
/** The process id of the npm or build that set-up runs: killed alone, set-up leaves it at work. */
const CHILD = join(STATE, 'child.pid');
const ORPHAN_MS = 5 * 60_000;
const SOURCES = [
  'src',
  'converters',
  'scripts/build-kernel.mjs',
  'scripts/wasm/kernel-isa.mjs',
  'package.json',
  'tsconfig.json',
  'tsup.config.ts',
];

function packagesOf(lockfile) {
  return JSON.parse(readFileSync(lockfile, 'utf8')).packages;
}

/** Waits for what a killed set-up left at work: two at once in node_modules or dist spoil each other's files. */
async function waitForOrphan() {
  const pid = existsSync(CHILD) ? Number.parseInt(readFileSync(CHILD, 'utf8'), 10) : Number.NaN;
  const until = Date.now() + ORPHAN_MS;
  if (pid > 0 && isAlive(pid)) say('waiting for what an interrupted set-up left running');
  while (pid > 0 && isAlive(pid) && Date.now() < until) await sleep(200);
  await rm(CHILD, {force: true});
}

/** What a step's program is run with. Its output goes to stderr, as all progress does. */
const stepOptions = {stdout: 2, onStart: pid => writeFileSync(CHILD, String(pid))};

/** Why node_modules is not what the lock file says; undefined where it is. npm writes its own record last. */
function whyInstall() {
  const record = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(record)) return 'dependencies are missing';
  const installed = packagesOf(record);
  for (const [path, {version, optional}] of Object.entries(packagesOf(join(root, 'package-lock.json')))) {
    // Optional ones are other platforms' binaries, for the most part.
    if (path === '' || optional) continue;
    if (installed[path]?.version !== version) return `${path} is not at ${version}`;
  }
  return undefined;
}

async function installDependencies() {
  const reason = whyInstall();
  if (reason === undefined) return;
  say(`installing dependencies (${reason})`);
  const code = await npm(
    ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'],
    stepOptions,
  );
  if (code !== 0) throw new Error(`npm ci failed with exit code ${code}`);
}

/** One hash of the names, sizes and times of everything that the build reads. */
function sourcesHash() {
  const hash = createHash('sha256');
  for (const source of SOURCES) {
    const path = join(root, source);
    const below = statSync(path).isDirectory() ? readdirSync(path, {recursive: true}).sort() : [''];
    for (const name of below) {
      const {size, mtimeMs} = statSync(join(path, name));
      hash.update(`${source}/${name} ${size} ${mtimeMs}\n`);
    }
  }
  return hash.digest('hex');
}

function isBuilt(hash) {
  try {
    const stamp = JSON.parse(readFileSync(STAMP, 'utf8'));
    return stamp.hash === hash && stamp.files.every(name => existsSync(join(root, 'dist', name)));
  } catch {
    return false;
  }
}

async function build() {
  if (isBuilt(sourcesHash())) return;
  say('building');
  await rm(STAMP, {force: true});
  const kernel = await run(process.execPath, [join(root, 'scripts', 'build-kernel.mjs')], stepOptions);
  if (kernel !== 0) throw new Error(`the build of the wasm kernel failed with exit code ${kernel}`);
  // The kernel is one of the sources.
  const hash = sourcesHash();
  const tsup = join(root, 'node_modules', 'tsup', 'dist', 'cli-default.js');
  const code = await run(process.execPath, [tsup, '--silent'], stepOptions);
  if (code !== 0) throw new Error(`the build failed with exit code ${code}`);
  await writeFile(STAMP, JSON.stringify({hash, files: readdirSync(join(root, 'dist'))}));
}

async function setUpNative() {
  const {setupNative} = await import(pathToFileURL(join(root, 'dist', 'setup-native.js')).href);
  const status = await setupNative({project: root});
  if (status.available) return;
  const line = `native backend not available: ${status.reason}`;
  if (process.env.CI === 'true') throw new Error(`${line} (a failure in CI)`);
  say(`${line}. Everything runs on the embedded engine instead.`);
}

async function main() {
  if (Number.parseInt(process.versions.node, 10) < NODE_MAJOR) {
    throw new Error(`Node ${process.versions.node} is too old; Carryover needs ${NODE_MAJOR} or newer`);
  }
  await mkdir(STATE, {recursive: true});
  await withLock(
    join(STATE, 'setup.lock'),
    async () => {
      await waitForOrphan();
      await installDependencies();
      await build();
      await rm(CHILD, {force: true});
      await setUpNative();
    },
    {onWait: () => say('waiting for another set-up of this clone to finish')},
  );
}

try {
  await main();
} catch (error) {
  say(`set-up: ${error.message}`);
  process.exitCode = 1;
}
