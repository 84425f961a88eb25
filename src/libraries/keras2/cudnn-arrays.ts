import type {ArraySpec} from '../../dialects/arrays';
import type {Gate} from '../../recurrence/types';
import type {WeightName} from '../../recurrence/weights';
import {arrays} from './shared';

/*
 * The arrays of CuDNNLSTM and CuDNNGRU, in cuDNN's layout. Source: preprocess_weights_for_loading in keras/engine/saving.py
 * of 2.2.4, hdf5_format.py of tf.keras 2.15.
 */

/** How each array lies; all else is as in Keras' own layers. */
const LAYOUTS: Readonly<Record<string, Pick<ArraySpec, 'blocks' | 'form'>>> = {
  kernel: {blocks: 'refilled'},
  recurrent_kernel: {blocks: 'transposed'},
  bias: {form: 'line'},
};

const cudnnArrays = (
  gates: readonly Gate[],
  biases: readonly WeightName[],
  bias: ArraySpec['init'],
): readonly ArraySpec[] =>
  arrays(gates, {useBias: true}, biases, bias).map(spec => ({...spec, ...LAYOUTS[spec.name]}));

const LSTM_GATES = ['i', 'f', 'c', 'o'] as const;

/** The bias' halves add up; with `unit_forget_bias` the forget gate's starts at 1 in the second one. */
export const cudnnLstmArrays = (unitForgetBias: boolean): readonly ArraySpec[] =>
  cudnnArrays(
    LSTM_GATES,
    ['bias', 'bias'],
    unitForgetBias ? ['biasInitializer', {f: 'ones', other: 'biasInitializer'}] : 'biasInitializer',
  );

/** The bias of x, then that of h. */
export const CUDNN_GRU = cudnnArrays(['z', 'r', 'h'], ['bias', 'recurrentBias'], 'biasInitializer');
