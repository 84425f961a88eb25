import type {NdArray} from '../../../converters/arrays';
import {DataType} from '../../../converters/protobuf/tensorflow/tensor';
import {type Attributes, typeOf} from '../small-graphs';

/** One operation over constants, to be run by TensorFlow.js and by TensorFlow. */
export interface OperationCase {
  readonly op: string;
  /** What is tried, after the operation's name. */
  readonly title: string;
  readonly inputs: readonly NdArray[];
  readonly attributes: Attributes;
  /** How many outputs are compared. */
  readonly outputs: number;
  /** Which outputs are compared, where TensorFlow leaves others as memory was. */
  readonly only?: readonly number[];
  /** What the refusal says, of a case that TensorFlow.js does not run as TensorFlow does. */
  readonly refused?: RegExp;
  /** What TensorFlow gives, where it has the operation on graphics processors alone: the outputs, one after another. */
  readonly expected?: readonly (readonly number[])[];
  /** 1e-6 unless told. */
  readonly tolerance?: number;
}

type Others = Partial<
  Pick<OperationCase, 'outputs' | 'only' | 'refused' | 'tolerance' | 'title' | 'expected'>
>;

/** A case; `T` is the type of the first input unless it is told. */
export function one(
  op: string,
  inputs: readonly NdArray[],
  attributes: Attributes & {readonly T?: Attributes[string]} = {},
  others: Others = {},
): OperationCase {
  const T = inputs[0] && {T: {type: typeOf(inputs[0].dtype)}};
  const title = `${inputs.map(({dtype, shape}) => `${dtype}[${shape}]`).join(' ')} ${told(attributes)}`;
  return {op, title, inputs, attributes: {...T, ...attributes}, outputs: 1, ...others};
}

/** A case of an operation without an attribute `T`. */
export function bare(
  op: string,
  inputs: readonly NdArray[],
  attributes: Attributes = {},
  others: Others = {},
): OperationCase {
  const {T: _, ...rest} = one(op, inputs, attributes, others).attributes;
  return {...one(op, inputs, attributes, others), attributes: {...rest, ...attributes}};
}

const told = (attributes: Attributes): string =>
  JSON.stringify(attributes, (_, value) =>
    value instanceof Uint8Array ? String.fromCharCode(...value) : value,
  );

/** Numbers that differ, between -2 and 2. */
const spread = (size: number, seed: number): number[] =>
  Array.from({length: size}, (_, k) => 2 * Math.sin(1.7 * k + seed));

const sizeOf = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);

/** Floating-point numbers: these, or some. */
export function f(shape: number[], values: readonly number[] | number = 1): NdArray {
  const all = typeof values === 'number' ? spread(sizeOf(shape), values) : values;
  return {dtype: 'float32', shape, values: Float32Array.from(all)};
}

export const i32 = (shape: number[], values: readonly number[]): NdArray => ({
  dtype: 'int32',
  shape,
  values: Int32Array.from(values),
});

export const i64 = (shape: number[], values: readonly number[]): NdArray => ({
  dtype: 'int64',
  shape,
  values: BigInt64Array.from(values.map(BigInt)),
});

export const bools = (shape: number[], values: readonly number[]): NdArray => ({
  dtype: 'bool',
  shape,
  values: Uint8Array.from(values),
});

export const int = (i: number) => ({i});
export const float = (number: number) => ({f: number});
export const bool = (b: boolean) => ({b});
export const text = (value: string) => ({s: new TextEncoder().encode(value)});
const list = (member: {i?: number[]; f?: number[]; type?: number[]}) => ({
  list: {s: [], i: [], f: [], b: [], type: [], shape: [], tensor: [], func: [], ...member},
});
export const ints = (...i: number[]) => list({i});
export const floats = (...values: number[]) => list({f: values});
export const types = (...type: number[]) => list({type});
export const FLOAT = {type: DataType.DT_FLOAT};
export const INT = {type: DataType.DT_INT32};
export const INT64 = {type: DataType.DT_INT64};
export const BOOL = {type: DataType.DT_BOOL};
