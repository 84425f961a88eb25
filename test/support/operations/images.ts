import type {Attributes} from '../small-graphs';
import {bare, bool, FLOAT, f, float, i32, int, ints, type OperationCase, one, text} from './case';

const image = f([2, 5, 4, 3]);
const first = f([2, 3, 5, 4]);
const filter = f([3, 2, 3, 2], 2);
const window = {ksize: ints(1, 3, 2, 1), strides: ints(1, 2, 2, 1)};
const NCHW = {data_format: text('NCHW')};
const same = {padding: text('SAME')};
const valid = {padding: text('VALID')};
const explicit = {padding: text('EXPLICIT'), explicit_paddings: ints(0, 0, 1, 2, 0, 1, 0, 0)};
const refusedFormat = {refused: /data_format/};
const norm = [
  image,
  f([3], [1, 2, 0.5]),
  f([3], [0.1, -0.2, 0.3]),
  f([3], [0.2, 0.3, -0.4]),
  f([3], [1, 2, 3]),
];
const normTypes = (op: string): Attributes => (op === 'FusedBatchNorm' ? {} : {U: FLOAT});
const empty = f([0], []);

/** Convolutions, pooling, normalizations and what moves pixels. */
export const images: readonly OperationCase[] = [
  ...[same, valid, explicit].map(padding =>
    one('Conv2D', [image, filter], {strides: ints(1, 2, 1, 1), ...padding}),
  ),
  one('Conv2D', [image, filter], {strides: ints(1, 1, 1, 1), ...same, dilations: ints(1, 2, 2, 1)}),
  one('Conv2D', [first, filter], {strides: ints(1, 1, 1, 1), ...same, ...NCHW}, refusedFormat),
  bare('Conv2DBackpropInput', [i32([4], [2, 5, 4, 3]), filter, f([2, 3, 2, 2])], {
    T: FLOAT,
    strides: ints(1, 2, 2, 1),
    ...same,
  }),
  bare('Conv2DBackpropInput', [i32([4], [2, 5, 4, 3]), filter, f([2, 3, 3, 2])], {
    T: FLOAT,
    strides: ints(1, 1, 1, 1),
    ...valid,
  }),
  ...[same, valid].map(padding =>
    one('DepthwiseConv2dNative', [image, filter], {strides: ints(1, 2, 2, 1), ...padding}),
  ),
  one(
    'DepthwiseConv2dNative',
    [image, filter],
    {strides: ints(1, 1, 1, 1), ...explicit},
    {refused: /padding .* EXPLICIT/},
  ),
  one('DepthwiseConv2dNative', [image, filter], {
    strides: ints(1, 1, 1, 1),
    ...same,
    dilations: ints(1, 2, 2, 1),
  }),
  one('DepthwiseConv2dNative', [first, filter], {strides: ints(1, 1, 1, 1), ...same, ...NCHW}, refusedFormat),
  ...[same, valid].map(padding =>
    one('Conv3D', [f([1, 4, 4, 4, 2]), f([2, 3, 2, 2, 2], 3)], {strides: ints(1, 1, 2, 1, 1), ...padding}),
  ),
  ...[same, valid].flatMap(padding => [
    one('MaxPool', [image], {...window, ...padding}),
    one('AvgPool', [image], {...window, ...padding}),
    one('MaxPool3D', [f([1, 4, 4, 4, 2])], {
      ksize: ints(1, 2, 3, 2, 1),
      strides: ints(1, 2, 2, 2, 1),
      ...padding,
    }),
    one('AvgPool3D', [f([1, 4, 4, 4, 2])], {
      ksize: ints(1, 2, 3, 2, 1),
      strides: ints(1, 2, 2, 2, 1),
      ...padding,
    }),
  ]),
  one('MaxPool', [image], {...window, ...explicit}, {refused: /padding .* EXPLICIT/}),
  one(
    'MaxPool',
    [first],
    {ksize: ints(1, 1, 3, 2), strides: ints(1, 1, 2, 2), ...same, ...NCHW},
    refusedFormat,
  ),
  one(
    'AvgPool',
    [first],
    {ksize: ints(1, 1, 3, 2), strides: ints(1, 1, 2, 2), ...same, ...NCHW},
    refusedFormat,
  ),
  one('Dilation2D', [image, f([3, 2, 3])], {strides: ints(1, 1, 1, 1), rates: ints(1, 1, 1, 1), ...same}),
  one('Dilation2D', [image, f([2, 2, 3])], {strides: ints(1, 2, 1, 1), rates: ints(1, 2, 1, 1), ...valid}),
  one('BiasAdd', [image, f([3])]),
  one('BiasAdd', [f([2, 3]), f([3])], {data_format: text('NHWC')}),
  one('BiasAdd', [first, f([3])], NCHW),
  ...['FusedBatchNorm', 'FusedBatchNormV2', 'FusedBatchNormV3'].flatMap(op => [
    one(op, norm, {...normTypes(op), is_training: bool(false), epsilon: float(0.001)}),
    one(op, norm, {...normTypes(op), is_training: bool(false)}),
    one(
      op,
      [...norm.slice(0, 3), empty, empty],
      {...normTypes(op), is_training: bool(true), epsilon: float(0.01)},
      {outputs: 3},
    ),
    one(op, [...norm.slice(0, 3), empty, empty], normTypes(op)),
    one(op, [first, ...norm.slice(1)], {...normTypes(op), is_training: bool(false), ...NCHW}),
  ]),
  one('LRN', [image]),
  one('LRN', [image], {depth_radius: int(1), bias: float(2), alpha: float(0.1), beta: float(0.7)}),
  ...['ResizeBilinear', 'ResizeNearestNeighbor'].flatMap(op => [
    one(op, [image, i32([2], [7, 3])]),
    one(op, [image, i32([2], [7, 3])], {align_corners: bool(true)}),
    one(op, [image, i32([2], [7, 3])], {half_pixel_centers: bool(true)}),
  ]),
  bare(
    'CropAndResize',
    [image, f([2, 4], [0.1, 0, 0.9, 0.8, 0, 0, 1.2, 1]), i32([2], [0, 1]), i32([2], [3, 2])],
    {T: FLOAT},
  ),
  bare(
    'CropAndResize',
    [image, f([2, 4], [0.1, 0, 0.9, 0.8, 0, 0, 1.2, 1]), i32([2], [0, 1]), i32([2], [3, 2])],
    {T: FLOAT, method: text('nearest'), extrapolation_value: float(3)},
  ),
  one('DepthToSpace', [f([1, 2, 2, 8])], {block_size: int(2)}),
  one('DepthToSpace', [f([1, 8, 2, 2])], {block_size: int(2), ...NCHW}, refusedFormat),
  one('SpaceToDepth', [f([1, 4, 2, 3])], {block_size: int(2)}),
  one('SpaceToBatchND', [f([1, 4, 3, 1]), i32([2], [2, 2]), i32([2, 2], [0, 0, 1, 0])]),
  one('BatchToSpaceND', [f([4, 2, 2, 1]), i32([2], [2, 2]), i32([2, 2], [0, 0, 1, 0])]),
];
