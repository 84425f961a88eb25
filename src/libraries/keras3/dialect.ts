/**
 * Keras 3.0 and later. Source: keras/src/layers/rnn of 3.0.5 and 3.10.0.
 *
 * - The arrays and equations of Keras 2, but hard_sigmoid is relu6(x + 3) / 6, and GRU's `reset_after` is True by default.
 * - `implementation` and `time_major` are gone: one dropout mask for all gates, and batches come first.
 */
import {boolean, harmless, integer, other} from '../../dialects/arguments';
import type {Dialect} from '../../dialects/dialect';
import {releases} from '../../dialects/releases';
import {KERAS_2_INITIALIZERS} from '../../keras';
import * as keras2 from '../keras2/dialect';

export const KERAS3 = {
  library: 'keras3',
  title: 'Keras 3',
  releases: releases(
    ...['3.0.0-5', '3.1.0-1', '3.2.0-1', '3.3.0-3', '3.4.0-1', '3.5.0', '3.6.0', '3.7.0', '3.8.0', '3.9.0-2'],
    ...['3.10.0', '3.11.0-3', '3.12.0-4', '3.13.0-2', '3.14.0-1', '3.15.0-1'],
  ),
  endsBefore: '4.0.0',
  defaultVersion: '3.10.0',
  initializers: KERAS_2_INITIALIZERS,
};

/** Arguments of Keras 3 alone. cuDNN computes the same. */
const OWN = {
  seed: harmless(integer(null)),
  useCudnn: harmless(other('use_cudnn', 'auto')),
};

/** What a dialect of Keras 2 reads, and Keras 3 always does in one way. */
const FIXED = {implementation: 2, timeMajor: false};

function own<D extends Dialect>(dialect: D, defaults: Dialect['arguments'] = {}) {
  const {implementation: _, timeMajor: __, ...table} = dialect.arguments;
  return {
    ...dialect,
    ...KERAS3,
    arguments: {...table, ...OWN, ...defaults} as Omit<D['arguments'], 'implementation' | 'timeMajor'> &
      typeof OWN,
    arrays: (args: never, version: string) =>
      dialect.arrays({...(args as object), ...FIXED} as never, version),
    recurrence: (args: never, version: string) =>
      dialect.recurrence({...(args as object), ...FIXED} as never, version),
    behaviour: (args: never, version: string) =>
      dialect.behaviour({...(args as object), ...FIXED} as never, version),
  };
}

export const lstm = own(keras2.lstm);
export const gru = own(keras2.gru, {resetAfter: boolean(true)});
export const simpleRNN = own(keras2.simpleRNN);
