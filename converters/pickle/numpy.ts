import type {CarryoverError} from '../../src/errors';
import type {DType, NdArray} from '../arrays';
import {badFormat} from '../format-error';
import {NUMPY_DIMENSIONS} from '../limits';
import {type Elements, elementType} from '../npy/header';
import {decodeElements} from '../npy/read';
import {elementCount, showShape} from '../shape';
import {latin1Bytes} from './text';
import {isTuple, kindOf, type PickleValue, quoted} from './value';

/** A `numpy.dtype`: its code (`f8`, `U5`) and, once its state is known, its byte order. */
export class PickleDtype {
  /** Kind and bytes of an element: `f4`, `i8`, ... */
  readonly code: string;
  /** Byte order: `<`, `>`, `=` (the machine's) or `|` (none). */
  order = '|';

  constructor(code: string) {
    this.code = code;
  }

  /** As `numpy.dtype.str` says it. */
  get descr(): string {
    return this.order + this.code;
  }
}

interface Stored extends Elements {
  /** Python 2 keeps the bytes as text, one character each. */
  readonly data: Uint8Array | string;
}

/** A NumPy array or scalar (of shape []) in a pickle. Its values are decoded when read; nothing is cached. */
export class PickleArray {
  private readonly where: string;
  private stored: Stored = {
    type: elementType('|i1', ''),
    shape: [0],
    fortran: false,
    count: 0,
    data: new Uint8Array(0),
  };

  constructor(where: string) {
    this.where = where;
  }

  /** Type of the elements. */
  get dtype(): DType {
    return this.stored.type.dtype;
  }

  /** Size of each axis; [] for a scalar. */
  get shape(): readonly number[] {
    return this.stored.shape;
  }

  /** How many bytes the values take in the file. */
  get size(): number {
    return this.stored.data.length;
  }

  /** The values in C order; float16 as float32. */
  read(): NdArray {
    const {data} = this.stored;
    const bytes = typeof data === 'string' ? latin1Bytes(data) : new Uint8Array(data);
    if (bytes === undefined)
      throw badFormat(this.where, 'characters beyond U+00FF among the values of an array');
    return decodeElements(bytes, this.stored);
  }

  /**
   * Gives the array its contents.
   * @param fail makes the error of the present instruction
   */
  fill(
    dtype: PickleValue | undefined,
    shape: PickleValue | undefined,
    fortran: boolean,
    data: PickleValue | undefined,
    fail: (what: string) => CarryoverError,
  ): void {
    if (!(dtype instanceof PickleDtype)) throw fail(`an array whose element type is ${kindOf(dtype)}`);
    const type = elementType(dtype.descr, this.where);
    if (
      !isTuple(shape) ||
      shape.length > NUMPY_DIMENSIONS ||
      !shape.every(size => typeof size === 'number')
    ) {
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
    this.stored = {type, shape: sizes, fortran, count, data};
  }
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
  array.fill(dtype, shape, fortran === true || fortran === 1, data, fail);
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
  array.fill(dtype, shape, order === 'F', data, fail);
  return array;
}

/** `numpy.core.multiarray.scalar(dtype, bytes)`. */
export function makeScalar(
  args: readonly PickleValue[],
  where: string,
  fail: (what: string) => CarryoverError,
): PickleArray {
  const array = new PickleArray(where);
  array.fill(args[0], Object.freeze([]), false, args[1], fail);
  return array;
}
