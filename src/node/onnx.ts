import {createRequire} from 'node:module';
import {join} from 'node:path';
import {onnxEngine} from '../engines/onnx/engine';
import type {OnnxArray, OnnxRuntime} from '../engines/onnx/runtime';
import {registerEngine} from '../engines/registry';

/**
 * The synchronous layer below onnxruntime-node's promises: its own `run` calls this one a tick later. Not part of
 * its documented interface, hence looked at before it is used (seen in 1.30).
 */
interface Binding {
  InferenceSession: new () => {
    loadModel(buffer: ArrayBufferLike, byteOffset: number, byteLength: number, options: object): void;
    run(feeds: object, fetches: object, options: object): Record<string, OnnxArray>;
    dispose(): void;
  };
}

interface Modules {
  readonly binding: Binding;
  readonly initOrt: () => void;
  readonly Tensor: new (type: 'float32', data: Float32Array, dims: readonly number[]) => object;
}

/** As the program that runs would find them, or the project in whose folder it runs. */
function requireModules(): Modules {
  const from = [...process.argv.slice(1, 2), join(process.cwd(), 'package.json')];
  let first: unknown;
  for (const place of from) {
    try {
      const load = createRequire(place);
      const {Tensor} = load('onnxruntime-node') as Pick<Modules, 'Tensor'>;
      return {Tensor, ...(load('onnxruntime-node/dist/binding') as Omit<Modules, 'Tensor'>)};
    } catch (error) {
      first ??= error;
    }
  }
  throw first;
}

function runtimeOf({binding, initOrt, Tensor}: Modules): OnnxRuntime {
  initOrt();
  return {
    createSession: model => {
      const session = new binding.InferenceSession();
      const options = {logSeverityLevel: 3, executionMode: 'sequential'};
      session.loadModel(model.buffer, model.byteOffset, model.byteLength, options);
      return {
        run: (feeds, outputs) => {
          const tensors = Object.entries(feeds).map(([name, {data, dims}]) => [
            name,
            new Tensor('float32', data, dims),
          ]);
          const wanted = Object.fromEntries(outputs.map(name => [name, null]));
          return session.run(Object.fromEntries(tensors), wanted, {});
        },
        release: () => session.dispose(),
      };
    },
  };
}

export type OnnxStatus = {readonly available: true} | {readonly available: false; readonly reason: string};

let status: OnnxStatus | undefined;

/** Registers the engine `onnx` where the package onnxruntime-node is installed. Loaded once; it does not throw. */
export function useOnnx(): OnnxStatus {
  status ??= load();
  return status;
}

function load(): OnnxStatus {
  try {
    const modules = requireModules();
    if (typeof modules.initOrt !== 'function' || typeof modules.binding?.InferenceSession !== 'function') {
      return {
        available: false,
        reason: 'this release of onnxruntime-node lacks what Carryover calls; try 1.30',
      };
    }
    registerEngine(onnxEngine(runtimeOf(modules)));
    return {available: true};
  } catch (error) {
    const {code, message} = error as NodeJS.ErrnoException;
    const reason =
      code === 'MODULE_NOT_FOUND'
        ? 'onnxruntime-node is not installed; run: npm install --ignore-scripts onnxruntime-node'
        : `onnxruntime-node does not load (${String(message).split('\n')[0]})`;
    return {available: false, reason};
  }
}
