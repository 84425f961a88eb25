import {layers} from '@tensorflow/tfjs-layers';
import {choice, harmless, integer, integers, other, type Spelling} from '../../../dialects/arguments';
import {before, since} from '../../../dialects/version';
import type {FanRule} from '../../../keras';
import {Convolution, type KernelLayout} from '../../../layers/plain/convolution';
import {tfjsRule} from '../../../layers/plain/dense';
import type {LayerContext, StoredLayout} from '../../built';
import {plainLayer} from '../../plain';
import {
  ACTIVATION,
  activationOf,
  BIAS,
  COMMON,
  channelsFirst,
  DATA_FORMAT,
  KERNEL,
  kernelAndBias,
  LORA,
  ruleOf,
  sequenceFormat,
  weight,
} from './parts';

type Conv1DArgs = Parameters<typeof layers.conv1d>[0];
export type Rank = 1 | 2 | 3;

/** The backend where neither the file nor the user tells: 1.x had a choice, and its ordering tells which. */
const ASSUMED = since({'0': 'theano', '1.1.1': 'tensorflow'});

/** Whether Theano decides how windows lie and whether kernels are turned. */
export function onTheano({backend, version}: LayerContext, ordering?: string): boolean {
  if (backend !== undefined) return backend === 'theano';
  if (before(version, '2') && !before(version, '1') && ordering) return channelsFirst(ordering, version);
  return ASSUMED(version) === 'theano';
}

/** What is taken for granted of the backend. Before 0.3 there was one, and since 2.0 its differences are few. */
export function backendNotes(context: LayerContext, ordering?: string): readonly string[] {
  const {backend, version} = context;
  if (backend !== undefined || before(version, '0.3') || !before(version, '2')) return [];
  const assumed = onTheano(context, ordering) ? 'theano' : 'tensorflow';
  return [
    `the file does not say on which backend the model ran; ${assumed} is assumed, which decides how kernels are turned and padded; the option backend says otherwise`,
  ];
}

/**
 * How the kernel lies. Convolution1D kernels are [filters, channels, length, 1] to Keras 1.1 and
 * [length, 1, channels, filters] in 1.2.
 */
const LAYOUTS = {
  1: since<KernelLayout>({'0': 'th', '1.2': 'tf', '2': 'time'}),
  2: since<KernelLayout | 'ordering'>({'0': 'ordering', '2': 'tf'}),
  3: since<KernelLayout>({'0': 'tf'}),
};

function layoutOf(rank: Rank, first: boolean, version: string): KernelLayout {
  const layout = LAYOUTS[rank](version);
  return layout === 'ordering' ? (first ? 'th' : 'tf') : layout;
}

/** The other layout of a kernel over time, which files of a neighbouring release have. */
const OTHER_AXES: Readonly<Partial<Record<KernelLayout, readonly number[]>>> = {
  th: [2, 3, 1, 0],
  tf: [3, 2, 0, 1],
};

/** 0.x and 1.x count the fans of every kernel over time as 'th', whatever its layout. */
function fansOf(rank: Rank, layout: KernelLayout, version: string): FanRule {
  if (!before(version, '2')) return 'channelsLast';
  return rank === 1 || layout === 'th' ? 'th' : 'tf';
}

function storedLayouts(
  rank: Rank,
  [kernel, ...bias]: StoredLayout,
  version: string,
): readonly StoredLayout[] {
  const axes = rank === 1 ? OTHER_AXES[layoutOf(1, false, version)] : undefined;
  const own = [kernel!, ...bias];
  return axes ? [own, [{name: String(kernel), axes}, ...bias]] : [own];
}

/** The arguments that name the size of the kernel in each age. */
const SIZES = {
  1: {kernelSize: integers(1, undefined, {'0': 'filter_length', '2': 'kernel_size'})},
  2: {kernelSize: integers(2, undefined, {'2': 'kernel_size'})},
  3: {kernelSize: integers(3, undefined, {'2': 'kernel_size'})},
};
const LEGACY_SIZE = {
  nbRow: integer(undefined, {'0': 'nb_row', '2': null}),
  nbCol: integer(undefined, {'0': 'nb_col', '2': null}),
};

export const each = (rank: Rank, n: number): number[] => new Array<number>(rank).fill(n);

/** Of a layer over time, images or volumes. */
export const FORMATS = {1: sequenceFormat('2.2'), 2: DATA_FORMAT, 3: DATA_FORMAT};

