import type {NamedArray} from '../../converters/arrays';

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
