import type {DType, Values} from './arrays';

type NumberDType = Exclude<DType, 'string'>;

/** Bytes per element as stored. */
export const ITEM_SIZE: Readonly<Record<NumberDType, number>> = {
  bool: 1,
  int8: 1,
  uint8: 1,
  int16: 2,
  uint16: 2,
  int32: 4,
  uint32: 4,
  int64: 8,
  uint64: 8,
  float16: 2,
  bfloat16: 2,
  float32: 4,
  float64: 8,
};

/** What values are stored as, 16-bit floats as their bits. */
export const VIEWS = {
  bool: Uint8Array,
  int8: Int8Array,
  uint8: Uint8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int64: BigInt64Array,
  uint64: BigUint64Array,
  float16: Uint16Array,
  bfloat16: Uint16Array,
  float32: Float32Array,
  float64: Float64Array,
} as const;

/** The value of an IEEE 754 binary16 bit pattern. */
export function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** The bits of the nearest IEEE 754 binary16, ties to even. */
export function numberToHalf(value: number): number {
  const sign = Object.is(value, -0) || value < 0 ? 0x8000 : 0;
  const size = Math.abs(value);
  if (Number.isNaN(size)) return 0x7e00;
  // Half a step above the largest, 65504, is rounded up to infinity.
  if (size >= 65520) return sign | 0x7c00;
  // Below 2^-14 the steps stay as they are in the binade above, 2^-24.
  const exponent = Math.max(-14, Math.floor(Math.log2(size)));
  const steps = roundToEven(size / 2 ** (exponent - 10));
  // The leading 1, of 1024 steps, and a step beyond the binade carry into the exponent as they should.
  return sign | (((exponent + 14) << 10) + steps);
}

function roundToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}

/** Reverses the bytes of every element in place. */
export function swapBytes(bytes: Uint8Array, itemSize: number): void {
  for (let start = 0; start < bytes.length; start += itemSize) {
    bytes.subarray(start, start + itemSize).reverse();
  }
}

/**
 * Values from little-endian bytes that the caller gives away: they become the array's own memory.
 * float16 and bfloat16 come out as float32, and the dtype that is returned says so.
 */
export function valuesFromBytes(
  owned: Uint8Array<ArrayBuffer>,
  dtype: NumberDType,
): {dtype: DType; values: Values} {
  const View = VIEWS[dtype];
  // Copied by hand: `slice` of Node's Buffer is a view and would stay unaligned.
  const aligned = owned.byteOffset % View.BYTES_PER_ELEMENT === 0 ? owned : new Uint8Array(owned);
  const values = new View(aligned.buffer, aligned.byteOffset, aligned.byteLength / View.BYTES_PER_ELEMENT);
  if (dtype !== 'float16' && dtype !== 'bfloat16') return {dtype, values};
  const bits = values as Uint16Array;
  const wide = new Float32Array(bits.length);
  if (dtype === 'float16') {
    for (let i = 0; i < bits.length; i++) wide[i] = halfToNumber(bits[i]!);
  } else {
    const pattern = new Uint32Array(wide.buffer);
    for (let i = 0; i < bits.length; i++) pattern[i] = bits[i]! << 16;
  }
  return {dtype: 'float32', values: wide};
}
