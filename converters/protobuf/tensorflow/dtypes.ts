import type {DType} from '../../arrays';
import {DataType} from './tensor';

/** Quantized types are read as their integers. Types that are not here are not read. */
const READ: Readonly<Partial<Record<keyof typeof DataType, DType>>> = {
  DT_FLOAT: 'float32',
  DT_DOUBLE: 'float64',
  DT_INT32: 'int32',
  DT_UINT8: 'uint8',
  DT_INT16: 'int16',
  DT_INT8: 'int8',
  DT_STRING: 'string',
  DT_INT64: 'int64',
  DT_BOOL: 'bool',
  DT_BFLOAT16: 'bfloat16',
  DT_UINT16: 'uint16',
  DT_HALF: 'float16',
  DT_UINT32: 'uint32',
  DT_UINT64: 'uint64',
  DT_QINT8: 'int8',
  DT_QUINT8: 'uint8',
  DT_QINT32: 'int32',
  DT_QINT16: 'int16',
  DT_QUINT16: 'uint16',
};

const NAMES = new Map<number, keyof typeof DataType>(
  Object.entries(DataType).map(([name, code]) => [code, name as keyof typeof DataType]),
);

/** Undefined for types that Carryover does not read. */
export function dtypeOf(code: number): DType | undefined {
  const name = NAMES.get(code);
  return name && READ[name];
}

/** The type as which values are written: never a quantized one. */
export function dtypeCode(dtype: DType): number {
  const [name] = Object.entries(READ).find(([, read]) => read === dtype)!;
  return DataType[name as keyof typeof DataType];
}

/** For messages. */
export function showCode(code: number): string {
  const name = NAMES.get(code);
  return `TensorFlow's type ${code}${name ? ` (${name.slice('DT_'.length).toLowerCase()})` : ''}`;
}
