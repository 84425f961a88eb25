import {cellDialect} from '../../dialects/dialect';
import {GRU, GRU_ARGUMENTS, gruFromCudnn, LSTM, LSTM_ARGUMENTS, lstmFromCudnn, SIMPLE} from './kinds';
import {cellArguments, dropoutOf, fromRecurrence, KERAS2, ofCell} from './shared';

/* The cells of Keras 2 and later by themselves, for RNN and StackedRNNCells. */

export const lstmCell = cellDialect({
  ...KERAS2,
  className: 'LSTMCell',
  arguments: cellArguments(LSTM_ARGUMENTS),
  arrays: LSTM.arrays,
  otherArrays: lstmFromCudnn,
  recurrence: (args, version) => ({...ofCell(args), ...LSTM.steps(args, version)}),
  dropout: dropoutOf(LSTM),
  fromRecurrence,
});

export const gruCell = cellDialect({
  ...KERAS2,
  className: 'GRUCell',
  arguments: cellArguments(GRU_ARGUMENTS),
  arrays: GRU.arrays,
  otherArrays: gruFromCudnn,
  recurrence: (args, version) => ({...ofCell(args), ...GRU.steps(args, version)}),
  dropout: dropoutOf(GRU),
  fromRecurrence,
});

export const simpleRNNCell = cellDialect({
  ...KERAS2,
  className: 'SimpleRNNCell',
  arguments: cellArguments({}),
  arrays: SIMPLE.arrays,
  recurrence: (args, version) => ({...ofCell(args), ...SIMPLE.steps(args, version)}),
  dropout: dropoutOf(SIMPLE),
  fromRecurrence,
});
