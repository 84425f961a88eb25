// Prints the path of a Python that has one of the old libraries (epynn, neupy-0.8.2), for tests that ask the real one.
// The environment is made in the cache folder where it is missing; with --existing it is only looked for. Exit code 1
// and a reason on stderr where there is none.
import {execFileSync} from 'node:child_process';
import {mkdir} from 'node:fs/promises';
import {join} from 'node:path';
import {cacheFolder} from '../src/node/native/cache-folder.mjs';
import {withLock} from '../src/node/native/lock.mjs';
import {root} from './project.mjs';

const CACHE = cacheFolder(process.env);

/** environments.py needs any Python from 3.8 on; it finds the old ones itself. */
const PROGRAM = `
import pathlib, sys
sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1])
import environments
family, existing = sys.argv[2], len(sys.argv) > 3
try:
    if existing and not environments.is_ready(family): raise environments.NoEnvironment('%s is not set up' % family)
    print(environments.python(family))
except environments.NoEnvironment as error:
    sys.exit(str(error))
`;

function find(family, existing) {
  const args = ['-c', PROGRAM, join(root, 'fixtures', 'generate'), family, ...(existing ? ['existing'] : [])];
  return execFileSync('python3', args, {encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit']});
}

const [family] = process.argv.slice(2);
const existing = process.argv.includes('--existing');
try {
  await mkdir(join(CACHE, 'python'), {recursive: true});
  const lock = join(CACHE, 'python', 'libraries.lock');
  const path = existing ? find(family, true) : await withLock(lock, async () => find(family, false));
  process.stdout.write(path);
} catch (error) {
  process.stderr.write(`python-library: ${error.message.split('\n')[0]}\n`);
  process.exitCode = 1;
}
