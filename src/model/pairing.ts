import type {NamedArray, WeightFile, WeightGroup} from '../../converters/arrays';
import type {ObjectGraph} from '../../converters/checkpoint/object-graph';
import {CarryoverError} from '../errors';
import type {ContainerRecord} from './architecture';
import type {GroupPair, ModelGroup, PairOptions, Part} from './group-pairs';
import {groupNames, modelGroups, shareArrays} from './groups';
import {cutList, cutLists, listedGroups} from './pairing-lists';
import {exportedList, pairObjects} from './pairing-objects';
import {pairPlaces} from './pairing-places';

/** Where the arrays of layers are looked for. */
export type StoredArrays = Pick<WeightFile, 'groups' | 'objects'>;

/** The arrays of a file by name; of several with one name, the last. */
export function arraysByName(groups: readonly WeightGroup[]): ReadonlyMap<string, NamedArray> {
  return new Map(groups.flatMap(({arrays}) => arrays.map(array => [array.name, array] as const)));
}

/** Groups without the arrays that have been given away, and without groups that tell nothing then. */
export function remaining(groups: readonly WeightGroup[], taken: ReadonlySet<string>): WeightGroup[] {
  return groups
    .map(group => ({...group, arrays: group.arrays.filter(array => !taken.has(array.name))}))
    .filter(group => group.arrays.length > 0 || group.owner);
}

/**
 * The arrays of each layer, in the order of its roles: by the objects of a TensorFlow 2 checkpoint, else by groups.
 * @param attempt what fails in it is left out
 * @throws CarryoverError `E_WEIGHTS` where file and layers do not fit; `E_USAGE` for objects by name, which have none
 */
export function pairParts(
  parts: readonly Part[],
  {groups, objects}: StoredArrays,
  options: PairOptions,
  attempt: <T>(action: () => T) => T | undefined = action => action(),
): Map<Part, NamedArray[]> {
  const {container, where} = options;
  if (objects && container) {
    return attempt(() => pairSaved(parts, {groups, objects}, container, options)) ?? new Map();
  }
  const pairs = attempt(() => pairGroups(parts, groups, options)) ?? [];
  const share = (wanted: ModelGroup, source: WeightGroup) =>
    attempt(() => unlessMismatch(options, () => shareArrays(wanted, source, where)));
  return new Map(pairs.flatMap(({wanted, source}) => [...(share(wanted, source) ?? [])]));
}

/** The result of an action; nothing where arrays do not fit and `onMismatch` hears of it. */
export function unlessMismatch<T>(
  {onMismatch}: Pick<PairOptions, 'onMismatch'>,
  action: () => T,
): T | undefined {
  try {
    return action();
  } catch (error) {
    if (!onMismatch || !(error instanceof CarryoverError)) throw error;
    onMismatch(error);
    return undefined;
  }
}

/** The arrays of each layer in a TensorFlow 2 checkpoint, by its objects; of Keras 3's `export`, by the list of its variables. */
function pairSaved(
  parts: readonly Part[],
  {groups, objects}: StoredArrays & {readonly objects: ObjectGraph},
  container: ContainerRecord,
  {byName, where}: PairOptions,
): Map<Part, NamedArray[]> {
  if (byName) {
    throw new CarryoverError(
      'E_USAGE',
      `${where}: by name: a TensorFlow 2 checkpoint does not name its layers; Keras loads those whole, too`,
    );
  }
  const arrays = arraysByName(groups);
  const exported = exportedList(objects, arrays);
  if (!exported) return pairObjects(parts, container, objects, arrays, where);
  const cut = cutList(listedGroups(parts, modelGroups(parts)), exported, where);
  return new Map(cut.flatMap(({wanted, source}) => [...shareArrays(wanted, source, where)]));
}

/**
 * Which group of a weight file is for which layers: by name where all of the model's names are in the file, else by
 * order, as Keras does; by their places where the file keeps objects. A list of arrays
 * (`np.savez(file, *model.get_weights())`) has those of one layer after another.
 * @throws CarryoverError `E_WEIGHTS` where there are more or fewer groups than layers with weights
 */
function pairGroups(
  parts: readonly Part[],
  given: readonly WeightGroup[],
  options: PairOptions,
): GroupPair[] {
  if (given.some(({owner}) => owner)) return pairPlaces(parts, given, options);
  const {byName, partial, where} = options;
  const groups = modelGroups(parts);
  const names = new Map(given.map(group => [group.name, group]));
  if (byName) {
    const pairs = groups.flatMap(wanted => {
      const source = names.get(wanted.name);
      return source ? [{wanted, source}] : [];
    });
    if (pairs.length > 0) return pairs;
    throw new CarryoverError(
      'E_WEIGHTS',
      `${where}: by name: no layer of the model is among ${groupNames(given)}`,
    );
  }
  if (partial) return byNames(groups, names, where);
  const cut = cutLists(parts, groups, given, where);
  if (cut) return cut;
  if (groups.length !== given.length) {
    throw new CarryoverError(
      'E_WEIGHTS',
      `${where}: arrays for ${given.length} layers (${groupNames(given)}); the model has ${groups.length} layers with weights (${groupNames(groups)})`,
    );
  }
  const named = groups.every(group => names.has(group.name));
  return groups.map((wanted, k) => ({wanted, source: named ? names.get(wanted.name)! : given[k]!}));
}

/** @throws CarryoverError `E_WEIGHTS` where the file does not name a layer */
function byNames(
  groups: readonly ModelGroup[],
  names: ReadonlyMap<string, WeightGroup>,
  where: string,
): GroupPair[] {
  return groups.map(wanted => {
    const source = names.get(wanted.name);
    if (source) return {wanted, source};
    throw new CarryoverError(
      'E_WEIGHTS',
      `${where}: has no arrays for layer '${wanted.name}' by that name, and of a part of a model they cannot be told by their order; it has ${groupNames([...names.values()])}. Load the whole model, or give a file that names its layers`,
    );
  });
}
