import {layers} from '@tensorflow/tfjs-layers';
import {CarryoverError} from '../../../errors';
import {isRecord} from '../../../keras';
import {GlobalPooling, Pooling} from '../../../layers/plain/pooling';
import {Margin, UpSampling} from '../../../layers/plain/rearrange';
import type {Padding} from '../../../layers/plain/windows';
import {backendOf} from './convolution';
import {built, type Config, channelsFirst, common, flag, isBefore, isLegacy, numbers, text} from './read';
import type {LayerContext, PlainLayerFactory} from './types';

type Mode = 'max' | 'average';
type Pooling1DArgs = Parameters<typeof layers.maxPooling1d>[0];

/** Keras before 0.3 had `ignore_border` where later releases have a border mode. */
function paddingOf(config: Config, theano: boolean): Padding {
  if ('ignore_border' in config) return flag(config, ['ignore_border'], true) ? 'valid' : 'partial';
  const same = text(config, ['padding', 'border_mode'], 'valid').toLowerCase() === 'same';
  return same ? (theano ? 'poolSame' : 'same') : 'valid';
}

const pooling =
  (mode: Mode, rank: 1 | 2): PlainLayerFactory =>
  (config, context) => {
    const {theano, notes} = backendOf(config, context);
    const args = {
      ...common(config, context),
      poolSize:
        numbers(config, ['pool_size', 'pool_length'], rank, context) ?? new Array<number>(rank).fill(2),
      strides: numbers(config, ['strides', 'stride'], rank, context),
      padding: paddingOf(config, theano),
    };
    const first = (rank === 2 || !isLegacy(context)) && channelsFirst(config, context);
    const plain = !first && (args.padding === 'valid' || args.padding === 'same');
    const layer = plain ? tfjsPooling(mode, rank, args) : new Pooling({...args, mode, channelsFirst: first});
    return built(layer, [], config, {notes: args.padding === 'valid' ? [] : notes});
  };

function tfjsPooling(
  mode: Mode,
  rank: 1 | 2,
  args: Omit<ConstructorParameters<typeof Pooling>[0], 'mode'>,
): layers.Layer {
  if (rank === 2) {
    const images = args as unknown as Parameters<typeof layers.maxPooling2d>[0];
    return mode === 'max' ? layers.maxPooling2d(images) : layers.averagePooling2d(images);
  }
  const steps = {...args, poolSize: args.poolSize[0], strides: args.strides?.[0]} as unknown as Pooling1DArgs;
  return mode === 'max' ? layers.maxPooling1d(steps) : layers.averagePooling1d(steps);
}

const globalPooling =
  (mode: Mode, rank: 1 | 2): PlainLayerFactory =>
  (config, context) => {
    if (flag(config, ['keepdims'], false)) {
      throw new CarryoverError(
        'E_LAYER',
        `${context.where}: keepdims=True is not supported; put a Reshape layer after the pooling`,
      );
    }
    const first = (rank === 2 || !isLegacy(context)) && channelsFirst(config, context);
    const useMask = rank === 1 && mode === 'average' && !isLegacy(context) && !isBefore(context, '2.2');
    return built(
      new GlobalPooling({...common(config, context), mode, channelsFirst: first, useMask}),
      [],
      config,
    );
  };

/** [before, after] per dimension from 1, [1, 2], [[1, 2], [3, 4]], four numbers, or 1.x's {"left_pad": 1, ...}. */
function marginsOf(value: unknown, rank: 1 | 2, fallback: number[][], context: LayerContext): number[][] {
  if (value === undefined || value === null) return fallback;
  const names = rank === 1 ? ['left_pad', 'right_pad'] : ['top_pad', 'bottom_pad', 'left_pad', 'right_pad'];
  const given = isRecord(value) ? names.map(name => value[name] ?? 0) : value;
  const flat = (Array.isArray(given) ? given.flat() : [given]) as unknown[];
  if (flat.every(n => typeof n === 'number')) {
    const n = flat as number[];
    if (n.length === 1) return new Array(rank).fill([n[0]!, n[0]!]);
    if (n.length === 2 * rank) return rank === 1 ? [[n[0]!, n[1]!]] : [n.slice(0, 2), n.slice(2)];
    if (n.length === 2)
      return [
        [n[0]!, n[0]!],
        [n[1]!, n[1]!],
      ];
  }
  throw new CarryoverError(
    'E_ARCHITECTURE',
    `${context.where}: the margin is ${JSON.stringify(value)}, expected numbers such as 1, [1, 2] or [[1, 2], [3, 4]]`,
  );
}

const margin =
  (key: 'padding' | 'cropping', rank: 1 | 2): PlainLayerFactory =>
  (config, context) => {
    const fallback = new Array(rank).fill(key === 'cropping' && rank === 2 ? [0, 0] : [1, 1]);
    const sign = key === 'padding' ? 1 : -1;
    const margins = marginsOf(config[key], rank, fallback, context).map(pair => pair.map(n => sign * n));
    const first = rank === 2 && channelsFirst(config, context);
    return built(new Margin({...common(config, context), margins, channelsFirst: first}), [], config);
  };

const upSampling =
  (rank: 1 | 2): PlainLayerFactory =>
  (config, context) => {
    const interpolation = text(config, ['interpolation'], 'nearest');
    if (interpolation !== 'nearest') {
      throw new CarryoverError(
        'E_LAYER',
        `${context.where}: interpolation is '${interpolation}', expected nearest; write the layer in tfjs and pass it in customObjects`,
      );
    }
    const size = numbers(config, ['size', 'length'], rank, context) ?? new Array<number>(rank).fill(2);
    const first = rank === 2 && channelsFirst(config, context);
    return built(new UpSampling({...common(config, context), size, channelsFirst: first}), [], config);
  };

export const POOLING: Readonly<Record<string, PlainLayerFactory>> = {
  MaxPooling1D: pooling('max', 1),
  MaxPooling2D: pooling('max', 2),
  AveragePooling1D: pooling('average', 1),
  AveragePooling2D: pooling('average', 2),
  GlobalMaxPooling1D: globalPooling('max', 1),
  GlobalMaxPooling2D: globalPooling('max', 2),
  GlobalAveragePooling1D: globalPooling('average', 1),
  GlobalAveragePooling2D: globalPooling('average', 2),
  ZeroPadding1D: margin('padding', 1),
  ZeroPadding2D: margin('padding', 2),
  Cropping1D: margin('cropping', 1),
  Cropping2D: margin('cropping', 2),
  UpSampling1D: upSampling(1),
  UpSampling2D: upSampling(2),
  UpSample1D: upSampling(1),
  UpSample2D: upSampling(2),
};
