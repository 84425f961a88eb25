import {existsSync} from 'node:fs';
import {rm} from 'node:fs/promises';
import {join} from 'node:path';
import {buildBinding} from './build';
import {makeEntry, type Ready, readEntry, removeLeftovers} from './cache';
import {cacheFolder} from './cache-folder.mjs';
import {checkBinding, checkTfjsNode} from './check';
import {withLock} from './lock.mjs';
import {bindingPath, findTfjsNode, installTfjsNode, type TfjsNode} from './package';
import {placeBackend, placedFrom, removeBackend} from './place';
import {entryName, findWheelTools, homely, type Machine, thisMachine, WHEEL_VERSION} from './plan';
import type {Environment} from './process';
import {type NativeStatus, packageStatus, writeMarker} from './status';
import {fetchUpstream, probeUpstream} from './upstream';
import {unpackWheel} from './wheel';

export {nativeStatus} from './status';

/** What the native backend is set up for. */
export interface SetupNativeOptions {
  /** The build of TensorFlow with GPU kernels; CUDA's own libraries are the machine's. Default false. */
  gpu?: boolean;
  /** The project whose tfjs-node is set up. Default: the working directory. */
  project?: string;
  /** Default: `process.env`. `CARRYOVER_CACHE` names the cache folder. */
  env?: Environment;
  /** Takes one line per step. Default: stderr. */
  log?: (line: string) => void;
  /** Default: this machine. */
  machine?: Machine;
}

interface Context {
  node: TfjsNode;
  gpu: boolean;
  env: Environment;
  machine: Machine;
  cache: string;
  log: (line: string) => void;
}

interface Route {
  name: Ready['route'];
  /** The library's name in the cache entry's. */
  library: string;
  /** Fills the stage of a cache entry, or says why it cannot. */
  fill: (stage: string, context: Context) => Promise<string | undefined>;
}

const ROUTES: Route[] = [
  {
    name: 'upstream',
    library: 'upstream',
    fill: async (stage, {node, env, gpu, machine, log}) => {
      const reason = await probeUpstream(env, machine);
      if (reason !== undefined) return reason;
      log("running tfjs-node's own install script");
      return fetchUpstream(stage, node, env, gpu);
    },
  },
  {
    name: 'wheel',
    library: `tensorflow-${WHEEL_VERSION}`,
    fill: async (stage, {node, env, gpu, machine, cache, log}) => {
      const tools = await findWheelTools(env, machine);
      if (typeof tools === 'string') return tools;
      const reason = await unpackWheel(stage, {tools, env, gpu, downloads: join(cache, 'downloads'), log});
      if (reason !== undefined) return reason;
      log("building tfjs-node's binding");
      return buildBinding(stage, node, tools, env);
    },
  },
];

function entryFolder(route: Route, {machine, node, gpu, cache}: Context): string {
  return join(cache, 'native', entryName(machine, node, route.library, gpu));
}

async function makeRouteEntry(route: Route, context: Context): Promise<Ready | string> {
  const {node, env, gpu} = context;
  return makeEntry(entryFolder(route, context), async stage => {
    const reason = await route.fill(stage, context);
    if (reason !== undefined) return reason;
    const checked = await checkBinding(join(stage, bindingPath(node.napi)), env);
    if (typeof checked === 'string') return `the binding does not load: ${checked}`;
    return {route: route.name, gpu, ...checked};
  });
}

/** Installs a finished entry and tries it; one that does not work goes out again, from the cache too. */
async function install(route: Route, ready: Ready, context: Context): Promise<NativeStatus> {
  const {node, env, log} = context;
  const folder = entryFolder(route, context);
  log(`installing TensorFlow ${ready.tensorflow} from ${homely(folder)}`);
  await placeBackend(folder, node);
  const checked = await checkTfjsNode(node.folder, env);
  if (typeof checked === 'string') {
    await removeBackend(node);
    await rm(folder, {recursive: true, force: true});
    return {available: false, reason: `tfjs-node does not run with it: ${checked}`};
  }
  return writeMarker(node, {route: route.name, gpu: ready.gpu, ...checked});
}

