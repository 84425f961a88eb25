import {attribute, type GraphNode} from '../../../converters/graph-def/node';
import {dtypeOf} from '../../../converters/protobuf/tensorflow/dtypes';
import type {AttrValue} from '../../../converters/protobuf/tensorflow/graph';
import {CarryoverError} from '../../errors';
import {attr} from '../nodes';

/** Attributes that may have these values alone; one that is absent may be. */
export type Allowed = Readonly<Record<string, readonly (string | number | boolean)[]>>;

const LAST = ['NHWC'];
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
    DenseBincount: {binary_output: [false]},
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
    Gather: {validate_indices: true},
    GatherNd: {bad_indices_policy: ['']},
    GatherV2: {batch_dims: true},
    LRN: {depth_radius: true, bias: true, alpha: true, beta: true},
    LeakyRelu: {alpha: true},
    MatMul: {transpose_a: true, transpose_b: true, grad_a: [false], grad_b: [false]},
    Max: {keep_dims: true},
    MaxPool: {ksize: true, strides: true, padding: PLAIN_PADDING, explicit_paddings: [], data_format: LAST},
    MaxPool3D: {ksize: true, strides: true, padding: PLAIN_PADDING, data_format: ['NDHWC']},
    Min: {keep_dims: true},
    MirrorPad: {mode: true},
    NotEqual: {incompatible_shape_error: [true]},
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

type Defaults = Readonly<Record<string, AttrValue>>;

/** What TensorFlow takes for an attribute that is absent, where TensorFlow.js takes something else or gives up. */
const DEFAULTS: ReadonlyMap<string, Defaults> = new Map<string, Defaults>([
  ['Conv2D', {dilations: unit(4)}],
  ['DepthwiseConv2dNative', {dilations: unit(4)}],
  ['Conv3D', {dilations: unit(5), data_format: attr({s: new TextEncoder().encode('NDHWC')})}],
  ['Conv2DBackpropInput', {dilations: unit(4)}],
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
  for (const [name, value] of node.attributes) {
    const own = name.startsWith('_') || value.type !== undefined || (value.list?.type.length ?? 0) > 0;
    const allowed = Object.hasOwn(known, name) ? known[name]! : [];
    if (!own && allowed !== true) refuseOther(node, {[name]: allowed});
  }
  if (node.op === 'Cast') checkCast(node);
  if (node.op === 'Einsum' && attribute(node, 'equation')?.text?.includes('...'))
    throw refused(node, 'equation');
  const defaults = Object.entries(DEFAULTS.get(node.op) ?? {}).filter(([name]) => !node.attributes.has(name));
  return defaults.length === 0 ? node : {...node, attributes: new Map([...node.attributes, ...defaults])};
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
