/**
 * Keras 3.0 and later. Source: keras/src/layers/rnn of 3.0.5 and 3.10.0.
 *
 * - The arrays and equations of Keras 2, but hard_sigmoid is relu6(x + 3) / 6, and GRU's `reset_after` is True by default.
 * - `implementation` and `time_major` are gone: one dropout mask for all gates, and batches come first.
 */
import {type ArgumentTable, boolean, harmless, other} from '../../dialects/arguments';
import type {CellDialect, Dialect} from '../../dialects/dialect';
import {releases} from '../../dialects/releases';
import {KERAS_2_INITIALIZERS} from '../../keras';
import * as cells from '../keras2/cells';
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
const OWN = {useCudnn: harmless(other('use_cudnn', 'auto'))};

/** What a dialect of Keras 2 reads, and Keras 3 always does in one way. */
const FIXED = {implementation: 2, timeMajor: false};

const fixed = (args: never): never => ({...(args as object), ...FIXED}) as never;

/** What a layer and a cell have in common. */
function parts<D extends CellDialect>(dialect: D, defaults: ArgumentTable) {
  const {implementation: _, timeMajor: __, ...table} = dialect.arguments;
  return {
    ...dialect,
    ...KERAS3,
    arguments: {...table, ...defaults} as Omit<D['arguments'], 'implementation' | 'timeMajor'>,
    arrays: (args: never, version: string) => dialect.arrays(fixed(args), version),
    recurrence: (args: never, version: string) => dialect.recurrence(fixed(args), version),
  };
}

function layer<D extends Dialect>(dialect: D, defaults: ArgumentTable = {}) {
  return {
    ...parts(dialect, {...OWN, ...defaults}),
    behaviour: (args: never, version: string) => dialect.behaviour(fixed(args), version),
  };
}

function cell<D extends CellDialect>(dialect: D, defaults: ArgumentTable = {}) {
  return {
    ...parts(dialect, defaults),
    dropout: (args: never, version: string) => dialect.dropout!(fixed(args), version),
  };
}

const GRU = {resetAfter: boolean(true)};

export const lstm = layer(keras2.lstm);
export const gru = layer(keras2.gru, GRU);
export const simpleRNN = layer(keras2.simpleRNN);
export const lstmCell = cell(cells.lstmCell);
export const gruCell = cell(cells.gruCell, GRU);
export const simpleRNNCell = cell(cells.simpleRNNCell);
