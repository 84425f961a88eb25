import {mkdir, rm} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import {makeStage} from './cache';
import {bindingPath, type TfjsNode} from './package';
import type {WheelTools} from './plan';
import {type Environment, findProgram, lastLine, run} from './process';

const COMPILE_MS = 15 * 60_000;
const FETCH_MS = 2 * 60_000;
const SOURCES = ['tfjs_backend.cc', 'tfjs_binding.cc'];
// Node-API's own headers, for a Node that was installed without any.
const HEADERS = 'node-api-headers@1.9.0';

/** Calls `use` with a folder that has `node_api.h`, fetching one from npm where Node brought none. */
async function withHeaders<T>(
  stage: string,
  tools: WheelTools,
  env: Environment,
  use: (headers: string) => Promise<T>,
): Promise<T | string> {
  if (tools.headers !== undefined) return use(tools.headers);
  const npm = findProgram(['npm'], env);
  if (npm === undefined)
    return 'Node was installed without its headers (node_api.h), and there is no npm to get them';
  return makeStage(join(stage, 'headers'), async folder => {
    const args = ['install', '--prefix', folder, '--ignore-scripts', '--no-audit', '--no-fund', HEADERS];
    const ran = await run(npm, args, {cwd: folder, env, timeout: FETCH_MS});
    if (ran.code !== 0) return `npm could not install ${HEADERS}: ${lastLine(ran)}`;
    return use(join(folder, 'node_modules', 'node-api-headers', 'include'));
  });
}

function firstError(stderr: string): string | undefined {
  return stderr.split('\n').find(line => /\berror\b|cannot find|No such file/.test(line));
}

/**
 * Builds tfjs-node's binding from the sources in its package against the libraries in `stage`, as its
 * binding.gyp says: two files, Node-API only, an rpath relative to the binding. The compiler is called without
 * node-gyp, which would want Node's own version of the headers (a download on many machines) and would build
 * inside node_modules. Returns why not, where it did not.
 */
export async function buildBinding(
  stage: string,
  node: TfjsNode,
  tools: WheelTools,
  env: Environment,
): Promise<string | undefined> {
  const binding = join(stage, bindingPath(node.napi));
  const include = join(stage, 'deps', 'include');
  const lib = join(stage, 'deps', 'lib');
  await mkdir(dirname(binding), {recursive: true});
  return withHeaders(stage, tools, env, async headers => {
    const args = [
      ...tools.compilerArgs,
      ...['-std=c++17', '-O3', '-fPIC', '-shared', '-w'],
      ...[`-DNAPI_VERSION=${node.napi}`, '-DBUILDING_NODE_EXTENSION', `-I${headers}`, `-I${include}`],
      ...SOURCES.map(name => join(node.folder, 'binding', name)),
      ...[`-L${lib}`, '-ltensorflow', '-ltensorflow_framework', '-Wl,-rpath,$ORIGIN/../../deps/lib'],
      ...['-o', binding],
    ];
    const ran = await run(tools.compiler, args, {cwd: stage, env, timeout: COMPILE_MS});
    if (ran.code !== 0) {
      return `${tools.compiler} could not build tfjs-node's binding: ${firstError(ran.stderr) ?? lastLine(ran)}`;
    }
    await rm(include, {recursive: true, force: true});
    return undefined;
  });
}
