import {CarryoverError} from '../../../errors';
import type {SavedValue} from '../../../layers/plain/operation';
import {brief, isJson, type Json, object, text} from '../../../model/json';
import {each, type Signature, signatures} from './signature';

/** Ops of one tensor, and their operations. */
const UNARY = `
  Identity identity|StopGradient stopGradient|Neg negative|Abs abs|Sign sign|Square square|Sqrt sqrt|Rsqrt rsqrt
  Reciprocal reciprocal|Inv reciprocal|Exp exp|Expm1 expm1|Log log|Log1p log1p|Floor floor|Ceil ceil|Round round|Rint round
  Sin sin|Cos cos|Tan tan|Tanh tanh|Sigmoid sigmoid|Softplus softplus|Softsign softsign|Relu relu|Relu6 relu6|Selu selu
  Elu elu|Erf erf|LogicalNot logicalNot|ZerosLike zerosLike|OnesLike onesLike|Softmax softmax|LogSoftmax logSoftmax`;

const BINARY = `
  Add add|AddV2 add|BiasAdd add|Sub subtract|Mul multiply|RealDiv divide|Div divide|DivNoNan divideNoNan
  FloorDiv floorDivide|FloorMod mod|Pow power|Maximum maximum|Minimum minimum|SquaredDifference squaredDifference
  Equal equal|NotEqual notEqual|Greater greater|GreaterEqual greaterEqual|Less less|LessEqual lessEqual
  LogicalAnd logicalAnd|LogicalOr logicalOr`;

const REDUCTIONS = 'Sum sum|Mean mean|Max max|Min min|Prod prod|Any any|All all';

/** TensorFlow's ops: their inputs in order, then those of their attributes that matter. Source: TensorFlow 2.3's op_def. */
const OPS = signatures(`
  ${each(UNARY, (name, operation) => `${name}(x): ${operation}`)}
  ${each(BINARY, (name, operation) => `${name}(x, y): ${operation}`)}
  ${each(REDUCTIONS, (name, operation) => `${name}(x, axis; keep_dims>keepdims): ${operation}`)}
  LeakyRelu(x; alpha>slope): leakyRelu
  ArgMax(x, axis): argmax
  ArgMin(x, axis): argmin
  Cumsum(x, axis; exclusive, reverse): cumsum
  MatMul(x, y; transpose_a>transposeX, transpose_b>transposeY): matmul
  BatchMatMul(x, y; adj_x>transposeX, adj_y>transposeY): matmul
  BatchMatMulV2(x, y; adj_x>transposeX, adj_y>transposeY): matmul
  Reshape(x, shape): reshape
  Transpose(x, axes): transpose
  ExpandDims(x, axis): expandDims
  Squeeze(x; squeeze_dims>axis): squeeze
  Tile(x, repeats): tile
  ReverseV2(x, axis): flip
  Pad(x, paddings): pad
  PadV2(x, paddings, value): pad
  BroadcastTo(x, shape): broadcastTo
  GatherV2(x, indices, axis; batch_dims>batchDims): gather
  Gather(x, indices): gather {"axis": 0}
  OneHot(x, depth, on, off; axis): oneHot
  Slice(x, begin, size): slice
  SelectV2(condition, x, y): where
  ClipByValue(x, min, max): clip
  Cast(x; DstT>dtype): cast
  StridedSlice(x, key): item
  ConcatV2(inputs, axis): concat
  Pack(inputs; axis): stack
  Unpack(x; axis): unstack
  Split(axis, x; num_split>count): split
  SplitV(x, count, axis): split
  AddN(inputs): addN
`);

/** Attributes of every op that change no number: the type of its values, and what TensorFlow keeps for itself. */
const ALWAYS_HARMLESS = ['T', '_output_shapes'];

