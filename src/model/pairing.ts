import type {NamedArray, WeightFile, WeightGroup} from '../../converters/arrays';
import {CarryoverError} from '../errors';
import {findLibrary} from '../libraries';
import {arrayList} from './array-list';
import type {GroupPair, ModelGroup, PairOptions, Part} from './group-pairs';
import {pairObjects} from './pairing-objects';
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
  const {container, byName, where} = options;
  if (objects && container) {
    return (
      attempt(() => {
        if (!byName) return pairObjects(parts, container, objects, arraysByName(groups), where);
        throw new CarryoverError(
          'E_USAGE',
          `${where}: by name: a TensorFlow 2 checkpoint does not name its layers; Keras loads those whole, too`,
        );
      }) ?? new Map()
    );
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
    throw new CarryoverError('E_WEIGHTS', `${where}: by name: no layer of the model is among ${list(given)}`);
  }
  if (partial) return byNames(groups, names, where);
  const cut = cutList(groups, given, where);
  if (cut) return cut;
  if (groups.length !== given.length) {
    throw new CarryoverError(
      'E_WEIGHTS',
      `${where}: arrays for ${given.length} layers (${list(given)}); the model has ${groups.length} layers with weights (${list(groups)})`,
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
      `${where}: has no arrays for layer '${wanted.name}' by that name, and of a part of a model they cannot be told by their order; it has ${list([...names.values()])}. Load the whole model, or give a file that names its layers`,
    );
  });
}

/** A list of arrays, cut into the model's groups. */
function cutList(
  groups: readonly ModelGroup[],
  given: readonly WeightGroup[],
  where: string,
): GroupPair[] | undefined {
  const arrays = given.length === 1 && given[0]!.name === '' ? arrayList(given[0]!.arrays) : undefined;
  if (!arrays) return undefined;
  const size = groups.reduce((sum, group) => sum + group.size, 0);
  if (arrays.length !== size) {
    throw new CarryoverError(
      'E_WEIGHTS',
      `${where}: a list of ${arrays.length} arrays; the model needs ${size}, of ${list(groups)}`,
    );
  }
  let next = 0;
  return groups.map(wanted => {
    const start = next;
    next += wanted.size;
    return {wanted, source: {name: wanted.name, arrays: arrays.slice(start, next)}};
  });
}

/**
 * The arrays of a group, layer by layer. Containers of Keras 1 and later list the trainable arrays of all their
 * layers before the others; those of 0.x go layer by layer.
 * @throws CarryoverError `E_WEIGHTS` where there are more or fewer arrays than the layers have
 */
function shareArrays(
  {name, parts, size}: ModelGroup,
  source: WeightGroup,
  where: string,
): Map<Part, NamedArray[]> {
  if (source.arrays.length !== size) {
    const roles = parts.flatMap(({built}) => built.roles).join(', ');
    throw new CarryoverError(
      'E_WEIGHTS',
      `${where}: '${source.name}' has ${source.arrays.length} arrays; layer '${name}' needs ${size} (${roles}). Give the file that belongs to the architecture, or leave such layers as initialized (skipMismatch; on the command line: --skip-mismatch)`,
    );
  }
  const result = new Map<Part, NamedArray[]>(parts.map(part => [part, []]));
  let next = 0;
  const take = (part: Part, count: number): void => {
    result.get(part)!.push(...source.arrays.slice(next, next + count));
    next += count;
  };
  for (const part of parts) take(part, leading(part));
  for (const part of parts) take(part, part.built.roles.length - leading(part));
  return result;
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

/** How many of a layer's arrays come before those of the layers after it. */
function leading({record, built}: Part): number {
  const {layer, roles, untrained = 0} = built;
  if (findLibrary(record.library)?.containerArrays === 'byLayer') return roles.length;
  if (layer.built) return Math.min(layer.trainableWeights.length, roles.length);
  return layer.trainable ? roles.length - untrained : 0;
}

function list(groups: readonly {name: string}[]): string {
  const shown = groups.slice(0, 6).map(({name}) => name);
  return groups.length > shown.length ? `${shown.join(', ')}, ...` : shown.join(', ');
}
