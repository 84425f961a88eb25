import {existsSync, readFileSync, realpathSync} from 'node:fs';
import {createRequire} from 'node:module';
import {dirname, join, resolve} from 'node:path';
import {type Environment, findProgram, lastLine, run} from './process';

const NAME = '@tensorflow/tfjs-node';
/** The release that set-up was proven with, and the one installed where the project has no tfjs yet. */
const PROVEN_VERSION = '4.22.0';
const INSTALL_MS = 10 * 60_000;

/** An installed `@tensorflow/tfjs-node`. */
export interface TfjsNode {
  /** Its folder, symbolic links resolved. */
  folder: string;
  version: string;
  /** The Node-API version whose binding it will load on this Node. */
  napi: number;
}

interface Manifest {
  version: string;
  binary?: {napi_versions?: number[]};
}

function resolveManifest(name: string, project: string): string | undefined {
  try {
    return createRequire(resolve(project, 'package.json')).resolve(`${name}/package.json`);
  } catch {
    return undefined;
  }
}

/** What `require('@tensorflow/tfjs-node')` finds from `project`, or undefined where it is not installed. */
export function findTfjsNode(project: string): TfjsNode | undefined {
  const path = resolveManifest(NAME, project);
  if (path === undefined) return undefined;
  const manifest = JSON.parse(readFileSync(path, 'utf8')) as Manifest;
  const supported = Number(process.versions.napi);
  const versions = (manifest.binary?.napi_versions ?? []).filter(version => version <= supported);
  return {folder: realpathSync(dirname(path)), version: manifest.version, napi: Math.max(3, ...versions)};
}

/** Where tfjs-node looks for its binding on this Node, relative to its folder. */
export function bindingPath(napi: number): string {
  return join('lib', `napi-v${napi}`, 'tfjs_binding.node');
}

/**
 * Installs tfjs-node into `project` with npm, running no scripts and leaving its package.json as it is.
 * Returns why not, where it did not.
 */
export async function installTfjsNode(
  project: string,
  env: Environment,
  log: (line: string) => void,
): Promise<string | undefined> {
  // A tfjs-node of another version than the project's tfjs brings a second copy of tfjs-core: two engines.
  const core = resolveManifest('@tensorflow/tfjs-core', project);
  const wanted =
    core === undefined ? PROVEN_VERSION : (JSON.parse(readFileSync(core, 'utf8')) as Manifest).version;
  const spec = `${NAME}@${wanted}`;
  for (const [file, command] of [
    ['yarn.lock', `yarn add --ignore-scripts ${spec}`],
    ['pnpm-lock.yaml', `pnpm add --ignore-scripts ${spec}`],
    ['bun.lock', `bun add --ignore-scripts ${spec}`],
  ] as const) {
    if (existsSync(join(project, file)))
      return `${NAME} is not installed in ${project}; add it with: ${command}`;
  }
  const npm = findProgram(['npm'], env);
  if (npm === undefined)
    return `${NAME} is not installed in ${project}, and there is no npm to install it with`;
  log(`installing ${spec} (not saved: to keep it, npm install --ignore-scripts ${spec})`);
  const args = ['install', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund', spec];
  const ran = await run(npm, args, {cwd: project, env, timeout: INSTALL_MS});
  return ran.code === 0 ? undefined : `npm could not install ${spec}: ${lastLine(ran)}`;
}