const HARMLESS_LISTS = `
  Sum Tidx|Mean Tidx|Max Tidx|Min Tidx|Prod Tidx|Any Tidx|All Tidx|ArgMax Tidx output_type|ArgMin Tidx output_type
  Cumsum Tidx|Reshape Tshape|Transpose Tperm|ExpandDims Tdim|Tile Tmultiples|ReverseV2 Tidx|Pad Tpaddings|PadV2 Tpaddings
  BroadcastTo Tidx|GatherV2 Tparams Tindices Taxis|Gather Tparams Tindices validate_indices|OneHot TI|Slice Index
  Cast SrcT Truncate|StridedSlice Index|ConcatV2 N Tidx|Pack N|Unpack num|SplitV Tlen num_split|AddN N`;

/** Those of one op alone: types, and counts of what the node lists. Source: TensorFlow 2.3's op_def. */
const HARMLESS: ReadonlyMap<string, readonly string[]> = new Map(
  HARMLESS_LISTS.trim()
    .split(/[|\n]/)
    .map(entry => {
      const [op, ...names] = entry.trim().split(' ');
      return [op!, names];
    }),
);

/** Attributes that may have one value, with which they change nothing; bytes are as protobuf's JSON has them. */
const SOLE_VALUES: ReadonlyMap<string, {readonly value: unknown; readonly shown: string}> = new Map([
  ['BiasAdd data_format', {value: btoa('NHWC'), shown: 'NHWC'}],
  ['Equal incompatible_shape_error', {value: true, shown: 'true'}],
  ['NotEqual incompatible_shape_error', {value: true, shown: 'true'}],
]);

/** What a strided slice reads of its attributes itself. */
const MASKS = ['begin_mask', 'end_mask', 'ellipsis_mask', 'new_axis_mask', 'shrink_axis_mask'];

/** Ops whose inputs but for the last ones are one list. */
const LISTS: ReadonlyMap<string, number> = new Map([
  ['ConcatV2', 1],
  ['Pack', 0],
  ['AddN', 0],
]);

/** A function, and its arguments. */
export interface NodeCall {
  readonly signature: Signature;
  readonly args: readonly SavedValue[];
  readonly kwargs: Readonly<Record<string, SavedValue>>;
}

/**
 * A TensorFlowOpLayer's node: tf.keras 1.15 to 2.3 put TensorFlow's own ops into models.
 * @param tensors how many tensors the layer is called with
 * @throws CarryoverError `E_LAYER` for an op or an attribute that is not known to be exact
 */
export function nodeCall({node_def: node, constants}: Json, tensors: number, where: string): NodeCall {
  const {op, attr, input = []} = object(node, `${where}: node_def`);
  const name = text(op, `${where}: node_def: op`);
  const signature = OPS.get(name);
  if (!signature) {
    throw new CarryoverError(
      'E_LAYER',
      `${where}: TensorFlow's op '${name}' is not known; load as much of the model as comes before it (outputs; on the command line: --until LAYER)`,
    );
  }
  const known = isJson(constants) ? constants : {};
  const total = tensors + Object.keys(known).length;
  const count = Array.isArray(input) ? Math.max(input.length, total) : total;
  let next = 0;
  const values = Array.from({length: count}, (_, k): SavedValue => {
    const constant = known[String(k)];
    return constant === undefined ? {input: next++} : {constant};
  });
  const attributes = honoured(name, attributesOf(isJson(attr) ? attr : {}, where), where);
  if (name === 'StridedSlice') {
    const kwargs = withoutMasks(attributes);
    return {signature, args: [values[0]!, stridedKey(values, attributes, where)], kwargs};
  }
  const after = LISTS.get(name);
  const args =
    after === undefined ? values : [{items: values.slice(0, count - after)}, ...values.slice(count - after)];
  return {signature, args, kwargs: constantsOf(Object.entries(attributes))};
}

const constantsOf = (entries: readonly (readonly [string, unknown])[]): NodeCall['kwargs'] =>
  Object.fromEntries(entries.map(([key, constant]) => [key, {constant}]));

