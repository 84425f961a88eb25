import {LIMITS, type Limits} from '../limits';
import {PickleArray} from '../pickle/array';
import {plain} from '../pickle/plain';
import {readPickle} from '../pickle/read';
import type {PickleValue} from '../pickle/value';
import {storedLists} from './json';
import {type NeupyFile, networkOf, neupyFile, type StoredArray} from './network';

/** What neupy's pickles name: initializers (`neupy.init`) and activations, which are TensorFlow's functions. */
export const NEUPY_CLASSES = ['neupy.*', 'tensorflow.*'] as const;

/**
 * Opens what neupy's `save_pickle` wrote (neupy 0.8.2, storage.py; either protocol): format `neupy-pickle`, arrays
 * called `<layer name>/<parameter>`.
 *
 * @throws CarryoverError E_FORMAT when it is damaged, no such dictionary, or names what neupy's pickles do not
 */
export function openNeupyPickle(
  bytes: Uint8Array,
  where = 'neupy pickle',
  limits: Limits = LIMITS,
): NeupyFile {
  return neupyFromPickle(readPickle(bytes, {where, classes: NEUPY_CLASSES, limits}), where, limits);
}

/** Whether a pickle's value is laid out as neupy's dictionaries are: a list `layers` of dictionaries with `parameters`. */
export function isNeupyPickle(value: PickleValue): boolean {
  const layers = value instanceof Map ? (value as Map<PickleValue, PickleValue>).get('layers') : undefined;
  return Array.isArray(layers) && layers.some(layer => layer instanceof Map && layer.has('parameters'));
}

/**
 * The network of the dictionary that neupy's `save_dict` makes, as a pickle has it.
 * @throws CarryoverError E_FORMAT when it is no such dictionary
 */
export function neupyFromPickle(value: PickleValue, where: string, limits: Limits): NeupyFile {
  const data = members(value, (key, item) =>
    key === 'layers' && Array.isArray(item) ? (item as readonly PickleValue[]).map(layer) : plain(item),
  );
  return neupyFile(networkOf(data, where, storedValue, limits), 'neupy-pickle');
}

function layer(value: PickleValue): unknown {
  return members(value, (key, item) => (key === 'parameters' ? plain(item, array => array) : plain(item)));
}

function members(value: PickleValue, read: (key: PickleValue, item: PickleValue) => unknown): unknown {
  if (!(value instanceof Map)) return plain(value);
  const entries = [...(value as Map<PickleValue, PickleValue>)];
  return Object.fromEntries(entries.map(([key, item]) => [String(key), read(key, item)]));
}

function storedValue(value: unknown, where: string): StoredArray {
  return value instanceof PickleArray ? value : storedLists(value, where);
}
