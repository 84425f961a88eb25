import type {BarePattern, FilePatterns, PlainPattern} from '../patterns';

const flatten = {className: 'Flatten'};

function embedding(role: string): PlainPattern {
  return {
    kind: 'embedding',
    className: 'Embedding',
    arrays: {[role]: 'input'},
    config: ({input, units}) => ({input_dim: input, output_dim: units}),
    assumed: 'masks nothing (mask_zero false)',
  };
}

/** Stands in for a layer of which too little is known. */
const placeholder = (assumed: string): BarePattern => ({
  className: 'Activation',
  config: {activation: 'linear'},
  assumed: `${assumed}: it passes on what it reads (Activation linear)`,
});

/** 1.x and 2.x name layers after their class; no guess changes values in silence. */
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

const normalization = (mean: string, variance: string): PlainPattern => ({
  kind: 'normalization',
  className: 'BatchNormalization',
  arrays: {gamma: 0, beta: 0, [mean]: 0, [variance]: 0},
  config: () => ({}),
});

function legacyDense(useBias: boolean): PlainPattern {
  return {
    kind: 'dense',
    className: 'Dense',
    overTime: 'TimeDistributedDense',
    arrays: useBias ? {W: 'input', b: 0} : {W: 'input'},
    config: ({input, units}) => ({
      input_dim: input,
      output_dim: units,
      activation: 'linear',
      ...(useBias ? {} : {bias: false}),
    }),
  };
}

const legacyPlain = [
  legacyDense(true),
  legacyDense(false),
  embedding('W'),
  normalization('running_mean', 'running_std'),
];

/** 0.x numbers its layers, and its Dropout before 0.3 multiplies by 1 − p when the model predicts. */
const numbered: Readonly<Record<string, BarePattern>> = {
  '': placeholder(
    'has no arrays, and nothing tells what it is (Activation, Dropout, Masking, RepeatVector, ...)',
  ),
};

/** 0.1.1 alone wrote no JSON beside its weights. */
export const keras0Patterns: FilePatterns = {
  plain: legacyPlain,
  flatten,
  bare: numbered,
  layout: '0.x',
  release: '0.1.1',
};
export const keras1Patterns: FilePatterns = {
  plain: legacyPlain,
  flatten,
  bare,
  layout: '1.x',
  release: '1.2.2',
  bidirectional: true,
};

function dense(useBias: boolean): PlainPattern {
  return {
    kind: 'dense',
    className: 'Dense',
    arrays: useBias ? {kernel: 'input', bias: 0} : {kernel: 'input'},
    config: ({units}) => ({units, activation: 'linear', ...(useBias ? {} : {use_bias: false})}),
  };
}

export const keras2Patterns: FilePatterns = {
  plain: [
    dense(true),
    dense(false),
    embedding('embeddings'),
    normalization('moving_mean', 'moving_variance'),
  ],
  flatten,
  bare,
  layout: '2.x',
  release: '2.2.4',
  bidirectional: true,
};
