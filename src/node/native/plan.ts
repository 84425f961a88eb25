import {existsSync} from 'node:fs';
import {homedir} from 'node:os';
import {dirname, join} from 'node:path';
import {type Environment, findProgram, run} from './process';

/** The TensorFlow release whose C API tfjs-node's binding builds against and whose wheel has it whole. */
export const WHEEL_VERSION = '2.15.1';

const ASK_MS = 60_000;

export interface Machine {
  platform: string;
  arch: string;
}

export const thisMachine: Machine = {platform: process.platform, arch: process.arch};

/** The name of a cache entry: everything a binding depends on. Not Node's version: Node-API keeps across them. */
export function entryName(
  machine: Machine,
  tfjsNode: {version: string; napi: number},
  library: string,
  gpu: boolean,
): string {
  const parts = [
    machine.platform,
    machine.arch,
    `tfjs-node-${tfjsNode.version}`,
    library,
    `napi-v${tfjsNode.napi}`,
  ];
  return [...parts, ...(gpu ? ['gpu'] : [])].join('-');
}

/** What building on TensorFlow's wheel needs. */
export interface WheelTools {
  python: string;
  compiler: string;
  compilerArgs: string[];
  /** The folder of `node_api.h`; undefined where they must be fetched (npm: node-api-headers). */
  headers: string | undefined;
}

function findHeaders(env: Environment): string | undefined {
  const roots = [env.npm_config_nodedir, dirname(dirname(process.execPath)), '/usr', '/usr/local'];
  return roots
    .filter(root => root !== undefined && root !== '')
    .map(root => join(root as string, 'include', 'node'))
    .find(folder => existsSync(join(folder, 'node_api.h')));
}

/** The first Python that has pip, or why there is none. */
async function findPython(env: Environment): Promise<{python: string} | string> {
  const names = [env.PYTHON, 'python3', 'python'];
  let withoutPip: string | undefined;
  for (const name of names) {
    const python = findProgram([name], env);
    if (python === undefined) continue;
    const ran = await run(python, ['-m', 'pip', '--version'], {env, timeout: ASK_MS});
    if (ran.code === 0) return {python};
    withoutPip ??= python;
  }
  if (withoutPip !== undefined) return `${withoutPip} has no pip (install python3-pip)`;
  return 'there is no python3 with pip on PATH, which fetches the TensorFlow library';
}

/** Finds what the wheel route needs on this machine, or says in one line what is missing. */
export async function findWheelTools(env: Environment, machine: Machine): Promise<WheelTools | string> {
  if (machine.platform !== 'linux' || machine.arch !== 'x64') {
    return `the TensorFlow wheel can be used on linux x64 only, and this is ${machine.platform} ${machine.arch}`;
  }
  if (existsSync('/lib/ld-musl-x86_64.so.1') && !existsSync('/lib64/ld-linux-x86-64.so.2')) {
    return 'the TensorFlow wheel needs glibc, and this Linux has musl';
  }
  const [cxx, ...cxxArgs] = (env.CXX ?? '').split(/\s+/).filter(word => word !== '');
  const compiler = findProgram([cxx, 'c++', 'g++', 'clang++'], env);
  if (compiler === undefined) return 'there is no C++ compiler on PATH (g++ or clang++)';
  const compilerArgs = cxx !== undefined && findProgram([cxx], env) === compiler ? cxxArgs : [];
  const python = await findPython(env);
  if (typeof python === 'string') return python;
  return {...python, compiler, compilerArgs, headers: findHeaders(env)};
}

/** `path` with the home folder as `~`, for messages. */
export function homely(path: string): string {
  const home = homedir();
  return path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path;
}
