import {layers} from '@tensorflow/tfjs-layers';
import {boolean, choice, integers, other, refused, type Spelling} from '../../../dialects/arguments';
import {since} from '../../../dialects/version';
import {CarryoverError} from '../../../errors';
import {isRecord} from '../../../keras';
import {GlobalPooling, Pooling} from '../../../layers/plain/pooling';
import {Margin, UpSampling} from '../../../layers/plain/rearrange';
import type {Padding} from '../../../layers/plain/windows';
import {plainLayer} from '../../plain';
import {backendNotes, each, FORMATS, onTheano, type Rank} from './convolution';
import {COMMON, channelsFirst, DATA_FORMAT, sequenceFormat} from './parts';

type Mode = 'max' | 'average';
type Pooling1DArgs = Parameters<typeof layers.maxPooling1d>[0];

const STRIDES = {
  1: {'0': 'stride', '2': 'strides'},
  2: {'0': 'stride', '0.3': 'strides'},
  3: {'0': 'strides'},
};

const pooling = (className: Spelling, mode: Mode, rank: Rank) =>
  plainLayer({
    className,
    arguments: {
      ...COMMON,
      poolSize: integers(rank, mode === 'max' ? each(rank, 2) : since({'0': each(rank, 2), '3': undefined}), {
        '0': rank === 1 ? 'pool_length' : 'pool_size',
        '2': 'pool_size',
      }),
      strides: integers(rank, null, STRIDES[rank]),
      padding: choice(['valid', 'same'], 'valid', {'0.3': 'border_mode', '2': 'padding'}),
      // Keras before 0.3 had this where later releases have a border mode.
      ignoreBorder: boolean(true, {'0': 'ignore_border', '0.3': null}),
      dataFormat: FORMATS[rank],
    },
    layer: ({poolSize, strides, padding, ignoreBorder, dataFormat}, context) => {
      const first = channelsFirst(dataFormat, context.version);
      const theano = onTheano(context, rank > 1 ? dataFormat : undefined);
      const same: Padding = theano ? 'poolSame' : 'same';
      const args = {
        ...context.common,
        poolSize: [...poolSize],
        strides: strides ? [...strides] : undefined,
        padding: ignoreBorder ? (padding === 'same' ? same : padding) : ('partial' as const),
      };
      const plain = !first && rank < 3 && (args.padding === 'valid' || args.padding === 'same');
      return plain ? tfjsPooling(mode, rank, args) : new Pooling({...args, mode, channelsFirst: first});
    },
    notes: ({padding, ignoreBorder, dataFormat}, context) =>
      padding === 'valid' && ignoreBorder ? [] : backendNotes(context, rank > 1 ? dataFormat : undefined),
  });

function tfjsPooling(
  mode: Mode,
  rank: Rank,
  args: Omit<ConstructorParameters<typeof Pooling>[0], 'mode'>,
): layers.Layer {
  if (rank === 2) {
    const images = args as unknown as Parameters<typeof layers.maxPooling2d>[0];
    return mode === 'max' ? layers.maxPooling2d(images) : layers.averagePooling2d(images);
  }
  const steps = {...args, poolSize: args.poolSize[0], strides: args.strides?.[0]} as unknown as Pooling1DArgs;
  return mode === 'max' ? layers.maxPooling1d(steps) : layers.averagePooling1d(steps);
}

/** Averages over time leave masked steps out. */
const heedsMask = since({'1': false, '2.2': true});

const globalPooling = (className: Spelling, mode: Mode, rank: Rank) =>
  plainLayer({
    className,
    arguments: {
      ...COMMON,
      dataFormat: FORMATS[rank],
      keepdims: boolean(false, {'2.6': 'keepdims'}),
    },
    layer: ({dataFormat, keepdims}, {common, version}) =>
      new GlobalPooling({
        ...common,
        mode,
        channelsFirst: channelsFirst(dataFormat, version),
        useMask: rank === 1 && mode === 'average' && heedsMask(version),
        keepDims: keepdims,
      }),
  });

