import {layers} from '@tensorflow/tfjs-layers';
import {CarryoverError} from '../../../errors';
import {activationName} from '../../../keras';
import {Convolution, type KernelLayout} from '../../../layers/plain/convolution';
import type {Padding} from '../../../layers/plain/windows';
import {
  BIAS,
  built,
  type Config,
  channelsFirst,
  common,
  flag,
  isBefore,
  isLegacy,
  KERNEL,
  number,
  numbers,
  rule,
  text,
} from './read';
import type {LayerArray, LayerContext, PlainLayerFactory} from './types';

type Conv1DArgs = Parameters<typeof layers.conv1d>[0];

/** The backend that decides how windows lie and whether kernels are turned, and how it is known. */
export function backendOf(config: Config, context: LayerContext): {theano: boolean; notes: string[]} {
  const {backend, library} = context;
  if (backend !== undefined) return {theano: backend === 'theano', notes: []};
  if (library === 'keras0' && isBefore(context, '0.3')) return {theano: true, notes: []};
  const ordering = config.dim_ordering;
  const theano =
    library === 'keras0' ||
    (library === 'keras1' && (ordering === undefined ? isBefore(context, '1.1.1') : ordering === 'th'));
  const assumed = theano ? 'theano' : 'tensorflow';
  const notes = isLegacy(context)
    ? [
        `the file does not say on which backend the model ran; ${assumed} is assumed, which decides how kernels are turned and padded; the option backend says otherwise`,
      ]
    : [];
  return {theano, notes};
}

const PADDINGS: Record<string, Padding> = {valid: 'valid', full: 'full', causal: 'causal', same: 'same'};

function paddingOf(config: Config, theano: boolean, context: LayerContext): Padding {
  const name = text(config, ['padding', 'border_mode'], 'valid').toLowerCase();
  const padding = PADDINGS[name];
  if (padding === undefined) {
    throw new CarryoverError(
      'E_ARCHITECTURE',
      `${context.where}: padding is '${name}', expected ${Object.keys(PADDINGS).join(', ')}`,
    );
  }
  return padding === 'same' && theano ? 'half' : padding;
}

function layoutOf(rank: 1 | 2, first: boolean, context: LayerContext): KernelLayout {
  if (!isLegacy(context)) return rank === 1 ? 'time' : 'tf';
  if (rank === 2) return first ? 'th' : 'tf';
  return context.library === 'keras0' || isBefore(context, '1.2') ? 'th' : 'tf';
}

const convolution =
  (rank: 1 | 2): PlainLayerFactory =>
  (config, context) => {
    const {theano, notes} = backendOf(config, context);
    const first = (rank === 2 || !isLegacy(context)) && channelsFirst(config, context);
    const layout = layoutOf(rank, first, context);
    const useBias = flag(config, ['use_bias', 'bias'], true);
    // 0.x and 1.x count the fans of every kernel over time as 'th', whatever its layout.
    const fans =
      layout === 'time' || !isLegacy(context) ? 'keras2' : rank === 1 || layout === 'th' ? 'th' : 'tf';
    const args = {
      ...common(config, context),
      filters: number(config, ['filters', 'nb_filter'], context),
      kernelSize: kernelSize(rank, config, context),
      strides: numbers(config, ['strides', 'subsample', 'subsample_length'], rank, context),
      dilation: numbers(config, ['dilation_rate', 'atrous_rate'], rank, context),
      padding: paddingOf(config, theano, context),
      activation: activationName(config.activation, context.library, context.where),
      useBias,
      kernel: rule(config, KERNEL, context, fans, 'glorot_uniform'),
      bias: rule(config, BIAS, context),
    };
    const roles = isLegacy(context) ? ['W', 'b'] : ['kernel', 'bias'];
    const options = {
      notes,
      ...(rank === 1 && isLegacy(context)
        ? {
            importArrays: (arrays: readonly LayerArray[]) =>
              inTimeLayout(arrays, layout, args.kernelSize[0]!, args.filters),
          }
        : {}),
    };
    const near = args.dilation === undefined || args.dilation.every(rate => rate === 1);
    const fits = args.padding === 'valid' || args.padding === 'same';
    const plain = !isLegacy(context) && !theano && !first && near && fits;
    const layer = plain
      ? tfjsConvolution(rank, args)
      : new Convolution({...args, layout, flip: theano, channelsFirst: first});
    return built(layer, useBias ? roles : roles.slice(0, 1), config, options);
  };

