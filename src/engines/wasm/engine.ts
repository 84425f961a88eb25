import * as tf from '@tensorflow/tfjs-core';
import {milliseconds} from '../cost';
import type {Engine} from '../types';
import {backward} from './run/backward';
import {forward} from './run/forward';
import {configure, disposeRuntime, runtime} from './run/runtime';

/** Backends whose tensors are at hand without waiting for a device. */
const BACKENDS = ['cpu', 'wasm', 'tensorflow'];

/**
 * One call of a WebAssembly kernel per sequence, forwards and backwards: a step's graph as a program of products and
 * of runs of element-wise operations. Runs everything that a recurrence can say, without any native install.
 */
export const wasmEngine: Engine = {
  name: 'wasm',
  unavailable: () => {
    const backend = tf.getBackend();
    if (!BACKENDS.includes(backend))
      return `it would have to copy from and to the backend in use (${backend})`;
    return runtime() ? undefined : 'WebAssembly does not run here';
  },
  refuses: () => undefined,
  estimate: (recurrence, call) => milliseconds('wasm', recurrence, call),
  forward: (...call) => forward(runtime()!, ...call),
  backward: (...call) => backward(runtime()!, ...call),
  configure,
  dispose: disposeRuntime,
};
