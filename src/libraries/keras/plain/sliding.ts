import {choice, harmless, integer, integers, other, type Spelling} from '../../../dialects/arguments';
import {before} from '../../../dialects/version';
import {DepthwiseConvolution, TransposedConvolution} from '../../../layers/plain/convolution';
import {plainLayer} from '../../plain';
import {each, FORMATS, type Rank} from './convolution';
import {
  ACTIVATION,
  activationOf,
  BIAS,
  COMMON,
  channelsFirst,
  KERNEL,
  kernelAndBias,
  LORA,
  NO_GROUPS,
  ruleOf,
  weight,
} from './parts';

/* Layers whose kernels slide, beside plain convolutions: Keras 2 and later. */

const sliding = (rank: Rank, dilation: Spelling = {'2.2.1': 'dilation_rate'}) => ({
  ...COMMON,
  kernelSize: integers(rank),
  strides: integers(rank, each(rank, 1)),
  dataFormat: FORMATS[rank],
  dilationRate: integers(rank, each(rank, 1), dilation),
  groups: NO_GROUPS,
  rank: harmless(other()),
  ...ACTIVATION,
  ...BIAS,
});

interface SlidingArguments {
  readonly kernelSize: readonly number[];
  readonly strides: readonly number[];
  readonly dilationRate: readonly number[];
  readonly dataFormat: string;
  readonly activation: unknown;
  readonly useBias: boolean;
}

/** What all of them tell their tfjs layer. */
const settingsOf = (args: SlidingArguments, context: Parameters<typeof activationOf>[1]) => ({
  ...context.common,
  kernelSize: [...args.kernelSize],
  strides: [...args.strides],
  dilation: [...args.dilationRate],
  channelsFirst: channelsFirst(args.dataFormat, context.version),
  activation: activationOf(args.activation, context),
  useBias: args.useBias,
  bias: ruleOf(args as unknown as Readonly<Record<string, unknown>>, 'bias', context),
});

/** tf.keras pays the dilation of Conv3DTranspose no heed. Source: `call` of conv3d_transpose.py of 2.15. */
const withoutDilation = <A extends SlidingArguments>(args: A, version: string): A =>
  before(version, '3') ? {...args, dilationRate: args.dilationRate.map(() => 1)} : args;

const transposed = (rank: Rank, className: Spelling, dilation?: Spelling) =>
  plainLayer({
    className,
    arguments: {
      ...sliding(rank, dilation),
      filters: integer(),
      padding: choice(['valid', 'same'], 'valid'),
      outputPadding: integers(rank, null, {'2.2.1': 'output_padding', '3': null, '3.11': 'output_padding'}),
      ...KERNEL,
      ...LORA,
    },
    arrays: (args, version) => [kernelAndBias(args, version)],
    layer: (args, context) =>
      new TransposedConvolution({
        ...settingsOf(rank === 3 ? withoutDilation(args, context.version) : args, context),
        filters: args.filters,
        padding: args.padding,
        outputPadding: args.outputPadding && [...args.outputPadding],
        kernel: ruleOf(args, 'kernel', context),
      }),
  });

/** The kernel of depthwise convolutions has a rule of its own. */
const DEPTHWISE = weight('depthwise', 'glorot_uniform', {init: null, letter: null});

const depthwise = (rank: 1 | 2, className: Spelling) =>
  plainLayer({
    className,
    arguments: {
      ...sliding(rank),
      padding: choice(['valid', 'same'], 'valid'),
      depthMultiplier: integer(1),
      ...DEPTHWISE,
      filters: harmless(other()),
      kernelInitializer: harmless(other()),
      kernelRegularizer: harmless(other()),
      kernelConstraint: harmless(other()),
    },
    arrays: ({useBias}) => [['depthwise_kernel', 'bias'].slice(0, useBias ? 2 : 1)],
    layer: (args, context) =>
      new DepthwiseConvolution({
        ...settingsOf(args, context),
        padding: args.padding,
        multiplier: args.depthMultiplier,
        depthwise: ruleOf(args, 'depthwise', context),
      }),
  });

/** Over time, tf.keras has causal windows. */
const separable = (rank: 1 | 2, className: Spelling, dilation?: Spelling) =>
  plainLayer({
    className,
    arguments: {
      ...sliding(rank, dilation),
      filters: integer(),
      padding: choice(rank === 1 ? ['valid', 'same', 'causal'] : ['valid', 'same'], 'valid'),
      depthMultiplier: integer(1),
      ...DEPTHWISE,
      ...weight('pointwise', 'glorot_uniform', {init: null, letter: null}),
      kernelInitializer: harmless(other()),
      kernelRegularizer: harmless(other()),
      kernelConstraint: harmless(other()),
    },
    arrays: ({useBias}) => [['depthwise_kernel', 'pointwise_kernel', 'bias'].slice(0, useBias ? 3 : 2)],
    layer: (args, context) =>
      new DepthwiseConvolution({
        ...settingsOf(args, context),
        padding: args.padding,
        multiplier: args.depthMultiplier,
        filters: args.filters,
        depthwise: ruleOf(args, 'depthwise', context),
        pointwise: ruleOf(args, 'pointwise', context),
      }),
  });

export const SLIDING = [
  transposed(1, {'2.4': 'Conv1DTranspose'}),
  transposed(2, {'2': 'Conv2DTranspose'}),
  transposed(3, {'2': 'Conv3DTranspose'}, {'2.4': 'dilation_rate'}),
  depthwise(1, {'2.7': 'DepthwiseConv1D'}),
  depthwise(2, {'2.1.5': 'DepthwiseConv2D'}),
  separable(1, {'2.1': 'SeparableConv1D'}),
  separable(2, {'2': 'SeparableConv2D'}, {'2': 'dilation_rate'}),
];
