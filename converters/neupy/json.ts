import type {NdArray} from '../arrays';
import {badFormat} from '../format-error';
import {parsePythonJson} from '../json/python';
import {LIMITS, type Limits, NUMPY_DIMENSIONS} from '../limits';
import {elementCount, showShape} from '../shape';
import {type NeupyFile, networkOf, neupyFile, type StoredArray} from './network';

/**
 * Opens what neupy's `save_json` wrote (neupy 0.8.2, storage.py): format `neupy-json`, arrays called
 * `<layer name>/<parameter>`, float32 as neupy's `asfloat` makes them.
 *
 * @param text the file as text, or its bytes in UTF-8
 * @throws CarryoverError E_FORMAT when it is no JSON or no such dictionary
 */
export function openNeupyJson(
  text: string | Uint8Array,
  where = 'neupy JSON',
  limits: Limits = LIMITS,
): NeupyFile {
  const source = typeof text === 'string' ? text : new TextDecoder().decode(text);
  return neupyFromJson(parsePythonJson(source, where), where, limits);
}

/** The network of such a file once it is parsed. */
export function neupyFromJson(data: unknown, where: string, limits: Limits): NeupyFile {
  return neupyFile(networkOf(data, where, storedLists, limits), 'neupy-json');
}

/** Nested lists as an array. They are decoded at once, so that they need not be kept beside it. */
export function storedLists(value: unknown, where: string): StoredArray {
  const {dtype, shape, values} = nestedLists(value, where);
  return {dtype, shape, read: () => ({dtype, shape, values: values.slice()}) as NdArray};
}

/** NumPy's `tolist()` turned back: lists of one length at each level, numbers at the last. */
function nestedLists(value: unknown, where: string): NdArray & {values: Float32Array} {
  const shape: number[] = [];
  for (let inner = value; Array.isArray(inner); inner = inner[0]) {
    shape.push(inner.length);
    if (shape.length > NUMPY_DIMENSIONS)
      throw badFormat(where, `lists nested more than ${NUMPY_DIMENSIONS} deep`);
  }
  const uneven = () =>
    badFormat(where, `lists that are no array of shape ${showShape(shape)}: uneven, or not numbers`);
  const count = elementCount(shape);
  const leaves = countLeaves(value, shape.length);
  if (count !== leaves) throw uneven();
  const values = new Float32Array(count);
  let at = 0;
  function fill(part: unknown, axis: number): void {
    if (axis === shape.length) {
      if (typeof part !== 'number') throw uneven();
      values[at++] = part;
      return;
    }
    if (!Array.isArray(part) || part.length !== shape[axis]) throw uneven();
    for (const item of part) fill(item, axis + 1);
  }
  fill(value, 0);
  return {dtype: 'float32', shape, values};
}

/** How many values lie at a depth: the first lists' lengths alone may promise far more than there is. */
function countLeaves(value: unknown, depth: number): number {
  if (depth === 0) return 1;
  if (!Array.isArray(value)) return 0;
  if (depth === 1) return value.length;
  return value.reduce((sum: number, item) => sum + countLeaves(item, depth - 1), 0);
}
