import type {BarePattern, FilePatterns, PlainPattern} from '../patterns';

const dense: PlainPattern = {
  kind: 'dense',
  className: 'Dense',
  sizes: {units: 'units'},
  linear: {activation: 'linear'},
  withoutBias: {useBias: false},
};

const others: readonly PlainPattern[] = [
  {
    kind: 'embedding',
    className: 'Embedding',
    sizes: {inputDim: 'input', outputDim: 'units'},
    assumed: 'masks nothing (mask_zero false)',
  },
  {kind: 'normalization', className: 'BatchNormalization', sizes: {}},
];

/** Stands in for a layer of which too little is known: no guess changes values in silence. */
const placeholder = (assumed: string): BarePattern => ({
  className: 'Activation',
  config: {activation: 'linear'},
  assumed: `${assumed}: it passes on what it reads (Activation linear)`,
});

/** 1.x and 2.x name layers after their class. */
const bare: Readonly<Record<string, BarePattern>> = {
  input: {},
  flatten: {className: 'Flatten'},
  masking: {
    className: 'Masking',
    config: {mask_value: 0},
    assumed: 'masks time steps that are all 0 (mask_value 0)',
  },
  activation: placeholder('is an Activation of a kind that the file does not tell'),
  dropout: placeholder('is a Dropout, which does nothing when the model predicts'),
  '': placeholder('has no arrays, and its arguments are not in the file'),
};

/** 0.x numbers its layers, and its Dropout before 0.3 multiplies by 1 − p when the model predicts. */
const numbered: Readonly<Record<string, BarePattern>> = {
  '': placeholder(
    'has no arrays, and nothing tells what it is (Activation, Dropout, Masking, RepeatVector, ...)',
  ),
};

/** Weight files of one age of Keras. */
export const kerasPatterns = (age: 0 | 1 | 2): FilePatterns => ({
  plain: [age < 2 ? {...dense, overTime: 'TimeDistributedDense'} : dense, ...others],
  bidirectional: age > 0,
  flatten: {className: 'Flatten'},
  bare: age === 0 ? numbered : bare,
  layout: `${age}.x`,
  // 0.1.1 alone wrote no JSON beside its weights.
  release: (['0.1.1', '1.2.2', '2.2.4'] as const)[age],
});
