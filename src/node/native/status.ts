import {existsSync, readdirSync, readFileSync, statSync} from 'node:fs';
import {rename, rm, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {temporaryName} from './cache';
import {bindingPath, findTfjsNode, type TfjsNode} from './package';

const MARKER = '.carryover-native.json';

/** What is known of the native backend: tfjs-node with a binding and a TensorFlow library. */
export type NativeStatus =
  | {
      /** Whether it is in place and has been checked. */
      available: true;
      /** The folder of the `@tensorflow/tfjs-node` that has it. */
      folder: string;
      /** The release of tfjs-node. */
      version: string;
      /** The release of the TensorFlow library, as the library itself reports it. */
      tensorflow: string;
      /** Whether the library has GPU kernels. */
      gpu: boolean;
      /** Who brought the library: tfjs-node's prebuilt one, TensorFlow's wheel, or somebody before set-up. */
      route: 'upstream' | 'wheel' | 'found';
    }
  | {
      /** Whether it is in place and has been checked. */
      available: false;
      /** One line that says what is missing. */
      reason: string;
    };

export type Installed = Pick<Extract<NativeStatus, {available: true}>, 'tensorflow' | 'gpu' | 'route'>;

interface Marker extends Installed {
  files: Record<string, number>;
}

/** Sizes of what the backend is made of, by path within tfjs-node; symbolic links are followed. */
function backendFiles({folder, napi}: TfjsNode): Record<string, number> {
  const lib = join('deps', 'lib');
  const libraries = existsSync(join(folder, lib)) ? readdirSync(join(folder, lib)) : [];
  const paths = [bindingPath(napi), ...libraries.map(name => join(lib, name))];
  return Object.fromEntries(paths.map(path => [path, statSync(join(folder, path)).size]));
}

function readMarker(folder: string): Marker | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, MARKER), 'utf8')) as Marker;
  } catch {
    return undefined;
  }
}

/** Notes in tfjs-node's folder that what stands there was loaded and found good. */
export async function writeMarker(node: TfjsNode, installed: Installed): Promise<NativeStatus> {
  const marker: Marker = {...installed, files: backendFiles(node)};
  const path = join(node.folder, MARKER);
  const temporary = temporaryName(path);
  await writeFile(temporary, `${JSON.stringify(marker, null, 2)}\n`);
  await rename(temporary, path);
  return {available: true, folder: node.folder, version: node.version, ...installed};
}

export async function removeMarker({folder}: TfjsNode): Promise<void> {
  await rm(join(folder, MARKER), {force: true});
}

/** The status of one tfjs-node, from its files alone. */
export function packageStatus(node: TfjsNode): NativeStatus {
  const {folder, version, napi} = node;
  if (!existsSync(join(folder, bindingPath(napi)))) {
    return {available: false, reason: '@tensorflow/tfjs-node is installed without its native binding'};
  }
  const marker = readMarker(folder);
  if (marker === undefined) {
    return {available: false, reason: "@tensorflow/tfjs-node's native binding has not been checked"};
  }
  try {
    const files = backendFiles(node);
    if (Object.entries(marker.files).every(([path, bytes]) => files[path] === bytes)) {
      const {tensorflow, gpu, route} = marker;
      return {available: true, folder, version, tensorflow, gpu, route};
    }
  } catch {
    // A link to a library that is gone.
  }
  return {
    available: false,
    reason: "@tensorflow/tfjs-node's native libraries have changed since they were checked",
  };
}

/**
 * Whether the native backend is set up for the project in `project` (default: the working directory). It
 * looks at files and loads nothing, so it takes milliseconds.
 */
export function nativeStatus(project: string = process.cwd()): NativeStatus {
  const node = findTfjsNode(project);
  if (node === undefined) {
    return {available: false, reason: `@tensorflow/tfjs-node is not installed in ${project}`};
  }
  return packageStatus(node);
}
