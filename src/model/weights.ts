import * as tf from '@tensorflow/tfjs-core';
import type {NdArray, UnreadableArray, WeightFile} from '../../converters/arrays';
import {CarryoverError, locatedAt} from '../errors';
import {assignAsIs} from '../layers/constraints';
import type {BuiltLayer} from '../libraries/built';
import {toWeights} from '../libraries/stored-arrays';
import {didYouMean} from '../nearest';
import type {LayerRecord} from './architecture';
import type {BuiltModel} from './build';
import type {PairOptions, Part} from './group-pairs';
import {arraysByName, pairParts, remaining, type StoredArrays} from './pairing';

export interface AssignOptions extends PairOptions {
  /** Recipes may take an array from another file. */
  readonly readFile?: (name: string) => NdArray;
}

/**
 * Gives every layer its arrays, read one layer at a time.
 *
 * By group: names where all of the model's are in the file, else by order, as Keras does. By recipe:
 * each role's array by its name.
 * Arrays of the file that cannot be read bar it where they are damaged, or where arrays are taken by their order.
 * @returns why others of its arrays were not read
 * @throws CarryoverError `E_WEIGHTS` where arrays are missing, left over, unreadable, or of another shape
 */
export function assignWeights(
  model: BuiltModel,
  {groups, objects, unreadable = []}: StoredArrays & Pick<WeightFile, 'unreadable'>,
  options: AssignOptions,
): CarryoverError[] {
  const byRecipe = model.layers.filter(({record}) => hasVariables(record));
  const byGroup = model.layers.filter(({record}) => !hasVariables(record));
  const takesGroups = byGroup.some(({built}) => built.roles.length > 0);
  const [barred] = unreadable.filter(({reason}) => takesGroups || reason.code !== 'E_UNSUPPORTED');
  if (barred) throw notRead(barred, options.where);
  const taken = assignVariables(byRecipe, {groups, unreadable}, options);
  assignGroups(byGroup, {groups: remaining(groups, taken), objects}, taken, options);
  return unreadable.map(({reason}) => reason);
}

function notRead({name, reason}: UnreadableArray, where: string): CarryoverError {
  const message = `${where}: its array '${name}' cannot be read: ${reason.message}`;
  return new CarryoverError('E_WEIGHTS', message, {cause: reason}).with(reason);
}

/** Which layers `assignWeights` gives their arrays, where it does not fail: all, or those that are in the file by name. */
export function filledBy(
  {groups}: Pick<WeightFile, 'groups'>,
  {byName}: Pick<AssignOptions, 'byName'>,
): (record: LayerRecord) => boolean {
  const names = new Set(
    groups.map(({name, owner}) => (owner ? owner.path.length === 2 && owner.name : name)),
  );
  return record => !byName || hasVariables(record) || names.has(record.group);
}

/** Whether a recipe says which arrays are whose. */
export function hasVariables(record: LayerRecord): boolean {
  return record.variables !== undefined && Object.keys(record.variables).length > 0;
}

function assignVariables(
  parts: readonly Part[],
  {groups, unreadable = []}: Pick<WeightFile, 'groups' | 'unreadable'>,
  options: AssignOptions,
): Set<string> {
  const taken = new Set<string>();
  const byName = arraysByName(groups);
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
    const barred = unreadable.find(({name}) => name === source);
    if (barred) throw notRead(barred, options.where);
    const some = [...byName.keys()].slice(0, 8).join(', ');
    throw new CarryoverError(
      'E_WEIGHTS',
      `${where}: no array '${String(source)}' in ${options.where}; it has ${some}, ...`,
    );
  };
  for (const {record, built} of parts) {
    requireRoles(record, built.roles);
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

/** An array whose role the layer does not have would be left out of account. */
function requireRoles({variables, where}: LayerRecord, roles: readonly string[]): void {
  const odd = Object.keys(variables!).find(role => !roles.includes(role));
  if (odd === undefined) return;
  throw new CarryoverError(
    'E_WEIGHTS',
    `${where}: variables: the layer has no array '${odd}'${didYouMean(odd, roles)}; with these arguments it has ${roles.join(', ') || 'none'}`,
  );
}

/** @param taken names of arrays that a recipe has given away already */
function assignGroups(
  parts: readonly Part[],
  file: StoredArrays,
  taken: ReadonlySet<string>,
  options: AssignOptions,
): void {
  // A recipe that names all arrays it wants may leave others in the file.
  if (taken.size > 0 && parts.every(({built}) => built.roles.length === 0)) return;
  for (const [{record, built}, arrays] of pairParts(parts, file, options)) {
    const read = arrays.map(array => array.read());
    setArrays(built, read, record.where, options.where);
  }
}

/** Sets a layer's weights from its library's arrays, after a look at every shape. */
function setArrays(built: BuiltLayer, arrays: readonly NdArray[], where: string, file: string): void {
  const plain = arrays.map(array => ({shape: array.shape, values: floats(array, where)}));
  const converted = locatedAt(`${file}: ${where}`, () => toWeights(built, plain));
  const expected = built.layer.weights.map(weight => weight.shape);
  for (const [k, {shape}] of converted.entries()) {
    if (!tf.util.arraysEqual([...shape], (expected[k] ?? []) as number[])) {
      throw new CarryoverError(
        'E_WEIGHTS',
        `${file}: ${where}: ${built.roles[k]} has shape [${shape.join(', ')}]; expected [${expected[k]?.join(', ')}]`,
        {file, expected: `[${expected[k]?.join(', ')}]`, found: `[${shape.join(', ')}]`},
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
