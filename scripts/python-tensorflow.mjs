// Prints the path of a Python that has TensorFlow 2.15.1, for tests that ask the real library. The environment is made
// in the cache folder where it is missing; with --existing it is only looked for. Exit code 1 and a reason on stderr
// where there is none.
import {execFileSync} from 'node:child_process';
import {existsSync, readdirSync, readFileSync} from 'node:fs';
import {mkdir, rename, rm, writeFile} from 'node:fs/promises';
import {homedir} from 'node:os';
import {join} from 'node:path';
import {cacheFolder} from '../src/node/native/cache-folder.mjs';
import {withLock} from '../src/node/native/lock.mjs';
import {say} from './project.mjs';

const VERSION = '2.15.1';
const REQUIREMENT = `tensorflow-cpu==${VERSION}`;
const CACHE = cacheFolder(process.env);
const HOME = join(CACHE, 'python', `tensorflow-${VERSION}`);
/** Written last, so that an interrupted installation counts as none. */
const DONE = join(HOME, 'requirements.txt');
const bin = home =>
  process.platform === 'win32' ? join(home, 'Scripts', 'python.exe') : join(home, 'bin', 'python');

const isReady = () => existsSync(DONE) && readFileSync(DONE, 'utf8') === REQUIREMENT && existsSync(bin(HOME));

function versionOf(python) {
  try {
    const code = 'import sys; print("%d.%d" % sys.version_info[:2])';
    return execFileSync(python, ['-c', code], {encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore']}).trim();
  } catch {
    return undefined;
  }
}

/** $CARRYOVER_PYTHON311, python3.11 on the PATH, or pyenv's newest: the wheel is for 3.11. */
function interpreter() {
  const pyenv = join(process.env.PYENV_ROOT || join(homedir(), '.pyenv'), 'versions');
  const versions = existsSync(pyenv) ? readdirSync(pyenv).filter(name => name.startsWith('3.11.')) : [];
  const candidates = [
    process.env.CARRYOVER_PYTHON311,
    'python3.11',
    'python3',
    ...versions
      .sort((a, b) => Number(b.slice(5)) - Number(a.slice(5)))
      .map(name => join(pyenv, name, 'bin', 'python')),
  ];
  return candidates.find(python => python && versionOf(python) === '3.11');
}

/** The native set-up keeps the wheel that it takes its library from: 200 MB need not come twice. */
function keptWheel() {
  const downloads = join(CACHE, 'downloads');
  const name = existsSync(downloads)
    ? readdirSync(downloads).find(
        file => file.startsWith(`tensorflow_cpu-${VERSION}-cp311-`) && file.endsWith('.whl'),
      )
    : undefined;
  return name && join(downloads, name);
}

async function make() {
  if (isReady()) return;
  const python = interpreter();
  if (!python) throw new Error('no Python 3.11 found; install it or set CARRYOVER_PYTHON311 to its path');
  say(`installing ${REQUIREMENT} for the tests that compare with it`);
  await rm(HOME, {recursive: true, force: true});
  const run = (program, args) => execFileSync(program, args, {stdio: ['ignore', 2, 2]});
  run(python, ['-m', 'venv', HOME]);
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-input'];
  run(bin(HOME), [...pip, keptWheel() ?? REQUIREMENT]);
  await writeFile(`${DONE}.new`, REQUIREMENT);
  await rename(`${DONE}.new`, DONE);
}

try {
  if (!isReady()) {
    if (process.argv.includes('--existing')) throw new Error(`${HOME} is not set up`);
    await mkdir(join(CACHE, 'python'), {recursive: true});
    await withLock(join(CACHE, 'python', 'tensorflow.lock'), make);
  }
  process.stdout.write(`${bin(HOME)}\n`);
} catch (error) {
  process.stderr.write(`python-tensorflow: ${error.message}\n`);
  process.exitCode = 1;
}