/** The binding that is in place already, where it works. */
async function useWhatIsThere({node, gpu, env, log}: Context): Promise<NativeStatus | undefined> {
  const placed = placedFrom(node);
  if (!existsSync(join(node.folder, bindingPath(node.napi))) || (gpu && !placed?.gpu)) return undefined;
  log('checking the native binding that is there');
  const checked = await checkTfjsNode(node.folder, env);
  if (typeof checked !== 'string') {
    return writeMarker(node, {route: placed?.route ?? 'found', gpu: placed?.gpu ?? false, ...checked});
  }
  log(`it does not work (${checked}): replacing it`);
  return undefined;
}

/** The first entry of the cache that works. */
async function useCache(context: Context): Promise<NativeStatus | undefined> {
  for (const route of ROUTES) {
    const ready = readEntry(entryFolder(route, context));
    if (ready === undefined) continue;
    const installed = await install(route, ready, context);
    if (installed.available) return installed;
    context.log(`${installed.reason}: building it again`);
  }
  return undefined;
}

/** The first route that leads to a working backend, or why none does. */
async function make(context: Context): Promise<NativeStatus> {
  const reasons: string[] = [];
  for (const route of ROUTES) {
    const ready = await makeRouteEntry(route, context);
    if (typeof ready === 'string') {
      reasons.push(ready);
      continue;
    }
    const installed = await install(route, ready, context);
    if (installed.available) return installed;
    reasons.push(installed.reason);
  }
  return {available: false, reason: reasons.join('; ')};
}

async function setUp(context: Context): Promise<NativeStatus> {
  const {node, gpu, cache} = context;
  const status = packageStatus(node);
  if (status.available && (!gpu || status.gpu)) return status;
  for (const folder of [node.folder, join(cache, 'native'), join(cache, 'downloads')])
    await removeLeftovers(folder);
  return (await useWhatIsThere(context)) ?? (await useCache(context)) ?? (await make(context));
}

function stderrLog(): (line: string) => void {
  const since = performance.now();
  return line => {
    const seconds = ((performance.now() - since) / 1000).toFixed(1);
    process.stderr.write(`native backend [${seconds.padStart(5)} s] ${line}\n`);
  };
}

/**
 * Sets the native backend up: installs `@tensorflow/tfjs-node` into the project where it is missing (without
 * its scripts, not saved), and gives it a TensorFlow library and a binding, from the cache where they are
 * there, else from tfjs-node's own host where that answers, else from TensorFlow's wheel for Python with the
 * C++ compiler of this machine. Nothing is in place until it has been loaded and has multiplied two matrices.
 * It may be interrupted at any point and run again, and several may run at once.
 *
 * @returns the status; where the backend cannot be had, the reason in one line. It does not throw for that.
 */
export async function setupNative(options: SetupNativeOptions = {}): Promise<NativeStatus> {
  const {gpu = false, project = process.cwd(), env = process.env, machine = thisMachine} = options;
  const log = options.log ?? stderrLog();
  let node = findTfjsNode(project);
  if (node === undefined) {
    const reason = await installTfjsNode(project, env, log);
    if (reason !== undefined) return {available: false, reason};
    node = findTfjsNode(project);
    if (node === undefined) {
      return {available: false, reason: `npm installed no @tensorflow/tfjs-node into ${project}`};
    }
  }
  const context: Context = {node, gpu, env, machine, cache: cacheFolder(env), log};
  const status = packageStatus(node);
  if (status.available && (!gpu || status.gpu)) return status;
  try {
    return await withLock(join(context.cache, 'native.lock'), () => setUp(context), {
      onWait: () => log('waiting for another set-up to finish'),
    });
  } catch (error) {
    const {message} = error as Error;
    return {available: false, reason: `set-up could not write its files: ${message}`};
  }
}
