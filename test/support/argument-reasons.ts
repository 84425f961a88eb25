/**
 * Arguments whose value changes nothing that a model of one layer shows, by class and argument or by argument alone, and
 * why: Keras' own code, or the test that shows what they do.
 */
const FIRST = 'says what goes in where the layer is the first; Layer.__init__ (1.x: engine/topology.py)';
const LAMBDA =
  'goes with a mode that is Python code, which is refused; Merge of keras/engine/topology.py of 1.2.2';
const DEPTHWISE =
  'the kernel has a rule of its own; depthwise_conv2d.py takes it out of what get_config writes';
const SHARED_DRAWS =
  "acts on training's draws: 'spatial dropout drops whole features' of plain-layers.test.ts";
const IN_BIDIRECTIONAL =
  '_zero_output_for_mask is set by Bidirectional itself; bidirectional.py of tf.keras 2.15';

export const WITHOUT_EFFECT: Readonly<Record<string, string>> = {
  name: 'a name',
  customName: 'a name, in 0.3',
  inputShape: FIRST,
  batchInputShape: FIRST,
  batchShape: FIRST,
  batchSize: FIRST,
  inputDtype: FIRST,
  inputDim: FIRST,
  inputLength: FIRST,
  weights: 'initial arrays of a constructor; no get_config writes it',
  cacheEnabled: 'keeps the outputs of a graph while it is built; layers/core.py of 0.3.3',
  createInputLayer: 'makes an Input of a first layer; engine/topology.py of 1.0.8',
  dynamic: 'runs eagerly what is else a graph; base_layer.py of tf.keras 2.15',
  autocast:
    'casts inputs to the dtype, which is noted where it is not float32; base_layer.py of tf.keras 2.15',
  implementation: 'how products are made; where draws follow from it: cell dropout in recurrence tests',
  consumeLess: 'how products are made, beside the layout of arrays for gpu; recurrent.py of 1.2.2',
  unroll:
    'a loop or a graph of steps, with the same numbers but for masks of UNROLLED_BACKWARDS; backend.py, rnn',
  useCudnn: 'cuDNN computes the same; layers/rnn/lstm.py of 3.15',
  rank: 'follows from the class; Conv.get_config of 2.x writes it',
  loraAlpha: 'scales what lora_rank adds, which is noted',
  truncateGradient: 'ends the gradient early: golden cases of Keras 0.2 with truncate_gradient',
  flashAttention: 'how attention is computed; multi_head_attention.py of 3.15',
  queryShape: 'builds the layer early; from_config of multi_head_attention.py of tf.keras 2.15',
  keyShape: 'as queryShape',
  valueShape: 'as queryShape',
  powerIterations: 'acts in training, which the class has a note on whatever its arguments',
  'ActivityRegularization.l1': 'acts in training, which the class has a note on whatever its arguments',
  'ActivityRegularization.l2': 'as l1',
  'AdditiveAttention.scoreMode':
    'has one mode; additive_attention.py of 3.15 takes it out of what get_config writes',
  'BatchNormalization.fused': 'how it is computed; batch_normalization.py of tf.keras 2.15',
  'BatchNormalization.renormClipping': 'goes with renorm, which is refused',
  'BatchNormalization.renormMomentum': 'goes with renorm, which is refused',
  'Highway.transformBias': 'from 1.2 on it is taken and not heeded; highway.py of 1.2.2',
  'Conv3DTranspose.dilationRate': 'call of conv3d_transpose.py of tf.keras 2.15 pays it no heed',
  'Dropout.noiseShape': SHARED_DRAWS,
  'SpatialDropout1D.noiseShape': '_get_noise_shape is the class own; regularization/spatial_dropout1d.py',
  'SpatialDropout2D.noiseShape': 'as of SpatialDropout1D',
  'SpatialDropout3D.noiseShape': 'as of SpatialDropout1D',
  'SpatialDropout2D.dataFormat': SHARED_DRAWS,
  'SpatialDropout3D.dataFormat': SHARED_DRAWS,
  'Discretization.numBins': 'counts the bins that adapt() finds; with boundaries it is None',
  'Discretization.epsilon': 'the error of adapt(); discretization.py',
  'EinsumDense.gptqUnpackedColumnSize': 'goes with a quantization, which is refused; einsum_dense.py of 3.15',
  'Embedding.sparse': 'the gradient is sparse; embedding.py',
  'Embedding.useOneHotMatmul': 'a product in place of a lookup; embedding.py of tf.keras 2.15',
  'Merge.layers': 'the branches',
  'Merge.arguments': LAMBDA,
  'Merge.nodeIndices': 'where the inputs of the first call come from, which inbound_nodes says too',
  'Merge.tensorIndices': 'as nodeIndices',
  'Merge.outputMask': LAMBDA,
  'Merge.outputMaskType': LAMBDA,
  'Merge.outputShape': LAMBDA,
  'Merge.outputShapeType': LAMBDA,
  'DepthwiseConv1D.filters':
    'follows from depth_multiplier; depthwise_conv.py takes it out of what get_config writes',
  'DepthwiseConv2D.filters': 'as of DepthwiseConv1D',
  ...Object.fromEntries(
    ['DepthwiseConv1D', 'DepthwiseConv2D', 'SeparableConv1D', 'SeparableConv2D'].flatMap(className =>
      ['kernelInitializer', 'kernelRegularizer', 'kernelConstraint'].map(name => [
        `${className}.${name}`,
        DEPTHWISE,
      ]),
    ),
  ),
  ...Object.fromEntries(
    ['ConvLSTM1D', 'ConvLSTM2D', 'ConvLSTM3D'].map(className => [
      `${className}.zeroOutputForMask`,
      'acts on masks, and in Keras 3 alone: conv-lstm.test.ts',
    ]),
  ),
  'Bidirectional.zeroOutputForMask': IN_BIDIRECTIONAL,
  '1.2.2.innerInit': 'per-gate arrays have the settings of W; LSTM.build of recurrent.py of 1.2.2',
  '1.2.2.URegularizer': 'as innerInit',
  // Layers of 0.2 have no states that are kept; no file of it says so.
  'keras0.stateful': 'is of 0.3; recurrent.py of 0.2.0',
};
