// Prints the folder of a package of Python that ships a recurrent model (`VERSIONS`): for the tests that load
// what people have installed. pip brings the archive alone, nothing of it is installed or run; it is unpacked in the cache folder.
// Exit code 1 and a reason on stderr where it cannot be had.
import {execFileSync} from 'node:child_process';
import {existsSync} from 'node:fs';
import {mkdir, rename, rm} from 'node:fs/promises';
import {join} from 'node:path';
import {cacheFolder} from '../src/node/native/cache-folder.mjs';
import {withLock} from '../src/node/native/lock.mjs';

/** The release whose files `fixtures/shipped` has outputs of. */
const VERSIONS = {
  textgenrnn: '2.0.0',
  rnnmorph: '0.4.1',
  g2p_en: '2.1.0',
  chiron: '0.6.1.1',
  cutkum: '2.4',
  deepnlp: '0.1.7',
};
const LIMIT_MS = 5 * 60_000;

const PROGRAM = `
import glob, os, shutil, subprocess, sys
package, folder = sys.argv[1:]
pip = [sys.executable, '-m', 'pip', 'download', '--quiet', '--no-deps', '--disable-pip-version-check', '--dest', folder, package]
if subprocess.run(pip, stdout=sys.stderr).returncode != 0: sys.exit('pip cannot download ' + package)
[archive] = glob.glob(os.path.join(folder, '*'))
shutil.unpack_archive(archive, folder, 'zip' if archive.endswith('.whl') else None)
os.remove(archive)
`;

async function download(name, folder) {
  const part = `${folder}.part`;
  await rm(part, {recursive: true, force: true});
  await mkdir(part, {recursive: true});
  const python = process.env.PYTHON ?? 'python3';
  execFileSync(python, ['-c', PROGRAM, `${name}==${VERSIONS[name]}`, part], {
    stdio: ['ignore', 'ignore', 'inherit'],
    timeout: LIMIT_MS,
  });
  // Renamed last, so that an interrupted download counts as none.
  await rename(part, folder);
}

const [name] = process.argv.slice(2);
try {
  if (!Object.hasOwn(VERSIONS, name ?? '')) throw new Error(`not one of ${Object.keys(VERSIONS).join(', ')}`);
  const cache = join(cacheFolder(process.env), 'packages');
  const folder = join(cache, `${name}-${VERSIONS[name]}`);
  await mkdir(cache, {recursive: true});
  if (!existsSync(folder))
    await withLock(`${folder}.lock`, async () => {
      if (!existsSync(folder)) await download(name, folder);
    });
  process.stdout.write(folder);
} catch (error) {
  process.stderr.write(`python-package: ${error.message.split('\n')[0]}\n`);
  process.exitCode = 1;
}
