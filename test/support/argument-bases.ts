/* What the walk over all arguments of all layers starts from, and to what it changes them. */

export interface Data {
  readonly shape: readonly number[];
  /** Whole numbers below this; absent: numbers between -1 and 1. */
  readonly below?: number;
  /** Every third step is 0. */
  readonly gaps?: boolean;
}

/** How a class is tried: arguments that it needs or that make others count, by their names in programs, and its input. */
export interface Base {
  readonly args?: Readonly<Record<string, unknown>>;
  readonly inputs?: readonly Data[];
  /** A Masking layer comes before it. */
  readonly masked?: boolean;
  /** An LSTM comes after it, which heeds masks. */
  readonly followed?: boolean;
  /** Tensors after the first by the names under which the call has them. */
  readonly call?: readonly string[];
}

const steps: readonly Data[] = [{shape: [2, 7, 4]}];
const images: readonly Data[] = [{shape: [2, 5, 7, 4]}];
const volumes: readonly Data[] = [{shape: [2, 5, 5, 5, 4]}];
const two: readonly Data[] = [{shape: [2, 4, 3]}, {shape: [2, 4, 3]}];

/** Arguments that have to be given, by age: 1.x names two sizes of an image's kernel. */
const convolution = (rank: number, inputs: readonly Data[]): Base => ({
  args: {filters: 4, kernelSize: new Array(rank).fill(2), nbRow: 2, nbCol: 2},
  inputs,
});
const window = (rank: number, inputs: readonly Data[]): Base => ({
  args: {poolSize: new Array(rank).fill(2)},
  inputs,
});

const HEADS: Base = {
  args: {numHeads: 2, keyDim: 3, headDim: 3, numQueryHeads: 2, numKeyValueHeads: 1},
  inputs: [{shape: [2, 4, 6]}, {shape: [2, 5, 6]}],
  call: ['value'],
};

const BASES: Readonly<Record<string, Base>> = {
  Dense: {args: {units: 3}},
  TimeDistributedDense: {args: {units: 3}},
  EinsumDense: {args: {equation: 'abc,cd->abd', outputShape: [null, 3], biasAxes: 'd'}},
  MaxoutDense: {args: {units: 3}, inputs: [{shape: [2, 4]}]},
  Highway: {inputs: [{shape: [2, 4]}]},
  Embedding: {args: {inputDim: 7, outputDim: 3}, inputs: [{shape: [2, 4], below: 7}], followed: true},
  Masking: {inputs: [{shape: [2, 4, 3], gaps: true}], followed: true},
  'Conv1D in TimeDistributed': convolution(1, [{shape: [2, 2, 7, 4]}]),
  'Convolution1D in TimeDistributed': convolution(1, [{shape: [2, 2, 7, 4]}]),
  Cropping2D: {
    args: {
      margin: [
        [1, 1],
        [1, 1],
      ],
    },
    inputs: images,
  },
  ThresholdedReLU: {args: {theta: 0.1}},
  ThresholdedLinear: {args: {theta: 0.1}},
  Dropout: {args: {rate: 0}},
  SpatialDropout1D: {args: {rate: 0}},
  SpatialDropout2D: {args: {rate: 0}, inputs: images},
  SpatialDropout3D: {args: {rate: 0}, inputs: volumes},
  GaussianNoise: {args: {stddev: 0}},
  GaussianDropout: {args: {rate: 0}},
  AlphaDropout: {args: {rate: 0}},
  Activation: {args: {activation: 'tanh'}},
  Flatten: {inputs: [{shape: [2, 3, 4]}]},
  Reshape: {args: {targetShape: [6, 2]}},
  Permute: {args: {dims: [1, 2]}},
  RepeatVector: {args: {n: 2}, inputs: [{shape: [2, 3]}]},
  GroupNormalization: {args: {groups: 2}, inputs: [{shape: [2, 4, 4]}]},
  Normalization: {args: {mean: [0.1, 0.2, 0.3], variance: [1, 2, 3]}, inputs: [{shape: [2, 3, 3]}]},
  Rescaling: {args: {scale: 0.5, offset: 0}},
  Discretization: {args: {binBoundaries: [-0.5, 0, 0.5]}},
  Attention: {inputs: two},
  AdditiveAttention: {inputs: two},
  MultiHeadAttention: {...HEADS, inputs: [{shape: [2, 3, 4, 6]}, {shape: [2, 3, 4, 6]}]},
  GroupQueryAttention: HEADS,
  Merge: {inputs: two},
  Add: {inputs: two},
  Subtract: {inputs: two},
  Multiply: {inputs: two},
  Average: {inputs: two},
  Maximum: {inputs: two},
  Minimum: {inputs: two},
  Concatenate: {inputs: two},
  Dot: {args: {axes: 2}, inputs: two},
  RNN: {masked: true},
  TimeDistributed: {},
  SpectralNormalization: {},
  Bidirectional: {masked: true},
};

