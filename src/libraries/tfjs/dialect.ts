/**
 * TensorFlow.js' own recurrent layers, so that its models run on Carryover. Source: tfjs-layers 4.22,
 * `layers/recurrent.ts`.
 *
 * - The words and arrays of Keras 2, but `recurrent_activation` is hard_sigmoid throughout and
 *   `unit_forget_bias` off where nobody sets it.
 * - A masked step keeps the state and puts out the kept h (Keras: the previous output, 0 before the first).
 * - GRU with `reset_after`, which tfjs refuses, is Keras'.
 */
import {activation, boolean} from '../../dialects/arguments';
import type {Dialect} from '../../dialects/dialect';
import * as keras2Cudnn from '../keras2/cudnn';
import * as keras2 from '../keras2/dialect';

/** Saved layers do not say their release; this is the one that these were compared with. */
const TFJS = {
  library: 'tfjs',
  title: 'TensorFlow.js',
  releases: ['4.22.0'],
  endsBefore: undefined,
  defaultVersion: '4.22.0',
};

/** The release of Keras 2 whose words they are. */
const AS_IN = keras2.KERAS2.defaultVersion;

function own(dialect: Dialect, defaults: Dialect['arguments'] = {}): Dialect {
  return {
    ...dialect,
    ...TFJS,
    arguments: {...dialect.arguments, ...defaults},
    recurrence: args => {
      const recurrence = dialect.recurrence(args, AS_IN);
      // `zero_output_for_mask`, which Keras alone writes.
      return recurrence.mask === 'holdZero' ? recurrence : {...recurrence, mask: 'holdState'};
    },
    behaviour: args => dialect.behaviour(args, AS_IN),
    insideBidirectional: undefined,
  };
}

const hardSigmoid = {recurrentActivation: activation('hardSigmoid')};

export const lstm = own(keras2.lstm, {...hardSigmoid, unitForgetBias: boolean(false)});
export const gru = own(keras2.gru, {...hardSigmoid, resetAfter: boolean(false)});
export const simpleRNN = own(keras2.simpleRNN);

/** Fixed activations and cuDNN's arrays; TensorFlow.js itself has no such layers. */
export const cudnnLSTM = own(keras2Cudnn.cudnnLSTM);
export const cudnnGRU = own(keras2Cudnn.cudnnGRU);
