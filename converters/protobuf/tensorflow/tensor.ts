import type {Declaration, MessageOf} from '../declare';

/* Source: tensorflow/core/framework/{types,tensor_shape,tensor,versions}.proto. */

export const DataType = {
  DT_INVALID: 0,
  DT_FLOAT: 1,
  DT_DOUBLE: 2,
  DT_INT32: 3,
  DT_UINT8: 4,
  DT_INT16: 5,
  DT_INT8: 6,
  DT_STRING: 7,
  DT_COMPLEX64: 8,
  DT_INT64: 9,
  DT_BOOL: 10,
  DT_QINT8: 11,
  DT_QUINT8: 12,
  DT_QINT32: 13,
  DT_BFLOAT16: 14,
  DT_QINT16: 15,
  DT_QUINT16: 16,
  DT_UINT16: 17,
  DT_COMPLEX128: 18,
  DT_HALF: 19,
  DT_RESOURCE: 20,
  DT_VARIANT: 21,
  DT_UINT32: 22,
  DT_UINT64: 23,
} as const;

const Dim = {
  message: 'TensorShapeProto.Dim',
  fields: {size: [1, 'int64'], name: [2, 'string']},
} as const satisfies Declaration;

/** A size of −1 is not known. */
export const TensorShapeProto = {
  message: 'TensorShapeProto',
  fields: {dim: [2, () => Dim, 'repeated'], unknownRank: [3, 'bool']},
} as const satisfies Declaration;
export type TensorShapeProto = MessageOf<typeof TensorShapeProto>;

/** Values lie in `tensorContent` as in memory, or in the field of their kind. */
export const TensorProto = {
  message: 'TensorProto',
  fields: {
    dtype: [1, DataType],
    tensorShape: [2, () => TensorShapeProto],
    versionNumber: [3, 'int32'],
    tensorContent: [4, 'bytes'],
    floatVal: [5, 'float', 'packed'],
    doubleVal: [6, 'double', 'packed'],
    intVal: [7, 'int32', 'packed'],
    stringVal: [8, 'bytes', 'repeated'],
    int64Val: [10, 'int64', 'packed'],
    boolVal: [11, 'bool', 'packed'],
    halfVal: [13, 'int32', 'packed'],
    uint32Val: [16, 'uint32', 'packed'],
    uint64Val: [17, 'uint64', 'packed'],
  },
} as const satisfies Declaration;
export type TensorProto = MessageOf<typeof TensorProto>;

export const VersionDef = {
  message: 'VersionDef',
  fields: {producer: [1, 'int32'], minConsumer: [2, 'int32'], badConsumers: [3, 'int32', 'repeated']},
} as const satisfies Declaration;
export type VersionDef = MessageOf<typeof VersionDef>;
