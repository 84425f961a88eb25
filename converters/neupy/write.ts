import {CarryoverError} from '../../src/errors';
import type {NdArray} from '../arrays';
import {nestedList, pythonJson} from '../json/write';
import {type Picklable, type PickleWriteOptions, writePickle} from '../pickle/write';
import type {NeupyLayer, NeupyNetwork} from './network';

/**
 * The dictionary of neupy's `save_dict`, for `writePickle`; neupy's `load_dict` reads `layers` alone.
 * @throws CarryoverError E_USAGE for parameters that are no numbers
 */
export function neupyDictionary({metadata, graph, layers}: NeupyNetwork): Map<Picklable, Picklable> {
  return new Map<Picklable, Picklable>([
    ['metadata', picklable(metadata)],
    ['graph', graph.map(([name, next]): Picklable => Object.freeze([name, [...next]]))],
    ['layers', layers.map(dictionaryOf)],
  ]);
}

/**
 * Writes what neupy's `load_pickle` reads. Functions and initializers among the configs stay text.
 * @throws CarryoverError E_USAGE for parameters that are no numbers
 */
export function writeNeupyPickle(
  network: NeupyNetwork,
  options?: PickleWriteOptions,
): Uint8Array<ArrayBuffer> {
  return writePickle(neupyDictionary(network), options);
}

/**
 * Writes what neupy's `load_json` reads. Every float32 and float64 comes back as it was, NaN and infinities too.
 * @throws CarryoverError E_USAGE for parameters that are no numbers
 */
export function writeNeupyJson({metadata, graph, layers}: NeupyNetwork): string {
  const written = layers.map(({class_name, name, configs, parameters}) => {
    const values = [...parameters].map(([key, {value, trainable}]) => {
      const array = numbers(value.read(), `${name}/${key}`);
      const list = nestedList(array.values as Float32Array, array.shape);
      return `${JSON.stringify(key)}: {"value": ${list}, "trainable": ${trainable}}`;
    });
    const names = `"class_name": ${JSON.stringify(class_name)}, "name": ${JSON.stringify(name)}`;
    return `{${names}, "parameters": {${values.join(', ')}}, "configs": ${pythonJson(configs)}}`;
  });
  const head = `"metadata": ${pythonJson(metadata)}, "graph": ${pythonJson(graph)}`;
  return `{${head}, "layers": [${written.join(', ')}]}`;
}

/** neupy loads parameters into float variables. */
export function numbers(array: NdArray, where: string): NdArray {
  if (array.dtype !== 'string') return array;
  throw new CarryoverError('E_USAGE', `neupy: ${where} holds strings; expected numbers`);
}

function dictionaryOf({class_name, name, configs, parameters}: NeupyLayer): Picklable {
  const values = [...parameters].map(([key, {value, trainable}]): [Picklable, Picklable] => [
    key,
    new Map<Picklable, Picklable>([
      ['value', numbers(value.read(), `${name}/${key}`)],
      ['trainable', trainable],
    ]),
  ]);
  return new Map<Picklable, Picklable>([
    ['class_name', class_name],
    ['name', name],
    ['parameters', new Map(values)],
    ['configs', picklable(configs)],
  ]);
}

/** Plain data as a pickle's: objects as dictionaries. */
function picklable(value: unknown): Picklable {
  if (Array.isArray(value)) return value.map(picklable);
  if (typeof value === 'object' && value !== null) {
    return new Map(
      Object.entries(value).map(([key, item]): [Picklable, Picklable] => [key, picklable(item)]),
    );
  }
  const simple = ['string', 'number', 'boolean', 'bigint'].includes(typeof value);
  return simple ? (value as Picklable) : null;
}
