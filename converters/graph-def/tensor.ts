import type {DType, NdArray} from '../arrays';
import {badFormat, unsupported} from '../format-error';
import {beyond, LIMITS, type Limits} from '../limits';
import {ITEM_SIZE, valuesFromBytes} from '../numbers';
import {dtypeOf, showCode} from '../protobuf/tensorflow/dtypes';
import {knownShape} from '../protobuf/tensorflow/shape';
import type {TensorProto} from '../protobuf/tensorflow/tensor';
import {readNumbers, readTexts, storedCount} from '../protobuf/tensorflow/values';
import {elementCount, showShape} from '../shape';

/*
 * A tensor in a graph. Unlike in a checkpoint its values may be cut short: the last one that is there stands for all
 * that follow, and none at all for zeros.
 */

/** A string in memory, counted generously. */
const STRING_SIZE = 2 ** 11;

export interface TensorHead {
  /** Undefined for types that Carryover does not read. */
  readonly dtype: DType | undefined;
  readonly shape: readonly number[];
}

/** Type and shape. */
export function tensorHead({dtype, tensorShape}: TensorProto, where: string): TensorHead {
  const shape = knownShape(tensorShape, where);
  if (Number.isNaN(elementCount(shape))) throw badFormat(where, `an impossible shape ${showShape(shape)}`);
  return {dtype: dtypeOf(dtype), shape};
}

/**
 * @throws CarryoverError E_FORMAT where its values do not fit its shape, E_UNSUPPORTED for types that are not read, E_LIMIT
 */
export function readTensor(tensor: TensorProto, where: string, limits: Limits = LIMITS): NdArray {
  const {dtype, shape} = tensorHead(tensor, where);
  if (dtype === undefined)
    throw unsupported(where, `values of ${showCode(tensor.dtype)}, which are not read`);
  const count = elementCount(shape);
  const stored = storedCount(tensor, dtype);
  if (stored > count) throw badFormat(where, `${stored} values, more than a shape ${showShape(shape)} takes`);
  const item = dtype === 'string' ? STRING_SIZE : ITEM_SIZE[dtype];
  if (stored < count && count * item > limits.graphFillBytes) {
    const what = `${stored} values to fill a shape ${showShape(shape)}, ${count * item} bytes`;
    throw beyond(where, 'graphFillBytes', what, limits);
  }
  if (dtype === 'string') {
    const texts = readTexts(tensor, stored, where);
    return {dtype, shape, values: [...texts, ...new Array<string>(count - stored).fill(texts.at(-1) ?? '')]};
  }
  const given = readNumbers(tensor, dtype, stored, where);
  if (stored === count) return {shape, ...valuesFromBytes(given, dtype)};
  const out = new Uint8Array(count * item);
  out.set(given);
  if (stored > 0) {
    const last = given.subarray(given.length - item);
    for (let at = given.length; at < out.length; at += item) out.set(last, at);
  }
  return {shape, ...valuesFromBytes(out, dtype)};
}
