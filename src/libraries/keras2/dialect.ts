/**
 * Keras 2.0 to 2.3, and tf.keras 1.x and 2.x. Source: keras/layers/recurrent.py of 2.0.9, 2.2.4 and 2.3.1.
 *
 * - kernel, recurrent_kernel and bias hold all gates side by side: LSTM i, f, c, o; GRU z, r, h. GRU with
 *   `reset_after` has a bias of `[2, 3·units]`: the input's, then the recurrent one's.
 * - `recurrent_activation` is hard_sigmoid by default to 2.2, sigmoid from 2.3.
 * - A masked step keeps the state and repeats the previous output; 0 before the first. Outputs of
 *   `go_backwards` stay in the order of processing.
 * - TensorFlow 1.13 to 2.x has two classes of each, which differ in defaults that files write; some files name them apart.
 */
import {layerDialect} from '../../dialects/dialect';
import {GRU, GRU_ARGUMENTS, gruFromCudnn, LSTM, LSTM_ARGUMENTS, lstmFromCudnn, SIMPLE} from './kinds';
import {behaviourOf, fromRecurrence, insideBidirectional, KERAS2, layerArguments, ofLayer} from './shared';

export {KERAS2} from './shared';

export const lstm = layerDialect({
  ...KERAS2,
  className: 'LSTM',
  aliases: ['LSTMV1', 'LSTMV2', 'UnifiedLSTM'],
  arguments: layerArguments(LSTM_ARGUMENTS),
  arrays: LSTM.arrays,
  otherArrays: lstmFromCudnn,
  recurrence: (args, version) => ({...ofLayer(args), ...LSTM.steps(args, version)}),
  behaviour: behaviourOf(LSTM),
  insideBidirectional,
  fromRecurrence,
});

export const gru = layerDialect({
  ...KERAS2,
  className: 'GRU',
  aliases: ['GRUV1', 'GRUV2', 'UnifiedGRU'],
  arguments: layerArguments(GRU_ARGUMENTS),
  arrays: GRU.arrays,
  otherArrays: gruFromCudnn,
  recurrence: (args, version) => ({...ofLayer(args), ...GRU.steps(args, version)}),
  behaviour: behaviourOf(GRU),
  insideBidirectional,
  fromRecurrence,
});

export const simpleRNN = layerDialect({
  ...KERAS2,
  className: 'SimpleRNN',
  arguments: layerArguments({}),
  arrays: SIMPLE.arrays,
  recurrence: (args, version) => ({...ofLayer(args), ...SIMPLE.steps(args, version)}),
  behaviour: behaviourOf(SIMPLE),
  insideBidirectional,
  fromRecurrence,
});
