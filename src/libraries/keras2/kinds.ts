import {boolean, type ValuesOf} from '../../dialects/arguments';
import type {OtherArrays} from '../../dialects/dialect';
import {before} from '../../dialects/version';
import {gateActivations, gruSteps, lstmSteps, valueActivation} from '../keras/cells';
import {isTensorFlows} from '../keras/releases';
import {CUDNN_GRU, cudnnLstmArrays} from './cudnn-arrays';
import {
  arrays,
  type CellArgs,
  type cellArguments,
  type Kind,
  recurrentActivation,
  usesOneProduct,
} from './shared';

/* LSTM, GRU and SimpleRNN: what holds for the cell and for the layer. */

const gates = gateActivations('recurrentActivation');

export const LSTM_ARGUMENTS = {recurrentActivation, unitForgetBias: boolean(true)};
type LstmArgs = ValuesOf<ReturnType<typeof cellArguments<typeof LSTM_ARGUMENTS>>>;

export const LSTM: Kind<LstmArgs> = {
  arrays: args => {
    const bias = args.unitForgetBias ? {f: 'ones', other: 'biasInitializer'} : 'biasInitializer';
    return arrays(['i', 'f', 'c', 'o'], args, ['bias'], bias);
  },
  steps: (args, version) => lstmSteps(gates(args, version)),
  masks: (args, version) => (usesOneProduct(args, version) ? 'shared' : 'perGate'),
};

/** Arrays of CuDNNLSTM. */
export const lstmFromCudnn = ({useBias}: LstmArgs): readonly OtherArrays[] =>
  useBias ? [{arrays: cudnnLstmArrays(false)}] : [];

export const GRU_ARGUMENTS = {
  recurrentActivation,
  // TensorFlow 2 and Keras 3 have it on; Keras 2 and TensorFlow 1, whose files say it, off.
  resetAfter: boolean(version => isTensorFlows(version) && !before(version, '2.3')),
};
type GruArgs = ValuesOf<ReturnType<typeof cellArguments<typeof GRU_ARGUMENTS>>>;

export const GRU: Kind<GruArgs> = {
  arrays: args =>
    arrays(['z', 'r', 'h'], args, args.resetAfter ? ['bias', 'recurrentBias'] : ['bias'], 'biasInitializer'),
  steps: (args, version) => gruSteps(gates(args, version), args.resetAfter ? 'after' : 'before'),
  // With implementation 2 the library thins the state itself, which z then keeps as it is.
  masks: (args, version) => (usesOneProduct(args, version) ? 'state' : 'perGate'),
};

/** Those of a GRU with reset_after. */
const gruArrays = arrays(['z', 'r', 'h'], {useBias: true}, ['bias', 'recurrentBias'], 'biasInitializer');

/** Arrays of CuDNNGRU, whose reset gate acts after the product. */
export const gruFromCudnn = ({resetAfter, useBias}: GruArgs): readonly OtherArrays[] => {
  if (!useBias) return [];
  if (resetAfter) return [{arrays: CUDNN_GRU}];
  const refused =
    'these are arrays of a CuDNNGRU, which is a GRU with reset_after true; set reset_after to true';
  return [CUDNN_GRU, gruArrays].map(arrays => ({arrays, refused}));
};

export const SIMPLE: Kind<CellArgs> = {
  arrays: args => arrays(['h'], args, ['bias'], 'biasInitializer'),
  steps: (args, version) => ({cell: 'simple', activations: {h: valueActivation(args, version)}}),
  masks: () => 'shared',
};
