import * as tf from '@tensorflow/tfjs-core';
import type {NamedArray, NdArray, WeightGroup} from '../../converters/arrays';
import {CarryoverError} from '../errors';
import {assignAsIs} from '../layers/constraints';
import type {LayerRecord} from './architecture';
import type {BuiltModel} from './build';
import type {BuiltLayer} from './plain/types';

export interface AssignOptions {
  /** Take the groups whose names are those of layers and leave the other layers as they are. */
  readonly byName?: boolean;
  /** Recipes may take an array from another file. */
  readonly readFile?: (name: string) => NdArray;
  /** The weight file, for messages. */
  readonly where: string;
}

type Part = BuiltModel['layers'][number];

/**
 * Gives every layer its arrays, read one layer at a time.
 *
 * By group: names where all of the model's are in the file, else by order, as Keras does. By recipe:
 * each role's array by its name.
 * @throws CarryoverError `E_WEIGHTS` where arrays are missing, left over, or of another shape
 */
export function assignWeights(
  model: BuiltModel,
  groups: readonly WeightGroup[],
  options: AssignOptions,
): void {
  const byRecipe = model.layers.filter(({record}) => hasVariables(record));
  const byGroup = model.layers.filter(({record}) => !hasVariables(record));
  const taken = assignVariables(byRecipe, groups, options);
  assignGroups(byGroup, groups, taken, options);
}

function hasVariables(record: LayerRecord): boolean {
  return record.variables !== undefined && Object.keys(record.variables).length > 0;
}

function assignVariables(
  parts: readonly Part[],
  groups: readonly WeightGroup[],
  options: AssignOptions,
): Set<string> {
  const taken = new Set<string>();
  const byName = new Map(groups.flatMap(group => group.arrays.map(array => [array.name, array] as const)));
  const fetch = (source: unknown, where: string): NdArray => {
    if (Array.isArray(source)) return concatenated(source.map(part => fetch(part, where)));
    if (typeof source === 'object' && source !== null && 'file' in source) {
      if (options.readFile) return options.readFile(String(source.file));
      throw new CarryoverError(
        'E_WEIGHTS',
        `${where}: array is in file '${String(source.file)}', which cannot be read here`,
      );
    }
    const array = byName.get(String(source));
    if (array) {
      taken.add(array.name);
      return array.read();
    }
    const some = [...byName.keys()].slice(0, 8).join(', ');
    throw new CarryoverError(
      'E_WEIGHTS',
      `${where}: no array '${String(source)}' in ${options.where}; it has ${some}, ...`,
    );
  };
  for (const {record, built} of parts) {
    const arrays = built.roles.map(role => {
      const source = record.variables![role];
      const where = `${record.where}: ${role}`;
      if (source !== undefined) return fetch(source, where);
      const known = Object.keys(record.variables!).join(', ');
      throw new CarryoverError(
        'E_WEIGHTS',
        `${where}: the recipe names no array for this role; it names ${known}`,
      );
    });
    setArrays(built, arrays, record.where, options.where);
  }
  return taken;
}

/** The layers that share a group, in the order of their arrays. */
interface ModelGroup {
  readonly name: string;
  readonly parts: readonly Part[];
  readonly size: number;
}

/** @param taken names of arrays that a recipe has given away already */
function assignGroups(
  parts: readonly Part[],
  groups: readonly WeightGroup[],
  taken: ReadonlySet<string>,
  options: AssignOptions,
): void {
  const wanted = modelGroups(parts);
  if (wanted.length === 0 && taken.size > 0) return;
  const given = groups
    .map(group => ({...group, arrays: group.arrays.filter(array => !taken.has(array.name))}))
    .filter(group => group.arrays.length > 0);
  const find = pairing(wanted, given, options);
  for (const group of wanted) {
    const source = find(group);
    if (source) assignGroup(group, source, options);
  }
}

function modelGroups(parts: readonly Part[]): ModelGroup[] {
  const byName = new Map<string, Part[]>();
  for (const part of parts) byName.set(part.record.group, [...(byName.get(part.record.group) ?? []), part]);
  return [...byName]
    .map(([name, own]) => ({
      name,
      parts: own,
      size: own.reduce((sum, {built}) => sum + built.roles.length, 0),
    }))
    .filter(group => group.size > 0);
}

