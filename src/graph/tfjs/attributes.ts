import {attribute, type GraphNode} from '../../../converters/graph-def/node';
import {dtypeOf} from '../../../converters/protobuf/tensorflow/dtypes';
import type {AttrValue} from '../../../converters/protobuf/tensorflow/graph';
import {CarryoverError} from '../../errors';
import {attr} from '../nodes';
import {TFJS_OPERATIONS} from './known';

/** Attributes that may have these values alone; one that is absent may be. */
export type Allowed = Readonly<Record<string, readonly (string | number | boolean)[]>>;

const LAST = ['NHWC'];
const INFERENCE: Honoured = {
  is_training: [false],
  epsilon: true,
  data_format: LAST,
  exponential_avg_factor: [1],
};
const PLAIN_PADDING = ['SAME', 'VALID'];

type Honoured = Readonly<Record<string, true | Allowed[string]>>;

/**
 * What TensorFlow.js' executor reads of each operation's attributes, as TensorFlow means them; a list where it honours these
 * values alone. Types are in no list: tensors have theirs. Source: @tensorflow/tfjs-converter 4.22.0, operations/executors.
 */
const HONOURED: ReadonlyMap<string, Honoured> = new Map(
  Object.entries<Honoured>({
    AddN: {N: true},
    All: {keep_dims: true},
    Any: {keep_dims: true},
    AvgPool: {ksize: true, strides: true, padding: PLAIN_PADDING, data_format: LAST},
    AvgPool3D: {ksize: true, strides: true, padding: PLAIN_PADDING, data_format: ['NDHWC']},
    BatchMatMul: {adj_x: true, adj_y: true, grad_x: [false], grad_y: [false]},
    BatchMatMulV2: {adj_x: true, adj_y: true, grad_x: [false], grad_y: [false]},
    BiasAdd: {data_format: LAST},
    Cast: {Truncate: [false]},
    Concat: {N: true},
    ConcatV2: {N: true},
    Const: {value: true},
    Conv2D: {
      strides: true,
      padding: true,
      dilations: true,
      explicit_paddings: true,
      use_cudnn_on_gpu: true,
      data_format: LAST,
    },
    Conv2DBackpropInput: {
      strides: true,
      padding: PLAIN_PADDING,
      dilations: [],
      explicit_paddings: [],
      use_cudnn_on_gpu: true,
      data_format: LAST,
    },
    Conv3D: {strides: true, padding: PLAIN_PADDING, dilations: true, data_format: ['NDHWC']},
    CropAndResize: {method: true, extrapolation_value: true},
    Cumprod: {exclusive: [false], reverse: true},
    Cumsum: {exclusive: [false], reverse: true},
    DenseBincount: {binary_output: [false]},
    DepthToSpace: {block_size: true, data_format: LAST},
    DepthwiseConv2dNative: {
      strides: true,
      padding: PLAIN_PADDING,
      dilations: true,
      explicit_paddings: [],
      data_format: LAST,
    },
    Dilation2D: {strides: true, rates: true, padding: PLAIN_PADDING},
    Einsum: {equation: true, N: true},
    Equal: {incompatible_shape_error: [true]},
    FusedBatchNorm: INFERENCE,
    FusedBatchNormV2: INFERENCE,
    FusedBatchNormV3: INFERENCE,
    Gather: {validate_indices: true},
    GatherNd: {bad_indices_policy: ['']},
    GatherV2: {batch_dims: true},
    LRN: {depth_radius: true, bias: true, alpha: true, beta: true},
    LeakyRelu: {alpha: true},
    MatMul: {transpose_a: true, transpose_b: true, grad_a: [false], grad_b: [false]},
    Max: {keep_dims: true},
    MaxPool: {ksize: true, strides: true, padding: PLAIN_PADDING, explicit_paddings: [], data_format: LAST},
    MaxPool3D: {ksize: true, strides: true, padding: PLAIN_PADDING, data_format: ['NDHWC']},
    Mean: {keep_dims: true},
    Min: {keep_dims: true},
    MirrorPad: {mode: true},
    NotEqual: {incompatible_shape_error: [true]},
    OneHot: {axis: [-1]},
    Pack: {N: true, axis: true},
    Placeholder: {shape: true},
    Prod: {keep_dims: true},
    ResizeBilinear: {align_corners: true, half_pixel_centers: true},
    ResizeNearestNeighbor: {align_corners: true, half_pixel_centers: true},
    ScatterNd: {bad_indices_policy: ['']},
    SparseToDense: {validate_indices: true},
    Split: {num_split: true},
    SplitV: {num_split: true},
    Squeeze: {squeeze_dims: true},
    StridedSlice: {
      begin_mask: true,
      end_mask: true,
      ellipsis_mask: true,
      new_axis_mask: true,
      shrink_axis_mask: true,
    },
    Sum: {keep_dims: true},
    TensorScatterUpdate: {bad_indices_policy: ['']},
    TopKV2: {sorted: true},
    Unpack: {num: true, axis: true},
  }),
);

const unit = (rank: number): AttrValue =>
  attr({
    list: {s: [], i: Array(rank).fill(1), f: [], b: [], type: [], shape: [], tensor: [], func: []},
  });

const BATCH_NORM = {epsilon: attr({f: 1e-4}), is_training: attr({b: true})};

