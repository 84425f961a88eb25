import {createRequire} from 'node:module';
import {join} from 'node:path';
import util from 'node:util';
import {findBackendFactory} from '@tensorflow/tfjs-core';

/** The parts of `@tensorflow/tfjs-node` that Carryover calls beside the backend itself. */
export interface TfjsNodeModule {
  version: Record<string, string>;
  node: Record<string, unknown>;
  io: Record<string, unknown>;
}

export type NativeBackend =
  | {
      available: true;
      /** The name under which the backend is registered, for `tf.setBackend`. */
      backend: 'tensorflow';
      module: TfjsNodeModule;
      /** The TensorFlow library's version. */
      tensorflow: string;
    }
  /** One line that says what is missing and what to do. */
  | {available: false; reason: string};

/**
 * tfjs-node calls two functions of `node:util` that Node 23 began to remove; before that, they print a
 * deprecation warning. These say the same, silently.
 */
function replaceRemovedFunctions(): void {
  const functions = util as unknown as Record<string, unknown>;
  functions.isNullOrUndefined = (value: unknown) => value === null || value === undefined;
  functions.isArray = Array.isArray;
}

async function importTfjsNode(): Promise<TfjsNodeModule & {default?: TfjsNodeModule}> {
  try {
    return (await import('@tensorflow/tfjs-node')) as unknown as TfjsNodeModule;
  } catch (error) {
    const {code, message} = error as NodeJS.ErrnoException;
    const absent = code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND';
    if (!absent || !message.includes("'@tensorflow/tfjs-node'")) throw error;
    // Carryover may be installed elsewhere (globally, or linked) than the project that has tfjs-node.
    return createRequire(join(process.cwd(), 'package.json'))('@tensorflow/tfjs-node');
  }
}

function whyNot(error: unknown): string {
  const {code, message} = error as NodeJS.ErrnoException;
  const [line = ''] = String(message).split('\n');
  if (code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND') {
    return '@tensorflow/tfjs-node is not installed; run: npx carryover setup-native';
  }
  if (line.includes('native addon module')) {
    return '@tensorflow/tfjs-node has no native binding; run: npx carryover setup-native';
  }
  return `@tensorflow/tfjs-node does not load (${line}); run: npx carryover setup-native`;
}

interface NativeBinding {
  binding?: {TF_Version?: string};
}

async function load(): Promise<NativeBackend> {
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
  replaceRemovedFunctions();
  try {
    const imported = await importTfjsNode();
    const module = imported.default ?? imported;
    const factory = findBackendFactory('tensorflow');
    if (factory === null || factory === undefined) {
      const version = module.version['tfjs-core'] ?? 'unknown';
      const reason = `@tensorflow/tfjs-node brings another copy of @tensorflow/tfjs-core (${version}) than the one in use; install one version of both, and run: npm dedupe`;
      return {available: false, reason};
    }
    const {backend} = module as unknown as {backend: () => NativeBinding};
    return {
      available: true,
      backend: 'tensorflow',
      module,
      tensorflow: backend().binding?.TF_Version ?? 'unknown',
    };
  } catch (error) {
    return {available: false, reason: whyNot(error)};
  }
}

let loaded: Promise<NativeBackend> | undefined;

/**
 * Loads `@tensorflow/tfjs-node`, which registers the backend `tensorflow` and makes it the current one.
 * Quiet: TensorFlow logs errors only, unless `TF_CPP_MIN_LOG_LEVEL` is set. Loaded once per process.
 *
 * @returns the module, or the reason why the backend cannot be used on the copy of `@tensorflow/tfjs-core`
 * that Carryover uses. It does not throw.
 */
export function loadNativeBackend(): Promise<NativeBackend> {
  loaded ??= load();
  return loaded;
}
