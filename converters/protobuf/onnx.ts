import type {Declaration} from './declare';

/* Source: onnx/onnx.proto of ONNX 1.9 (operator set 14). */

/** `TensorProto.DataType`. */
export const OnnxType = {
  UNDEFINED: 0,
  FLOAT: 1,
  UINT8: 2,
  INT8: 3,
  UINT16: 4,
  INT16: 5,
  INT32: 6,
  INT64: 7,
  STRING: 8,
  BOOL: 9,
  FLOAT16: 10,
  DOUBLE: 11,
  UINT32: 12,
  UINT64: 13,
  COMPLEX64: 14,
  COMPLEX128: 15,
  BFLOAT16: 16,
} as const;

/** `AttributeProto.AttributeType`, which says which of the fields holds the value. */
export const AttributeType = {
  UNDEFINED: 0,
  FLOAT: 1,
  INT: 2,
  STRING: 3,
  TENSOR: 4,
  GRAPH: 5,
  FLOATS: 6,
  INTS: 7,
  STRINGS: 8,
  TENSORS: 9,
  GRAPHS: 10,
} as const;

export const TensorProto = {
  message: 'TensorProto',
  fields: {
    dims: [1, 'int64', 'repeated'],
    /** An `OnnxType`. */
    dataType: [2, 'int32'],
    name: [8, 'string'],
    /** Little-endian, as in memory. */
    rawData: [9, 'bytes'],
  },
} as const satisfies Declaration;

export const AttributeProto = {
  message: 'AttributeProto',
  fields: {
    name: [1, 'string'],
    f: [2, 'float', 'optional'],
    i: [3, 'int64', 'optional'],
    s: [4, 'bytes', 'optional'],
    t: [5, () => TensorProto, 'optional'],
    floats: [7, 'float', 'repeated'],
    ints: [8, 'int64', 'repeated'],
    strings: [9, 'bytes', 'repeated'],
    type: [20, AttributeType],
  },
} as const satisfies Declaration;

export const NodeProto = {
  message: 'NodeProto',
  fields: {
    input: [1, 'string', 'repeated'],
    output: [2, 'string', 'repeated'],
    name: [3, 'string'],
    opType: [4, 'string'],
    attribute: [5, () => AttributeProto, 'repeated'],
    domain: [7, 'string'],
  },
} as const satisfies Declaration;

const Dimension = {
  message: 'TensorShapeProto.Dimension',
  fields: {dimValue: [1, 'int64', 'optional'], dimParam: [2, 'string', 'optional']},
} as const satisfies Declaration;

const TensorShapeProto = {
  message: 'TensorShapeProto',
  fields: {dim: [1, () => Dimension, 'repeated']},
} as const satisfies Declaration;

/** `elemType` is an `OnnxType`. */
const TensorType = {
  message: 'TypeProto.Tensor',
  fields: {elemType: [1, 'int32'], shape: [2, () => TensorShapeProto]},
} as const satisfies Declaration;

const TypeProto = {
  message: 'TypeProto',
  fields: {tensorType: [1, () => TensorType, 'optional']},
} as const satisfies Declaration;

export const ValueInfoProto = {
  message: 'ValueInfoProto',
  fields: {name: [1, 'string'], type: [2, () => TypeProto]},
} as const satisfies Declaration;

const GraphProto = {
  message: 'GraphProto',
  fields: {
    node: [1, () => NodeProto, 'repeated'],
    name: [2, 'string'],
    initializer: [5, () => TensorProto, 'repeated'],
    input: [11, () => ValueInfoProto, 'repeated'],
    output: [12, () => ValueInfoProto, 'repeated'],
  },
} as const satisfies Declaration;

const OperatorSetIdProto = {
  message: 'OperatorSetIdProto',
  fields: {domain: [1, 'string'], version: [2, 'int64']},
} as const satisfies Declaration;

export const ModelProto = {
  message: 'ModelProto',
  fields: {
    irVersion: [1, 'int64'],
    producerName: [2, 'string'],
    producerVersion: [3, 'string'],
    graph: [7, () => GraphProto],
    opsetImport: [8, () => OperatorSetIdProto, 'repeated'],
  },
} as const satisfies Declaration;