type Defaults = Readonly<Record<string, AttrValue>>;

/** What TensorFlow takes for an attribute that is absent, where TensorFlow.js takes something else or gives up. */
const DEFAULTS: ReadonlyMap<string, Defaults> = new Map<string, Defaults>([
  ['Conv2D', {dilations: unit(4)}],
  ['DepthwiseConv2dNative', {dilations: unit(4)}],
  ['Conv3D', {dilations: unit(5), data_format: attr({s: new TextEncoder().encode('NDHWC')})}],
  ['Conv2DBackpropInput', {dilations: unit(4)}],
  ['DepthToSpace', {data_format: attr({s: new TextEncoder().encode('NHWC')})}],
  ['FusedBatchNorm', BATCH_NORM],
  ['FusedBatchNormV2', BATCH_NORM],
  ['FusedBatchNormV3', BATCH_NORM],
]);

/** Types of numbers that TensorFlow.js' own hold, so that they become neither another number nor less than they are. */
const CAST_TO: ReadonlySet<string | undefined> = new Set([
  'float16',
  'bfloat16',
  'float32',
  'float64',
  'int32',
  'int64',
  'bool',
]);

/**
 * A node of an operation of TensorFlow.js as its executor is to be given it.
 * @throws CarryoverError `E_UNSUPPORTED` for an attribute that the executor would not honour
 */
export function honoured(node: GraphNode): GraphNode {
  const known = HONOURED.get(node.op) ?? {};
  const defaults = Object.entries(DEFAULTS.get(node.op) ?? {}).filter(([name]) => !node.attributes.has(name));
  const whole =
    defaults.length === 0 ? node : {...node, attributes: new Map([...node.attributes, ...defaults])};
  for (const [name, value] of whole.attributes) {
    const own = name.startsWith('_') || value.type !== undefined || (value.list?.type.length ?? 0) > 0;
    const allowed = Object.hasOwn(known, name) ? known[name]! : [];
    if (!own && allowed !== true) refuseOther(whole, {[name]: allowed});
  }
  if (node.op === 'Cast') checkCast(node);
  if (node.op === 'Einsum' && attribute(node, 'equation')?.text?.includes('...'))
    throw refused(node, 'equation');
  return whole;
}

/** Operations that TensorFlow.js computes as TensorFlow does for one kind of numbers alone. */
const OF_ONE_KIND: ReadonlyMap<string, RegExp> = new Map([
  ['Div', /float/],
  ['FloorDiv', /int/],
  ['Mean', /float/],
]);

/** What own operations do for all attributes and types, and TensorFlow.js alone for the ordinary ones. */
const ALONE: ReadonlySet<string> = new Set([
  'BiasAdd',
  'Cumprod',
  'Cumsum',
  'DepthToSpace',
  'FusedBatchNorm',
  'FusedBatchNormV2',
  'FusedBatchNormV3',
  'OneHot',
]);

/**
 * Whether TensorFlow.js, without operations of our own, has an operation and computes it as TensorFlow does. For attributes
 * that decide this, `honoured` is to be asked as well.
 */
export function runsAlone(node: GraphNode): boolean {
  const kind = OF_ONE_KIND.get(node.op);
  if (kind) return kind.test(dtypeOf(attribute(node, 'T')?.type ?? 0) ?? '');
  return TFJS_OPERATIONS.has(node.op) || ALONE.has(node.op);
}

/** @throws CarryoverError `E_UNSUPPORTED` for an attribute of another value than these */
export function refuseOther(node: GraphNode, allowed: Allowed): void {
  for (const [name, values] of Object.entries(allowed)) {
    const value = valueIn(node, name);
    if (value !== undefined && !values.some(one => one === value)) throw refused(node, name, values);
  }
}

/** The value of an attribute, undefined where there is none or a list that says nothing. */
function valueIn(node: GraphNode, name: string): string | number | boolean | undefined {
  const found = attribute(node, name);
  if (!found) return undefined;
  const {text, int, float, bool, list} = found;
  const plain = text ?? int ?? float ?? bool;
  if (plain !== undefined) return plain;
  if (!list) return '(of a kind not known here)';
  const ints = Array.from(list.ints);
  return ints.every(one => one === (name === 'dilations' ? 1 : 0)) ? undefined : `[${ints}]`;
}

function checkCast(node: GraphNode): void {
  const to = dtypeOf(attribute(node, 'DstT')?.type ?? 0);
  if (to !== undefined && !CAST_TO.has(to)) throw refused(node, 'DstT', [], to);
}

function refused(
  node: GraphNode,
  name: string,
  expected: readonly (string | number | boolean)[] = [],
  value: unknown = valueIn(node, name),
): CarryoverError {
  const instead = expected.length > 0 ? `, where ${expected.join(' and ')} run` : '';
  return new CarryoverError(
    'E_UNSUPPORTED',
    `${node.where}: attribute ${name} of operation ${node.op} is ${String(value)}${instead}; TensorFlow.js does not compute that as ` +
      'TensorFlow does: use the native backend (--backend tensorflow --engine native), or ask for a tensor before it (outputs; on ' +
      'the command line: --until NAME)',
    {found: `${node.op} ${name}=${String(value)}`},
  );
}