/** [before, after] per dimension from 1, [1, 2], [[1, 2], [3, 4]], four numbers, or 1.x's {"left_pad": 1, ...}. */
function marginsOf(value: unknown, rank: Rank, where: string, name: string): number[][] {
  const names = rank === 1 ? ['left_pad', 'right_pad'] : ['top_pad', 'bottom_pad', 'left_pad', 'right_pad'];
  const given = isRecord(value) ? names.map(name => value[name] ?? 0) : value;
  const flat = (Array.isArray(given) ? given.flat() : [given]) as unknown[];
  if (flat.every(n => typeof n === 'number')) {
    const n = flat as number[];
    if (n.length === 1) return new Array(rank).fill([n[0]!, n[0]!]);
    if (n.length === 2 * rank) return each(rank, 0).map((_, k) => n.slice(2 * k, 2 * k + 2));
    if (n.length === rank) return n.map(one => [one, one]);
  }
  throw new CarryoverError(
    'E_ARCHITECTURE',
    `${where}: ${name} is ${JSON.stringify(value)}; expected numbers such as 1, [1, 2] or [[1, 2], [3, 4]]`,
  );
}

type Format = {readonly dataFormat?: typeof DATA_FORMAT};

/** The layers of space that have a choice of axes. */
const FORMAT_OF_SPACE: Readonly<Record<'padding' | 'cropping' | 'size', Readonly<Record<Rank, Format>>>> = {
  padding: {
    1: {dataFormat: sequenceFormat('3.1')},
    2: {dataFormat: DATA_FORMAT},
    3: {dataFormat: DATA_FORMAT},
  },
  cropping: {1: {}, 2: {dataFormat: DATA_FORMAT}, 3: {dataFormat: DATA_FORMAT}},
  size: {1: {}, 2: {dataFormat: DATA_FORMAT}, 3: {dataFormat: DATA_FORMAT}},
};

const margin = (className: Spelling, key: 'padding' | 'cropping', rank: Rank) =>
  plainLayer({
    className,
    arguments: {
      ...COMMON,
      margin: other(key, key === 'cropping' && rank === 2 ? [0, 0] : 1),
      ...FORMAT_OF_SPACE[key][rank],
    },
    layer: ({margin: given, dataFormat = 'channels_last'}, {common, version, where}) => {
      const sign = key === 'padding' ? 1 : -1;
      const margins = marginsOf(given, rank, where, key).map(pair => pair.map(n => sign * n));
      return new Margin({...common, margins, channelsFirst: channelsFirst(dataFormat, version)});
    },
  });

const upSampling = (className: Spelling, rank: Rank) =>
  plainLayer({
    className,
    arguments: {
      ...COMMON,
      size: integers(rank, each(rank, 2), rank === 1 ? {'0': 'length', '2': 'size'} : 'size'),
      ...FORMAT_OF_SPACE.size[rank],
      interpolation: refused(
        other('interpolation', 'nearest'),
        'expected nearest; write the layer in tfjs and pass it in customObjects',
      ),
    },
    layer: ({size, dataFormat = 'channels_last'}, {common, version}) =>
      new UpSampling({...common, size: [...size], channelsFirst: channelsFirst(dataFormat, version)}),
  });

export const POOLING = [
  pooling('MaxPooling1D', 'max', 1),
  pooling('MaxPooling2D', 'max', 2),
  pooling({'0.3': 'MaxPooling3D'}, 'max', 3),
  pooling({'0.3': 'AveragePooling3D'}, 'average', 3),
  pooling({'0.3': 'AveragePooling1D'}, 'average', 1),
  pooling({'0.3': 'AveragePooling2D'}, 'average', 2),
  globalPooling({'1.1': 'GlobalMaxPooling1D'}, 'max', 1),
  globalPooling({'1.1': 'GlobalMaxPooling2D'}, 'max', 2),
  globalPooling({'1.1': 'GlobalAveragePooling1D'}, 'average', 1),
  globalPooling({'1.1': 'GlobalAveragePooling2D'}, 'average', 2),
  globalPooling({'1.1': 'GlobalMaxPooling3D'}, 'max', 3),
  globalPooling({'1.1': 'GlobalAveragePooling3D'}, 'average', 3),
  margin('ZeroPadding1D', 'padding', 1),
  margin('ZeroPadding2D', 'padding', 2),
  margin({'1': 'Cropping1D'}, 'cropping', 1),
  margin({'1': 'Cropping2D'}, 'cropping', 2),
  margin({'0.3': 'ZeroPadding3D'}, 'padding', 3),
  margin({'1': 'Cropping3D'}, 'cropping', 3),
  upSampling({'0.3': 'UpSampling3D'}, 3),
  upSampling({'0': 'UpSample1D', '0.3': 'UpSampling1D'}, 1),
  upSampling({'0': 'UpSample2D', '0.3': 'UpSampling2D'}, 2),
];
