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
