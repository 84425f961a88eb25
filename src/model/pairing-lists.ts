import type {NamedArray, WeightGroup} from '../../converters/arrays';
import {CarryoverError} from '../errors';
import {findLibrary} from '../libraries';
import {arrayList, arrayLists} from './array-list';
import type {GroupPair, ModelGroup, Part} from './group-pairs';
import {groupNames, groupOf, shareArrays} from './groups';

/** A list of arrays, or one for each layer of the model, cut into what its layers have. */
export function cutLists(
  parts: readonly Part[],
  groups: readonly ModelGroup[],
  given: readonly WeightGroup[],
  where: string,
): GroupPair[] | undefined {
  const [only] = given;
  if (given.length !== 1 || only!.name !== '') return undefined;
  if (only!.order === 'groupNames') return cutByNames(groups, only!.arrays, where);
  const list = arrayList(only!.arrays);
  if (list) return cutList(listedGroups(parts, groups), list, where);
  const lists = arrayLists(only!.arrays, new Set(groups.map(({name}) => name)));
  if (!lists) return undefined;
  return groups.flatMap(group => {
    const arrays = lists.get(group.name) ?? [];
    return cutList(listedGroups(group.parts, [group]), arrays, `${where}: '${group.name}'`);
  });
}

/** Groups in the order in which HDF5 lists them, that of their names: what the converter of TensorFlow.js goes by. */
function cutByNames(
  groups: readonly ModelGroup[],
  arrays: readonly NamedArray[],
  where: string,
): GroupPair[] {
  const sorted = groups.toSorted((a, b) => comparePaths(a.name.split('/'), b.name.split('/')));
  const pairs = cutList(sorted, arrays, where);
  for (const {wanted, source} of pairs) {
    for (const [{built}, own] of shareArrays(wanted, source, where)) {
      const odd = built.roles.findIndex((role, k) => !role.endsWith(own[k]!.name.split('/').at(-1)!));
      if (odd < 0) continue;
      throw new CarryoverError(
        'E_WEIGHTS',
        `${where}: '${own[odd]!.name}' comes where '${wanted.name}' has its ${built.roles[odd]}; give the architecture that belongs to the arrays`,
      );
    }
  }
  return pairs;
}

function comparePaths(a: readonly string[], b: readonly string[]): number {
  const k = a.findIndex((name, at) => name !== b[at]);
  if (k < 0) return a.length - b.length;
  return b[k] === undefined || a[k]! > b[k] ? 1 : -1;
}

/**
 * A list of arrays, cut into groups that follow each other.
 * @throws CarryoverError `E_WEIGHTS` where there are more or fewer arrays than the groups have
 */
export function cutList(
  groups: readonly ModelGroup[],
  arrays: readonly NamedArray[],
  where: string,
): GroupPair[] {
  const size = groups.reduce((sum, group) => sum + group.size, 0);
  if (arrays.length !== size) {
    throw new CarryoverError(
      'E_WEIGHTS',
      `${where}: a list of ${arrays.length} arrays; the model needs ${size}, of ${groupNames(groups)}`,
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
 * Layers in the order in which their library lists their arrays (`get_weights`).
 * @param inFiles the layers as a weight file groups them, which is what libraries do that say nothing else
 */
export function listedGroups(parts: readonly Part[], inFiles: readonly ModelGroup[]): readonly ModelGroup[] {
  const record = parts[0]?.record;
  const order = record && findLibrary(record.library)?.listedArrays?.(record.version ?? '');
  if (order === undefined) return inFiles;
  const inside = new Set(parts.flatMap(({built}) => built.inner ?? []));
  const apart = parts.flatMap((part): Part[][] => {
    if (order === 'byLayer') return [[part]];
    return inside.has(part) ? [] : [[part, ...(part.built.inner ?? [])]];
  });
  return apart.map(own => groupOf(own[0]!.record.name, own)).filter(({size}) => size > 0);
}
