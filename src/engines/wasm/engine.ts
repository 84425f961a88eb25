import * as tf from '@tensorflow/tfjs-core';
import type {Activation} from '../../recurrence/activations';
import {memoized} from '../../recurrence/memo';
import {milliseconds} from '../cost';
import type {Engine} from '../types';
import {backward} from './run/backward';
import {forward} from './run/forward';
import {configure, disposeRuntime, mostThreads, runtime} from './run/runtime';

/** tfjs backends whose tensors can be read without waiting for a device. */
const BACKENDS = ['cpu', 'wasm', 'tensorflow'];

/** Functions that the kernel lacks. */
const LACKING: readonly Activation['kind'][] = ['gelu', 'softmax'];

const refusal = memoized(({activations}) => {
  const other = Object.values(activations).find(({kind}) => LACKING.includes(kind));
  return other && `its kernel has no ${other.kind}`;
});

/**
 * Runs recurrences, forwards and backwards, without any native install: a step's graph is compiled into a program, which
 * a WebAssembly kernel runs for a whole sequence in one call.
 */
export const wasmEngine: Engine = {
  name: 'wasm',
  unavailable: () => {
    const backend = tf.getBackend();
    if (!BACKENDS.includes(backend))
      return `it would have to copy from and to the backend in use (${backend})`;
    return runtime() ? undefined : 'WebAssembly does not run here';
  },
  refuses: refusal,
  estimate: (recurrence, call) =>
    milliseconds('wasm', recurrence, call, {backends: [tf.getBackend(), 'cpu'], threads: mostThreads()}),
  forward: (...call) => forward(runtime()!, ...call),
  backward: (...call) => backward(runtime()!, ...call),
  configure,
  dispose: disposeRuntime,
};