const convolution = (rank: Rank, className: Spelling, dilation: Spelling = {'2': 'dilation_rate'}) =>
  plainLayer({
    className,
    arguments: {
      ...COMMON,
      filters: integer(undefined, {'0': 'nb_filter', '2': 'filters'}),
      ...SIZES[rank],
      ...(rank === 2 ? LEGACY_SIZE : {}),
      strides: integers(rank, each(rank, 1), {
        '0': rank === 1 ? 'subsample_length' : 'subsample',
        '2': 'strides',
      }),
      padding: choice(['valid', 'same', 'full', 'causal'], 'valid', {'0': 'border_mode', '2': 'padding'}),
      dataFormat: FORMATS[rank],
      dilationRate: integers(rank, each(rank, 1), dilation),
      groups: integer(1, {'2.4': 'groups'}),
      rank: harmless(other()),
      ...LORA,
      ...ACTIVATION,
      ...KERNEL,
      ...BIAS,
      ...(rank === 1
        ? weight('kernel', since({'0': 'uniform', '1.1.2': 'glorot_uniform'}), {init: 'init', letter: 'W'})
        : {}),
    },
    arrays: (args, version) => storedLayouts(rank, kernelAndBias(args, version), version),
    inputShape: ([kernel], {filters, dataFormat, groups}) =>
      rank === 1 && dataFormat === 'channels_last'
        ? [null, null, channelsOf(kernel!, filters) * groups]
        : undefined,
    layer: (args, context) => {
      const {version} = context;
      const {nbRow, nbCol} = args as {nbRow?: number; nbCol?: number};
      const theano = onTheano(context, rank > 1 ? args.dataFormat : undefined);
      const first = channelsFirst(args.dataFormat, version);
      const layout = layoutOf(rank, first, version);
      const own = {
        ...context.common,
        filters: args.filters,
        kernelSize: [...(args.kernelSize ?? [nbRow!, nbCol!])],
        strides: [...args.strides],
        dilation: [...args.dilationRate],
        padding: args.padding === 'same' && theano ? ('half' as const) : args.padding,
        activation: activationOf(args.activation, context),
        useBias: args.useBias,
        groups: args.groups,
        kernel: ruleOf(args, 'kernel', context, fansOf(rank, layout, version)),
        bias: ruleOf(args, 'bias', context),
      };
      return !before(version, '2') && !theano && !first && isTfjs(own)
        ? tfjsConvolution(rank, own)
        : new Convolution({...own, layout, flip: theano, channelsFirst: first});
    },
    notes: ({dataFormat}, context) => backendNotes(context, rank > 1 ? dataFormat : undefined),
  });

/** Of a kernel over time: `[length, channels, filters]`, or four axes with the filters first or last. */
function channelsOf(kernel: readonly number[], filters: number): number {
  return (kernel.length === 4 && kernel[0] !== filters ? kernel[2] : kernel[1])!;
}

type OwnArgs = Omit<ConstructorParameters<typeof Convolution>[0], 'layout'>;

/** tfjs' own layers have no groups, no gradient where kernels are dilated, and no functions with parameters. */
function isTfjs({dilation, padding, groups, activation, kernelSize}: OwnArgs): boolean {
  const near = dilation?.every(rate => rate === 1);
  const fits = padding === 'valid' || padding === 'same';
  return Boolean(near && fits) && groups === 1 && typeof activation === 'string' && kernelSize.length < 3;
}

function tfjsConvolution(
  rank: Rank,
  {kernel, bias, dilation: _, groups: __, ...args}: OwnArgs,
): layers.Layer {
  const all = {
    ...args,
    // tfjs takes one number for a convolution over time.
    strides: rank === 1 ? args.strides?.[0] : args.strides,
    ...tfjsRule('kernel', kernel ?? undefined),
    ...tfjsRule('bias', bias ?? undefined),
  } as unknown as Conv1DArgs;
  return rank === 1 ? layers.conv1d(all) : layers.conv2d(all);
}

export const CONVOLUTION = [
  convolution(1, {'0': 'Convolution1D', '2': 'Conv1D'}),
  convolution(2, {'0': 'Convolution2D', '2': 'Conv2D'}),
  convolution(3, {'2': 'Conv3D'}),
  convolution(1, {'1.1': 'AtrousConvolution1D', '2': null}, 'atrous_rate'),
  convolution(2, {'1': 'AtrousConvolution2D', '2': null}, 'atrous_rate'),
];