function kernelSize(rank: 1 | 2, config: Config, context: LayerContext): number[] {
  if (rank === 2 && config.nb_row !== undefined) {
    return [number(config, ['nb_row'], context), number(config, ['nb_col'], context)];
  }
  const size = numbers(config, ['kernel_size', 'filter_length'], rank, context);
  if (size !== undefined) return size;
  throw new CarryoverError(
    'E_ARCHITECTURE',
    `${context.where}: the size of the kernel is missing; expected ${rank === 1 ? 'filter_length' : 'nb_row and nb_col'} or kernel_size`,
  );
}

type OwnArgs = Omit<ConstructorParameters<typeof Convolution>[0], 'layout'>;

function tfjsConvolution(rank: 1 | 2, {kernel, bias, dilation: _, ...args}: OwnArgs): layers.Layer {
  const all = {
    ...args,
    // tfjs takes one number for a convolution over time.
    strides: rank === 1 ? (args.strides?.[0] ?? 1) : (args.strides ?? [1, 1]),
    kernelInitializer: kernel?.initializer,
    kernelRegularizer: kernel?.regularizer,
    kernelConstraint: kernel?.constraint,
    biasInitializer: bias?.initializer,
    biasRegularizer: bias?.regularizer,
    biasConstraint: bias?.constraint,
  } as unknown as Conv1DArgs;
  return rank === 1 ? layers.conv1d(all) : layers.conv2d(all);
}

/**
 * Convolution1D kernels are [filters, channels, length, 1] to Keras 1.1 and [length, 1, channels, filters] from
 * 1.2; the shape tells which a file has.
 */
function inTimeLayout(
  arrays: readonly LayerArray[],
  layout: KernelLayout,
  length: number,
  filters: number,
): {shape: number[]; values: Float32Array}[] {
  return arrays.map(({shape, values}) => {
    const [a, b, c, d] = shape;
    const isTf = shape.length === 4 && a === length && b === 1 && d === filters;
    const isTh = shape.length === 4 && a === filters && c === length && d === 1;
    if ((layout === 'th' && isTh) || (layout === 'tf' && isTf) || !(isTf || isTh))
      return {shape: [...shape], values};
    return isTf
      ? reversedKernel(values, [a!, b!, c!, d!], [3, 2, 0, 1])
      : reversedKernel(values, [a!, b!, c!, d!], [2, 3, 1, 0]);
  });
}

/** Axes in another order. */
function reversedKernel(
  values: Float32Array,
  shape: number[],
  order: number[],
): {shape: number[]; values: Float32Array} {
  const target = order.map(axis => shape[axis]!);
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));
  const result = new Float32Array(values.length);
  for (let k = 0; k < result.length; k++) {
    let rest = k;
    let source = 0;
    for (let axis = target.length - 1; axis >= 0; axis--) {
      source += (rest % target[axis]!) * strides[order[axis]!]!;
      rest = Math.floor(rest / target[axis]!);
    }
    result[k] = values[source]!;
  }
  return {shape: target, values: result};
}

export const CONVOLUTION: Readonly<Record<string, PlainLayerFactory>> = {
  Convolution1D: convolution(1),
  Convolution2D: convolution(2),
  AtrousConvolution1D: convolution(1),
  AtrousConvolution2D: convolution(2),
  Conv1D: convolution(1),
  Conv2D: convolution(2),
};