function pairing(
  wanted: readonly ModelGroup[],
  given: readonly WeightGroup[],
  {byName, where}: AssignOptions,
): (group: ModelGroup) => WeightGroup | undefined {
  const names = new Map(given.map(group => [group.name, group]));
  if (byName) {
    if (wanted.some(group => names.has(group.name))) return group => names.get(group.name);
    throw new CarryoverError('E_WEIGHTS', `${where}: by name: no layer of the model is among ${list(given)}`);
  }
  if (wanted.length !== given.length) {
    throw new CarryoverError(
      'E_WEIGHTS',
      `${where}: arrays for ${given.length} layers (${list(given)}); the model has ${wanted.length} layers with weights (${list(wanted)})`,
    );
  }
  if (wanted.every(group => names.has(group.name))) return group => names.get(group.name);
  return group => given[wanted.indexOf(group)];
}

function list(groups: readonly {name: string}[]): string {
  const shown = groups.slice(0, 6).map(({name}) => name);
  return groups.length > shown.length ? `${shown.join(', ')}, ...` : shown.join(', ');
}

/**
 * Hands a group's arrays to the layers in it. Containers of Keras 1 and later list the trainable arrays of all
 * their layers before the others; those of 0.x go layer by layer.
 */
function assignGroup(group: ModelGroup, source: WeightGroup, options: AssignOptions): void {
  if (source.arrays.length !== group.size) {
    throw new CarryoverError(
      'E_WEIGHTS',
      `${options.where}: '${source.name}' has ${source.arrays.length} arrays; '${group.name}' needs ${group.size} ` +
        `(${group.parts.flatMap(({built}) => built.roles).join(', ')})`,
    );
  }
  const taken = new Map<Part, NamedArray[]>(group.parts.map(part => [part, []]));
  let next = 0;
  const take = (part: Part, count: number): void => {
    taken.get(part)!.push(...source.arrays.slice(next, next + count));
    next += count;
  };
  for (const part of group.parts) take(part, leading(part));
  for (const part of group.parts) take(part, part.built.roles.length - leading(part));
  for (const [{record, built}, arrays] of taken) {
    setArrays(
      built,
      arrays.map(array => array.read()),
      record.where,
      options.where,
    );
  }
}

function leading({record, built}: Part): number {
  return record.library === 'keras0'
    ? built.roles.length
    : Math.min(built.layer.trainableWeights.length, built.roles.length);
}

/** Sets a layer's weights from its library's arrays, after a look at every shape. */
function setArrays(built: BuiltLayer, arrays: readonly NdArray[], where: string, file: string): void {
  const plain = arrays.map(array => ({shape: array.shape, values: floats(array, where)}));
  const converted = built.importArrays ? built.importArrays(plain) : plain;
  const expected = built.layer.weights.map(weight => weight.shape);
  for (const [k, {shape}] of converted.entries()) {
    if (!tf.util.arraysEqual([...shape], (expected[k] ?? []) as number[])) {
      throw new CarryoverError(
        'E_WEIGHTS',
        `${file}: ${where}: ${built.roles[k]} has shape [${shape.join(', ')}]; expected [${expected[k]?.join(', ')}]`,
      );
    }
  }
  tf.tidy(() => {
    for (const [k, {shape, values}] of converted.entries()) {
      assignAsIs(built.layer.weights[k]!.read() as tf.Variable, tf.tensor(values, [...shape], 'float32'));
    }
  });
}

function floats({values, dtype}: NdArray, where: string): Float32Array {
  if (values instanceof Float32Array) return values;
  if (dtype === 'string')
    throw new CarryoverError('E_WEIGHTS', `${where}: found an array of strings; expected numbers`);
  return Float32Array.from(values as ArrayLike<number | bigint>, Number);
}

/** Arrays one below the other (a role that several arrays make up). */
function concatenated(arrays: readonly NdArray[]): NdArray {
  const [first] = arrays as [NdArray];
  const rows = arrays.reduce((sum, array) => sum + array.shape[0]!, 0);
  const values = Float32Array.from(arrays.flatMap(array => Array.from(array.values as ArrayLike<number>)));
  return {dtype: 'float32', shape: [rows, ...first.shape.slice(1)], values};
}
