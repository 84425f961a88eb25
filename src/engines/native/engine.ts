import {availableParallelism} from 'node:os';
import {milliseconds} from '../cost';
import type {Engine} from '../types';
import {backward} from './backward';
import {forward} from './forward';
import {disposeSessions, hasNativeBackend} from './session';

/** TensorFlow's pool has a thread for each. */
const CORES = availableParallelism();

/**
 * One TensorFlow graph call per sequence: the step's graph inside a loop of native control flow, written here
 * and loaded through tfjs-node. Runs everything that a recurrence can say; nothing in it is of the CPU alone.
 * Threads are TensorFlow's own pool, which tfjs-node gives no way to set; hence no `configure`.
 */
export const nativeEngine: Engine = {
  name: 'native',
  unavailable: () =>
    hasNativeBackend() ? undefined : "it needs tfjs-node's backend (tensorflow), which is not the one in use",
  refuses: () => undefined,
  estimate: (recurrence, call) =>
    milliseconds('native', recurrence, call, {backends: ['tensorflow'], threads: CORES}),
  forward,
  backward,
  dispose: disposeSessions,
};