/** Classes of a family, by what is in their names. */
const FAMILIES: readonly (readonly [RegExp, (rank: number) => Base])[] = [
  [
    /ConvLSTM(\d)D/,
    rank => ({
      args: {filters: 2, kernelSize: new Array(rank).fill(2), returnSequences: true},
      inputs: [{shape: [2, 3, ...new Array(rank).fill(3), 2]}],
      masked: false,
    }),
  ],
  [/Depthwise/, rank => ({args: {kernelSize: new Array(rank).fill(2)}, inputs: rank === 1 ? steps : images})],
  [/Conv(?:olution)?1D/, rank => convolution(rank, steps)],
  [/Conv(?:olution)?2D/, rank => convolution(rank, images)],
  [/Conv(?:olution)?3D/, rank => convolution(rank, volumes)],
  [/(?:Pooling|Padding|Cropping|Sampling|UpSample)1D/, rank => window(rank, steps)],
  [/(?:Pooling|Padding|Cropping|Sampling|UpSample)2D/, rank => window(rank, images)],
  [/(?:Pooling|Padding|Cropping|Sampling|UpSample)3D/, rank => window(rank, volumes)],
  [/^CuDNN/, () => ({args: {units: 3, returnSequences: true}})],
  [
    /LSTM(Cell)?$|GRU(Cell)?$|RNN(Cell)?$|JZS/,
    () => ({args: {units: 3, outputDim: 3, returnSequences: true}, masked: true}),
  ],
];

/** @param setting what holds the layer, as titles of cases say it */
export function baseOf(className: string, setting: string): Base {
  const own = BASES[className + setting] ?? BASES[className];
  if (own) return own;
  for (const [pattern, base] of FAMILIES) {
    const found = pattern.exec(className);
    if (found) return base(Number(/(\d)D/.exec(className)?.[1] ?? 1));
  }
  return {};
}

