import type {DType, NdArray} from '../arrays';
import {dtypeOf, showCode} from '../checkpoint/dtypes';
import {readNumbers, readTexts, storedCount} from '../checkpoint/tensor-proto';
import {badFormat} from '../format-error';
import {ITEM_SIZE, valuesFromBytes} from '../numbers';
import {elementCount, showShape} from '../shape';
import {bytes, readMessage, varint} from './message';
import {readPartialShape} from './shape';

/*
 * A `TensorProto` in a graph (core/framework/tensor.proto). Unlike in a checkpoint its values may be cut short: the last
 * one that is there stands for all that follow, and none at all for zeros.
 */

/** A tensor that is filled from one value may take this many bytes: far more than a model's own, far less than memory. */
const FILL_LIMIT = 2 ** 31;

export interface TensorHead {
  /** Undefined for types that Carryover does not read. */
  readonly dtype: DType | undefined;
  /** TensorFlow's `DataType`. */
  readonly type: number;
  readonly shape: readonly number[];
}

/** Type and shape. */
export function tensorHead(tensor: Uint8Array, where: string): TensorHead {
  const out = {type: 0, shape: [] as number[]};
  readMessage(tensor, where, {
    1: varint(value => {
      out.type = value;
    }),
    2: bytes(value => {
      const shape = readPartialShape(value, where);
      if (shape === null || shape.includes(null)) throw badFormat(where, 'a tensor of unknown shape');
      out.shape = shape as number[];
    }),
  });
  if (Number.isNaN(elementCount(out.shape))) {
    throw badFormat(where, `an impossible shape ${showShape(out.shape)}`);
  }
  return {...out, dtype: dtypeOf(out.type)};
}

/**
 * @throws CarryoverError E_FORMAT where its values do not fit its shape, or their type is not read
 */
export function readTensor(tensor: Uint8Array, where: string): NdArray {
  const {dtype, type, shape} = tensorHead(tensor, where);
  if (dtype === undefined) throw badFormat(where, `values of ${showCode(type)}, which are not read`);
  const count = elementCount(shape);
  const stored = storedCount(tensor, dtype, where);
  if (stored > count) throw badFormat(where, `${stored} values, more than a shape ${showShape(shape)} takes`);
  if (dtype === 'string') {
    const texts = readTexts(tensor, stored, where);
    if (count - stored > tensor.length) throw badFormat(where, `${stored} strings, expected ${count}`);
    const last = texts.at(-1) ?? '';
    return {dtype, shape, values: [...texts, ...new Array<string>(count - stored).fill(last)]};
  }
  const item = ITEM_SIZE[dtype];
  if (stored < count && count * item > FILL_LIMIT) {
    throw badFormat(
      where,
      `${stored} values to fill a shape ${showShape(shape)}, more than ${FILL_LIMIT} bytes`,
    );
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
