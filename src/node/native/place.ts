import {readFileSync} from 'node:fs';
import {copyFile, link, lstat, mkdir, readdir, readlink, rm, symlink} from 'node:fs/promises';
import {dirname, join, relative} from 'node:path';
import {makeStage, READY, type Ready, replaceFolder} from './cache';
import {bindingPath, type TfjsNode} from './package';
import {removeMarker} from './status';

/** A second name for a library of the cache: no second copy of 600 MB, and node_modules outlives the cache. */
async function share(from: string, to: string): Promise<void> {
  if ((await lstat(from)).isSymbolicLink()) return symlink(await readlink(from), to);
  // Another file system has no hard links; some forbid them.
  return link(from, to).catch(() => symlink(from, to));
}

/**
 * Puts the backend of the cache entry `entry` into tfjs-node's folder: first the libraries, then the binding
 * that needs them, each appearing in one rename.
 */
export async function placeBackend(entry: string, node: TfjsNode): Promise<void> {
  await removeMarker(node);
  const deps = join(node.folder, 'deps');
  await makeStage(deps, async stage => {
    await mkdir(join(stage, 'lib'));
    for (const name of await readdir(join(entry, 'deps', 'lib'))) {
      await share(join(entry, 'deps', 'lib', name), join(stage, 'lib', name));
    }
    await copyFile(join(entry, READY), join(stage, READY));
    await replaceFolder(stage, deps);
  });
  const lib = join(node.folder, 'lib');
  const binding = bindingPath(node.napi);
  await makeStage(lib, async stage => {
    const to = join(stage, relative('lib', binding));
    await mkdir(dirname(to), {recursive: true});
    // A copy: a rebuild in node_modules must not write through to the cache.
    await copyFile(join(entry, binding), to);
    await replaceFolder(stage, lib);
  });
}

/** Where the backend that stands in tfjs-node's folder came from, if set-up put it there. */
export function placedFrom(node: TfjsNode): Pick<Ready, 'route' | 'gpu'> | undefined {
  try {
    return JSON.parse(readFileSync(join(node.folder, 'deps', READY), 'utf8'));
  } catch {
    return undefined;
  }
}

/** Takes a backend that does not work out again, binding first. */
export async function removeBackend(node: TfjsNode): Promise<void> {
  await removeMarker(node);
  await rm(join(node.folder, 'lib'), {recursive: true, force: true});
  await rm(join(node.folder, 'deps'), {recursive: true, force: true});
}