/** What an argument is changed to where its default and kind do not tell, by class and argument or by argument alone. */
export const VALUES: Readonly<Record<string, readonly unknown[]>> = {
  name: ['another'],
  trainable: [false],
  dropout: [0.9],
  rate: [0.9],
  dropoutW: [0.9],
  dropoutU: [0.9],
  recurrentDropout: [0.9],
  stddev: [2],
  momentum: [0.5],
  seed: [7],
  rank: [1],
  groups: [2],
  'GroupNormalization.groups': [4],
  'GroupNormalization.axis': [1, 0],
  'EinsumDense.equation': ['abc,dc->abd'],
  'EinsumDense.outputShape': [[null, 5]],
  'EinsumDense.biasAxes': [null],
  'Reshape.targetShape': [
    [3, 4],
    [-1, 3],
  ],
  'Permute.dims': [[2, 1]],
  'MultiHeadAttention.outputShape': [[5]],
  'MultiHeadAttention.attentionAxes': [[1]],
  'Dot.axes': [1, [1, 1]],
  'Dropout.noiseShape': [[2, 1, 3]],
  // Not cos: of data with steps it takes roots of negative numbers.
  'Merge.mode': ['mul', 'concat', 'ave', 'dot', 'max'],
  'Merge.modeType': ['lambda'],
  noiseShape: [[2, 1, 3]],
  'MaxPooling1D.strides': [[1]],
  'MaxPooling2D.strides': [[1, 1]],
  'MaxPooling3D.strides': [[1, 1, 1]],
  'AveragePooling1D.strides': [[1]],
  'AveragePooling2D.strides': [[1, 1]],
  'AveragePooling3D.strides': [[1, 1, 1]],
  'DepthwiseConv1D.filters': [2],
  'DepthwiseConv2D.filters': [2],
  loraRank: [2],
  loraAlpha: [3],
  'Activation.target': [0.1],
  'Activation.beta': [0.2],
  'Attention.scoreMode': ['concat'],
  'AdditiveAttention.scoreMode': ['concat'],
  adjustment: [0.5],
  fused: [false],
  movingMeanInitializer: ['ones'],
  movingVarianceInitializer: ['zeros'],
  renormClipping: [{rmax: 2}],
  renormMomentum: [0.5],
  synchronized: [true],
  virtualBatchSize: [2],
  backwardLayer: [
    {
      class_name: 'LSTM',
      config: {name: 'back', units: 3, return_sequences: true, go_backwards: true, use_bias: false},
    },
  ],
  mergeMode: ['sum', 'mul', 'ave', null],
  'ZeroPadding1D.margin': [2, [1, 0]],
  'ZeroPadding2D.margin': [
    2,
    [2, 1],
    [
      [1, 0],
      [0, 2],
    ],
  ],
  'ZeroPadding3D.margin': [
    2,
    [2, 1, 0],
    [
      [1, 0],
      [0, 2],
      [1, 1],
    ],
  ],
  'Cropping1D.margin': [2, [1, 0]],
  'Cropping2D.margin': [
    2,
    [2, 1],
    [
      [1, 0],
      [0, 2],
    ],
  ],
  'Cropping3D.margin': [
    2,
    [2, 1, 0],
    [
      [1, 0],
      [0, 2],
      [1, 1],
    ],
  ],
  batchInputShape: [[2, 4, 3]],
  batchShape: [[2, 4, 3]],
  batchSize: [2],
  inputShape: [[4, 3]],
  inputDtype: ['int32'],
  cacheEnabled: [false],
  createInputLayer: [true],
  customName: ['another'],
  dtype: ['float64', 'bfloat16'],
  'Dense.dtype': ['float64', {class_name: 'DTypePolicy', config: {name: 'mixed_float16'}}],
  dynamic: [true],
  autocast: [false],
  weights: [[[1]]],
  quantizationConfig: [{class_name: 'Int8QuantizationConfig', config: {}}],
  gptqUnpackedColumnSize: [3],
  'Discretization.binBoundaries': [[-0.2, 0.4]],
  'Discretization.epsilon': [0.5],
  'Discretization.numBins': [7],
  'Embedding.sparse': [true],
  useOneHotMatmul: [true],
  useCudnn: [false],
  flashAttention: [true],
  queryShape: [[2, 4, 6]],
  keyShape: [[2, 5, 6]],
  valueShape: [[2, 5, 6]],
  'Merge.dotAxes': [[1, 1]],
  'Merge.concatAxis': [1],
  'Merge.arguments': [{a: 1}],
  nodeIndices: [[0, 0]],
  tensorIndices: [[0, 0]],
  'Merge.outputMask': ['code'],
  outputMaskType: ['lambda'],
  'Merge.outputShape': [[4]],
  outputShapeType: ['lambda'],
  'Normalization.axis': [1, null],
  'Normalization.mean': [null, [0.5, 0, 1]],
  'Normalization.variance': [[4, 5, 6]],
  'Rescaling.scale': [2, [1, 2, 3]],
  'Rescaling.offset': [1, [1, 2, 3]],
  powerIterations: [3],
  interpolation: ['bilinear'],
  // What holds layers is tried with every argument of those.
  layer: [],
  cell: [],
  'Merge.layers': [],
};

/** Written beside depthwise kernels, which have an initializer, a regularizer and a constraint of their own. */
for (const className of ['DepthwiseConv1D', 'DepthwiseConv2D', 'SeparableConv1D', 'SeparableConv2D']) {
  Object.assign(VALUES, {
    [`${className}.kernelInitializer`]: ['ones'],
    [`${className}.kernelRegularizer`]: [{class_name: 'L2', config: {l2: 0.1}}],
    [`${className}.kernelConstraint`]: [{class_name: 'NonNeg', config: {}}],
  });
}
