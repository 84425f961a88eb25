import {getBackend} from '@tensorflow/tfjs-core';
import {milliseconds} from '../cost';
import type {Engine} from '../types';
import {backward} from './backward';
import {forward} from './forward';

/**
 * The readable reference: each node of a step's graph is one tfjs op, on any backend. It runs everything that
 * a recurrence can say; the faster engines are held against it.
 */
export const opsEngine: Engine = {
  name: 'ops',
  unavailable: () => undefined,
  refuses: () => undefined,
  estimate: (recurrence, call) => milliseconds('ops', recurrence, call, {backends: [getBackend()]}),
  forward,
  backward,
};
