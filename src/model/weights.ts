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
import {arraysByName, pairParts, remaining, type StoredArrays, unlessMismatch} from './pairing';

export interface AssignOptions extends Omit<PairOptions, 'onMismatch'> {
  /** Recipes may take an array from another file. */
  readonly readFile?: (name: string) => NdArray;
  /** Leave arrays that do not fit their layers out. Default false: they are an error. */
  readonly skipMismatch?: boolean;
}

/**
 * Gives every layer its arrays, read one layer at a time.
 *
 * By group: names where all of the model's are in the file, else by order, as Keras does. By recipe:
 * each role's array by its name.
 * Arrays of the file that cannot be read bar it where they are damaged, or where arrays are taken by their order.
 * @returns what was left out, for people: arrays that were not read, layers as initialized
 * @throws CarryoverError `E_WEIGHTS` where arrays are missing, left over, unreadable, or of another shape
 */
export function assignWeights(
  model: BuiltModel,
  {groups, objects, unreadable = []}: StoredArrays & Pick<WeightFile, 'unreadable'>,
  options: AssignOptions,
): string[] {
  const byRecipe = model.layers.filter(({record}) => hasVariables(record));
  const byGroup = model.layers.filter(({record}) => !hasVariables(record));
  const takesGroups = byGroup.some(({built}) => built.roles.length > 0);
  const [barred] = unreadable.filter(({reason}) => takesGroups || reason.code !== 'E_UNSUPPORTED');
  if (barred) throw notRead(barred, options.where);
  const taken = assignVariables(byRecipe, {groups, unreadable}, options);
  const left = assignGroups(byGroup, {groups: remaining(groups, taken), objects}, taken, options);
  return [...unreadable.map(({reason}) => `not read: ${reason.message}`), ...left];
}

function notRead({name, reason}: UnreadableArray, where: string): CarryoverError {
  const message = `${where}: its array '${name}' cannot be read: ${reason.message}`;
  return new CarryoverError('E_WEIGHTS', message, {cause: reason}).with(reason);
}

/** Which layers `assignWeights` gives their arrays, where it does not fail: all, or those that are in the file by name. */
export function filledBy(
  {groups}: Pick<WeightFile, 'groups'>,
  {byName, skipMismatch}: Pick<AssignOptions, 'byName' | 'skipMismatch'>,
): (record: LayerRecord) => boolean {
  if (skipMismatch) return hasVariables;
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

/**
 * @param taken names of arrays that a recipe has given away already
 * @returns what was left out
 */
function assignGroups(
  parts: readonly Part[],
  file: StoredArrays,
  taken: ReadonlySet<string>,
  options: AssignOptions,
): string[] {
  // A recipe that names all arrays it wants may leave others in the file.
  if (taken.size > 0 && parts.every(({built}) => built.roles.length === 0)) return [];
  const skipped: string[] = [];
  const onMismatch = options.skipMismatch
    ? ({message}: CarryoverError): void => void skipped.push(`left as initialized: ${message}`)
    : undefined;
  const pairs = pairParts(parts, file, {...options, onMismatch});
  for (const [{record, built}, arrays] of pairs) {
    const read = arrays.map(array => array.read());
    setArrays(built, read, record.where, options.where, onMismatch);
  }
  return options.byName ? [...skipped, ...notByName(parts, file)] : skipped;
}

/** Layers that a file does not name, and what it names that the model does not have. */
function notByName(parts: readonly Part[], {groups}: StoredArrays): string[] {
  const named = (names: readonly string[], what: string): string[] =>
    names.length > 0 ? [`by name: ${[...new Set(names)].join(', ')} ${what}`] : [];
  const given = groups.filter(({arrays}) => arrays.length > 0).map(({name}) => name);
  const layers = parts.filter(({built}) => built.roles.length > 0).map(({record}) => record.group);
  return [
    ...named(
      layers.filter(name => !given.includes(name)),
      'of the model: not in the file, as initialized',
    ),
    ...named(
      given.filter(name => !layers.includes(name)),
      'of the file: not in the model, left out',
    ),
  ];
}

/** Sets a layer's weights from its library's arrays, after a look at every shape. */
function setArrays(
  built: BuiltLayer,
  arrays: readonly NdArray[],
  where: string,
  file: string,
  onMismatch?: PairOptions['onMismatch'],
): void {
  const plain = arrays.map(array => ({shape: array.shape, values: floats(array, where)}));
  const converted = unlessMismatch({onMismatch}, () =>
    locatedAt(`${file}: ${where}`, () => toWeights(built, plain)),
  );
  const fitting = (converted ?? []).map((array, k) =>
    unlessMismatch({onMismatch}, () => {
      requireShape(built, k, array.shape, where, file);
      return array;
    }),
  );
  tf.tidy(() => {
    for (const [k, array] of fitting.entries()) {
      if (!array) continue;
      const {shape, values} = array;
      assignAsIs(built.layer.weights[k]!.read() as tf.Variable, tf.tensor(values, [...shape], 'float32'));
    }
  });
}

function requireShape(
  {layer, roles}: BuiltLayer,
  k: number,
  found: readonly number[],
  where: string,
  file: string,
): void {
  const expected = (layer.weights[k]?.shape ?? []) as number[];
  if (tf.util.arraysEqual([...found], expected)) return;
  const [has, wants] = [found, expected].map(shape => `[${shape.join(', ')}]`) as [string, string];
  throw new CarryoverError(
    'E_WEIGHTS',
    `${file}: ${where}: ${roles[k]} has shape ${has}; expected ${wants}`,
    {file, expected: wants, found: has},
  );
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
