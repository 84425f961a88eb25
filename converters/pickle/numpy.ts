import type {CarryoverError} from '../../src/errors';
import {NUMPY_DIMENSIONS} from '../limits';
import {elementType} from '../npy/header';
import {elementCount, showShape} from '../shape';
import {PickleArray, PickleDtype} from './array';
import {isTuple, kindOf, type PickleValue, quoted} from './value';

/**
 * Gives an array its contents.
 * @param fail makes the error of the present instruction
 */
function fill(
  array: PickleArray,
  dtype: PickleValue | undefined,
  shape: PickleValue | undefined,
  fortran: boolean,
  data: PickleValue | undefined,
  fail: (what: string) => CarryoverError,
): void {
  if (!(dtype instanceof PickleDtype)) throw fail(`an array whose element type is ${kindOf(dtype)}`);
  const type = elementType(dtype.descr, array.where);
  if (!isTuple(shape) || shape.length > NUMPY_DIMENSIONS || !shape.every(size => typeof size === 'number')) {
    throw fail(`an array whose shape is ${kindOf(shape)}; expected a tuple of integers`);
  }
  if (typeof data !== 'string' && !(data instanceof Uint8Array)) {
    throw fail(`an array whose values are ${kindOf(data)}; expected bytes`);
  }
  const sizes = shape as readonly number[];
  const count = elementCount(sizes);
  if (Number.isNaN(count) || count * type.size !== data.length) {
    throw fail(`an array of ${type.dtype} ${showShape(sizes)} in ${data.length} bytes`);
  }
  // A `S0` or `U0` element takes no bytes, so the file's size does not bound their number.
  if (type.size === 0 && count > 1) throw fail(`${count} strings of no length`);
  array.store({type, shape: sizes, fortran, count, data});
}

/** `numpy.dtype(code, align, copy)`. */
export function makeDtype(args: readonly PickleValue[], fail: (what: string) => CarryoverError): PickleDtype {
  const code = args[0];
  if (typeof code !== 'string' || !/^[a-zA-Z]\d{0,9}$/.test(code)) {
    const shown = typeof code === 'string' ? quoted(code) : kindOf(code);
    throw fail(`the element type ${shown}; expected a code such as 'f4'`);
  }
  return new PickleDtype(code);
}

/** The state of a dtype: `(version, byte order, subarray, names, fields, size, alignment, flags)`. */
export function setDtype(
  dtype: PickleDtype,
  state: PickleValue,
  fail: (what: string) => CarryoverError,
): void {
  const order = isTuple(state) ? state[1] : undefined;
  if (typeof order !== 'string' || !/^[<>|=]$/.test(order)) {
    throw fail("the state of an element type without a byte order; expected '<', '>', '|' or '='");
  }
  const [, , subarray, names, fields] = state as readonly PickleValue[];
  if (subarray != null || names != null || fields != null) {
    throw fail('a structured element type (fields); expected a plain one');
  }
  dtype.order = order;
}

/** The state of an array: `(version, shape, dtype, Fortran order, bytes)`. */
export function setArray(
  array: PickleArray,
  state: PickleValue,
  fail: (what: string) => CarryoverError,
): void {
  if (!isTuple(state) || state.length !== 5) throw fail(`${kindOf(state)} as the state of an array`);
  const [, shape, dtype, fortran, data] = state;
  fill(array, dtype, shape, fortran === true || fortran === 1, data, fail);
}

/** `numpy.core.numeric._frombuffer(bytes, dtype, shape, order)`: protocol 5. */
export function fromBuffer(
  args: readonly PickleValue[],
  where: string,
  fail: (what: string) => CarryoverError,
): PickleArray {
  const [data, dtype, shape, order] = args;
  if (order !== 'C' && order !== 'F') throw fail("an array without an order; expected 'C' or 'F'");
  const array = new PickleArray(where);
  fill(array, dtype, shape, order === 'F', data, fail);
  return array;
}

/** `numpy.core.multiarray.scalar(dtype, bytes)`. */
export function makeScalar(
  args: readonly PickleValue[],
  where: string,
  fail: (what: string) => CarryoverError,
): PickleArray {
  const array = new PickleArray(where);
  fill(array, args[0], Object.freeze([]), false, args[1], fail);
  return array;
}
