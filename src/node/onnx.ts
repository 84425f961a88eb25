import {createRequire} from 'node:module';
import {availableParallelism} from 'node:os';
import {join} from 'node:path';
import {onnxEngine} from '../engines/onnx/engine';
import type {OnnxRuntime, OnnxSession} from '../engines/onnx/runtime';
import {engineNames, registerEngine} from '../engines/registry';

/**
 * The synchronous layer below onnxruntime-node's promises: its own `run` calls this one a tick later. Not part of
 * its documented interface, hence looked at before it is used (seen in 1.30).
 */
interface Binding {
  InferenceSession: new () => {
    loadModel(buffer: ArrayBufferLike, byteOffset: number, byteLength: number, options: object): void;
    run(feeds: object, fetches: object, options: object): ReturnType<OnnxSession['run']>;
    dispose(): void;
  };
}

interface Modules {
  readonly binding: Binding;
  readonly initOrt: () => void;
}

/** How to require the package: as the program that runs would, or the project in its folder; undefined without it. */
function findPackage(): NodeJS.Require | undefined {
  for (const place of [...process.argv.slice(1, 2), join(process.cwd(), 'package.json')]) {
    try {
      const look = createRequire(place);
      look.resolve('onnxruntime-node');
      return look;
    } catch {
      // Not from here.
    }
  }
  return undefined;
}

function runtimeOf({binding, initOrt}: Modules): OnnxRuntime {
  initOrt();
  return {
    createSession: (model, threads) => {
      const session = new binding.InferenceSession();
      const options = {
        logSeverityLevel: 3,
        executionMode: 'sequential',
        ...(threads !== undefined && {intraOpNumThreads: threads}),
      };
      session.loadModel(model.buffer, model.byteOffset, model.byteLength, options);
      return {
        run: (feeds, wanted) => {
          // What the package's Tensor has, without its checks.
          const tensors: Record<string, object> = {};
          for (const [name, {data, dims}] of Object.entries(feeds)) {
            const type = data instanceof Float32Array ? 'float32' : 'int32';
            tensors[name] = {type, data, dims, location: 'cpu'};
          }
          return session.run(tensors, wanted, {});
        },
        release: () => session.dispose(),
      };
    },
  };
}

/** Whether onnxruntime-node can be used. */
export type OnnxStatus =
  | {
      /** Whether the engine can be used. */
      readonly available: true;
    }
  | {
      /** Whether the engine can be used. */
      readonly available: false;
      /** One line that says what is missing. */
      readonly reason: string;
    };

let loaded: OnnxRuntime | string | undefined;

/** ONNX Runtime, loaded once, or why there is none. */
export function loadOnnx(): OnnxRuntime | string {
  loaded ??= tryLoad();
  return loaded;
}

function tryLoad(): OnnxRuntime | string {
  const look = findPackage();
  if (!look) return 'onnxruntime-node is not installed; run: npm install --ignore-scripts onnxruntime-node';
  try {
    const {binding, initOrt} = look('onnxruntime-node/dist/binding') as Modules;
    if (typeof initOrt !== 'function' || typeof binding?.InferenceSession !== 'function') {
      return 'this release of onnxruntime-node lacks what Carryover calls; try 1.30';
    }
    return runtimeOf({binding, initOrt});
  } catch (error) {
    return `onnxruntime-node does not load (${String((error as Error).message).split('\n')[0]})`;
  }
}

/** Adds the engine `onnx` where the package onnxruntime-node is installed; it is loaded when it is needed. */
export function registerOnnx(): void {
  if (!engineNames().includes('onnx') && findPackage())
    registerEngine(onnxEngine(loadOnnx, {cores: availableParallelism()}));
}

/** Adds the engine `onnx` and loads onnxruntime-node; says what is missing, and does not throw. */
export function useOnnx(): OnnxStatus {
  registerOnnx();
  const runtime = loadOnnx();
  return typeof runtime === 'string' ? {available: false, reason: runtime} : {available: true};
}
