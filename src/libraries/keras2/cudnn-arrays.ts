import type {ArraySpec} from '../../dialects/arrays';
import type {Gate} from '../../recurrence/types';

/*
 * The arrays of CuDNNLSTM and CuDNNGRU, in cuDNN's layout. Source: preprocess_weights_for_loading in keras/engine/saving.py
 * of 2.2.4, hdf5_format.py of tf.keras 2.15.
 */

const cudnnArrays = (
  gates: readonly Gate[],
  biases: ArraySpec['holds'],
  bias: ArraySpec['init'],
): readonly ArraySpec[] => [
  {
    name: 'kernel',
    gates,
    holds: ['kernel'],
    blocks: 'refilled',
    init: 'kernelInitializer',
    regularizer: 'kernelRegularizer',
    constraint: 'kernelConstraint',
  },
  {
    name: 'recurrent_kernel',
    gates,
    holds: ['recurrentKernel'],
    blocks: 'transposed',
    init: 'recurrentInitializer',
    regularizer: 'recurrentRegularizer',
    constraint: 'recurrentConstraint',
  },
  {
    name: 'bias',
    gates,
    holds: biases,
    form: 'line',
    init: bias,
    regularizer: 'biasRegularizer',
    constraint: 'biasConstraint',
  },
];

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
