import {type ArgumentTable, boolean, integer, type ValuesOf} from '../../dialects/arguments';
import {type Behaviour, layerDialect} from '../../dialects/dialect';
import {sigmoid, tanh} from '../../recurrence/activations';
import {gruSteps, lstmSteps} from '../keras/cells';
import {CUDNN_GRU, cudnnLstmArrays} from './cudnn-arrays';
import {arrays, fromRecurrence, KERAS2, SEQUENCES, sequences, WEIGHTS} from './shared';

/*
 * CuDNNLSTM and CuDNNGRU of Keras 2.0.9 to 2.3 and of TensorFlow: layers that ran on cuDNN alone. Their activations are
 * fixed, their arrays lie as cuDNN has them, masks are an error. Source: keras/layers/cudnn_recurrent.py of 2.2.4,
 * keras/layers/rnn/base_cudnn_rnn.py of tf.keras 2.15.
 */

function cudnnArguments<T extends ArgumentTable>(own: T) {
  return {units: integer(), ...own, ...WEIGHTS, ...SEQUENCES};
}

type Shared = ValuesOf<ReturnType<typeof cudnnArguments<Record<never, never>>>>;

function common({units, goBackwards}: Shared) {
  return {
    units,
    bias: true,
    mask: 'holdRepeat',
    direction: goBackwards ? 'backward' : 'forward',
    outputOrder: 'processed',
  } as const;
}

const behaviour = (args: Shared): Behaviour => ({
  units: args.units,
  ...sequences(args),
  takesNoMask:
    'is a layer of cuDNN, which takes no mask; use the plain layer (LSTM, or GRU with resetAfter), which takes the same arrays',
  dropout: {input: 0, recurrent: 0, masks: 'shared'},
});

/** The arrays of plain layers. */
const LSTM_PLAIN = arrays(['i', 'f', 'c', 'o'], {useBias: true}, ['bias'], 'biasInitializer');
const GRU_PLAIN = arrays(['z', 'r', 'h'], {useBias: true}, ['bias', 'recurrentBias'], 'biasInitializer');
const GRU_BEFORE = arrays(['z', 'r', 'h'], {useBias: true}, ['bias'], 'biasInitializer');

const ACTIVATIONS = {gate: sigmoid, value: tanh};

export const cudnnLSTM = layerDialect({
  ...KERAS2,
  className: 'CuDNNLSTM',
  arguments: cudnnArguments({unitForgetBias: boolean(true)}),
  arrays: ({unitForgetBias}) => cudnnLstmArrays(unitForgetBias),
  otherArrays: () => [{arrays: LSTM_PLAIN}],
  recurrence: args => ({...common(args), ...lstmSteps(ACTIVATIONS)}),
  behaviour,
  fromRecurrence,
});

export const cudnnGRU = layerDialect({
  ...KERAS2,
  className: 'CuDNNGRU',
  arguments: cudnnArguments({}),
  arrays: () => CUDNN_GRU,
  otherArrays: () => [
    {arrays: GRU_PLAIN},
    {
      arrays: GRU_BEFORE,
      refused:
        'these are arrays of a GRU with reset_after false, which cuDNN cannot run; make the layer a GRU with reset_after false',
    },
  ],
  recurrence: args => ({...common(args), ...gruSteps(ACTIVATIONS, 'after')}),
  behaviour,
  fromRecurrence,
});
