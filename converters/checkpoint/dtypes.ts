import type {DType} from '../arrays';

/**
 * TensorFlow's `DataType` (core/framework/types.proto). Quantized types are their integers.
 * What is not here (8 and 18 complex, 20 resource, 21 variant, 24 and up) is not read.
 */
const BY_CODE: Readonly<Record<number, DType>> = {
  1: 'float32',
  2: 'float64',
  3: 'int32',
  4: 'uint8',
  5: 'int16',
  6: 'int8',
  7: 'string',
  9: 'int64',
  10: 'bool',
  11: 'int8',
  12: 'uint8',
  13: 'int32',
  14: 'bfloat16',
  15: 'int16',
  16: 'uint16',
  17: 'uint16',
  19: 'float16',
  22: 'uint32',
  23: 'uint64',
};

const CODES: Readonly<Record<DType, number>> = {
  float32: 1,
  float64: 2,
  int32: 3,
  uint8: 4,
  int16: 5,
  int8: 6,
  string: 7,
  int64: 9,
  bool: 10,
  bfloat16: 14,
  uint16: 17,
  float16: 19,
  uint32: 22,
  uint64: 23,
};

const OTHERS: Readonly<Record<number, string>> = {
  0: 'none',
  8: 'complex64',
  18: 'complex128',
  20: 'resource',
  21: 'variant',
};

/** Undefined for types that Carryover does not read. */
export function dtypeOf(code: number): DType | undefined {
  return BY_CODE[code];
}

export function dtypeCode(dtype: DType): number {
  return CODES[dtype];
}

/** For messages. */
export function showCode(code: number): string {
  return `TensorFlow's type ${code}${OTHERS[code] ? ` (${OTHERS[code]})` : ''}`;
}