/** What no part of a slice is: `bind` refuses it by its name. */
const withoutMasks = (attributes: Readonly<Record<string, unknown>>): NodeCall['kwargs'] =>
  constantsOf(Object.entries(attributes).filter(([key]) => !MASKS.includes(key)));

/** The attributes that say something: those that change no number are left out, others have to be known. */
function honoured(
  op: string,
  attributes: Readonly<Record<string, unknown>>,
  where: string,
): Record<string, unknown> {
  const harmless = [...ALWAYS_HARMLESS, ...(HARMLESS.get(op) ?? [])];
  const left = Object.entries(attributes).filter(([key, value]) => {
    if (harmless.includes(key)) return false;
    const sole = SOLE_VALUES.get(`${op} ${key}`);
    if (!sole) return true;
    if (value === sole.value || value === sole.shown) return false;
    const found = typeof value === 'string' ? decoded(value) : value;
    throw new CarryoverError(
      'E_LAYER',
      `${where}: node_def: ${op} has ${key} ${brief(found)}, which is not supported; expected ${sole.shown}. Load as much of the model as comes before it (outputs; on the command line: --until LAYER)`,
      {argument: key},
    );
  });
  return Object.fromEntries(left);
}

/** The text of bytes as protobuf's JSON has them; what is no base64 as it is. */
const decoded = (bytes: string): string =>
  /^[A-Za-z0-9+/]+={0,2}$/.test(bytes) && bytes.length % 4 === 0 ? atob(bytes) : bytes;

/** Attributes as numbers, truth values, lists and names of types. */
function attributesOf(attr: Json, where: string): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(attr).map(([key, value]) => [key, attribute(object(value, `${where}: ${key}`), where)]),
  );
}

const DTYPES: ReadonlyMap<unknown, string> = new Map([
  ['DT_FLOAT', 'float32'],
  ['DT_HALF', 'float16'],
  ['DT_DOUBLE', 'float64'],
  ['DT_INT32', 'int32'],
  ['DT_INT64', 'int64'],
  ['DT_BOOL', 'bool'],
]);

function attribute(value: Json, where: string): unknown {
  const {i, f, b, type, list, s, shape} = value;
  if (i !== undefined) return Number(i);
  if (f !== undefined) return f;
  if (b !== undefined) return b;
  if (type !== undefined) return DTYPES.get(type) ?? String(type);
  if (isJson(list)) return (Array.isArray(list.i) ? list.i : []).map(Number);
  if (s !== undefined || shape !== undefined) return s ?? shape;
  throw new CarryoverError(
    'E_ARCHITECTURE',
    `${where}: an attribute is ${brief(value)}; expected a value of protobuf's JSON`,
  );
}

/** A strided slice's bounds and masks as Python has them. */
function stridedKey(
  values: readonly SavedValue[],
  attributes: Readonly<Record<string, unknown>>,
  where: string,
): SavedValue {
  const [begin, end, strides] = values.slice(1, 4).map(value => {
    if ('constant' in value && Array.isArray(value.constant)) return value.constant as number[];
    throw new CarryoverError('E_LAYER', `${where}: the bounds of a slice are tensors; expected constants`);
  }) as [number[], number[], number[]];
  const has = (mask: string, k: number): boolean => ((Number(attributes[mask] ?? 0) >> k) & 1) === 1;
  const bound = (constant: number | null): SavedValue => ({constant});
  const items = begin.map((first, k): SavedValue => {
    if (has('ellipsis_mask', k)) return {constant: '...'};
    if (has('new_axis_mask', k)) return {constant: null};
    if (has('shrink_axis_mask', k)) return {constant: first};
    const start = has('begin_mask', k) ? null : first;
    const stop = has('end_mask', k) ? null : end[k]!;
    return {slice: [bound(start), bound(stop), bound(strides[k]!)]};
  });
  return {items};
}
