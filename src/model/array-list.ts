import type {NamedArray} from '../../converters/arrays';
import {findLibrary} from '../libraries';
import type {BuiltPart} from '../libraries/built';

/** Layers whose arrays follow each other in a list. */
interface Listed {
  readonly name: string;
  readonly parts: readonly BuiltPart[];
  /** How many arrays they have. */
  readonly size: number;
}

/** Names that say an array's place in a list and no more: `arr_3`, `param_12`, `7`, `arr_0/1`. */
const PLACE = /^(?:[a-z]+_?)?\d+(?:\/\d+)*$/i;

/**
 * Arrays in the order of the list that they were saved as: `np.savez(file, *arrays)`, a pickled list.
 * @returns undefined where names say more than places
 */
export function arrayList(arrays: readonly NamedArray[]): NamedArray[] | undefined {
  if (!arrays.every(({name}) => PLACE.test(name))) return undefined;
  return arrays.toSorted((a, b) => a.name.localeCompare(b.name, 'en', {numeric: true}));
}

/**
 * Lists of arrays by the names of layers: a pickled `{layer.name: layer.get_weights() for layer in model.layers}`.
 * @param layers the names that layers have in files
 * @returns undefined where not all lists are those of layers
 */
export function arrayLists(
  arrays: readonly NamedArray[],
  layers: ReadonlySet<string>,
): ReadonlyMap<string, readonly NamedArray[]> | undefined {
  const lists = new Map<string, NamedArray[]>();
  for (const array of arrays) {
    const [, layer, place] = /^(.+)\/(\d+)$/.exec(array.name) ?? [];
    if (layer === undefined || !layers.has(layer)) return undefined;
    if (!lists.has(layer)) lists.set(layer, []);
    lists.get(layer)![Number(place)] = array;
  }
  // A list with a gap has holes, which `includes` finds.
  const isWhole = [...lists.values()].every(list => !list.includes(undefined as never));
  return lists.size > 0 && isWhole ? lists : undefined;
}

/**
 * Layers in the order in which their library lists their arrays (`get_weights`).
 * @param inFiles the layers as a weight file groups them, which is what libraries do that say nothing else
 */
export function listedGroups(parts: readonly BuiltPart[], inFiles: readonly Listed[]): readonly Listed[] {
  const record = parts[0]?.record;
  const order = record && findLibrary(record.library)?.listedArrays?.(record.version ?? '');
  if (order === undefined) return inFiles;
  const inside = new Set(parts.flatMap(({built}) => built.inner ?? []));
  const apart = parts.flatMap((part): BuiltPart[][] => {
    if (order === 'byLayer') return [[part]];
    return inside.has(part) ? [] : [[part, ...(part.built.inner ?? [])]];
  });
  return apart.map(listed).filter(({size}) => size > 0);
}

function listed(parts: readonly BuiltPart[]): Listed {
  const size = parts.reduce((sum, {built}) => sum + built.roles.length, 0);
  return {name: parts[0]!.record.name, parts, size};
}
