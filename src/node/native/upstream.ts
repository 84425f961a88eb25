import {existsSync} from 'node:fs';
import {cp, mkdir, rename, rm} from 'node:fs/promises';
import {delimiter, dirname, join} from 'node:path';
import {bindingPath, type TfjsNode} from './package';
import type {Machine} from './plan';
import {type Environment, lastLine, run} from './process';

const PROBE_MS = 4_000;
const INSTALL_MS = 20 * 60_000;
const HOST = 'https://storage.googleapis.com/';

/** Where tfjs-node's install script fetches from; it knows these variables. */
function host(env: Environment): string {
  return env.TFJS_NODE_CDN_STORAGE || env.npm_config_TFJS_NODE_CDN_STORAGE || env.CDN_STORAGE || HOST;
}

/** Whether tfjs-node's own download host can be reached: why not, where it cannot. */
export async function probeUpstream(env: Environment, machine: Machine): Promise<string | undefined> {
  if (machine.platform === 'win32') {
    return 'on Windows, tfjs-node is set up by its own install script: npm rebuild @tensorflow/tfjs-node';
  }
  const base = host(env);
  try {
    await fetch(base, {method: 'HEAD', redirect: 'manual', signal: AbortSignal.timeout(PROBE_MS)});
    return undefined;
  } catch {
    return `tfjs-node's download host ${new URL(base).host} does not answer`;
  }
}

/**
 * Runs tfjs-node's own install script on a copy of the package, and takes the libraries and the binding from
 * it into `stage`. Returns why not, where it did not.
 */
export async function fetchUpstream(
  stage: string,
  node: TfjsNode,
  env: Environment,
  gpu: boolean,
): Promise<string | undefined> {
  const copy = join(stage, 'package');
  // Only what the script reads and builds from: an earlier deps or lib there may be broken.
  for (const name of ['package.json', 'binding.gyp', 'binding', 'scripts']) {
    await cp(join(node.folder, name), join(copy, name), {recursive: true});
  }
  const own = join(node.folder, 'node_modules');
  const siblings = dirname(dirname(node.folder));
  const ran = await run(process.execPath, ['scripts/install.js', ...(gpu ? ['gpu', 'download'] : [])], {
    cwd: copy,
    env: {
      ...env,
      NODE_PATH: [own, siblings].join(delimiter),
      PATH: [join(own, '.bin'), join(siblings, '.bin'), env.PATH ?? ''].join(delimiter),
    },
    timeout: INSTALL_MS,
  });
  const binding = bindingPath(node.napi);
  if (!existsSync(join(copy, binding)) || !existsSync(join(copy, 'deps', 'lib'))) {
    return `tfjs-node's own install script failed: ${lastLine(ran)}`;
  }
  await mkdir(join(stage, 'deps'), {recursive: true});
  await rename(join(copy, 'deps', 'lib'), join(stage, 'deps', 'lib'));
  await rename(join(copy, 'lib'), join(stage, 'lib'));
  await rm(copy, {recursive: true, force: true});
  return undefined;
}
