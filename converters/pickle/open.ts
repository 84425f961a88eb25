import type {NamedArray, WeightFile} from '../arrays';
import {EPYNN_CLASSES, epynnFile, epynnModel} from '../epynn/model';
import {badFormat} from '../format-error';
import {beyond, LIMITS, type Limits} from '../limits';
import {isNeupyPickle, NEUPY_CLASSES, neupyFromPickle} from '../neupy/pickle';
import {PickleArray} from './array';
import {readPickle} from './read';
import {kindOf, PickleObject, type PickleValue} from './value';

/**
 * Opens a pickle of weights, as data (see `readPickle`):
 * - neupy's storage: as `openNeupyPickle`, format `neupy-pickle`
 * - `{'model': EpyNN}`, which EpyNN's `write` makes: arrays `layer<k>_<parameter>`, format `pickle`
 * - a dictionary of arrays: each under its key; in nested dictionaries and lists under the path (`encoder/W`, `layers/0/b`)
 * - a list of arrays, such as Lasagne's `get_all_param_values`: `arr_0`, `arr_1`, ... as NumPy's `savez` calls them
 *
 * What is no array is passed over. `bytes` are not copied: do not change them before the arrays are read.
 *
 * @throws CarryoverError E_FORMAT when it is damaged or holds no array, E_UNSUPPORTED when it names what none of these libraries
 *   stores, E_LIMIT
 */
export function openPickle(bytes: Uint8Array, where = 'pickle', limits: Limits = LIMITS): WeightFile {
  const value = readWeightPickle(bytes, where, limits);
  return isNeupyPickle(value) ? neupyFromPickle(value, where, limits) : weightsOf(value, where, limits);
}

/** A pickle's value, with the names that libraries' weights have in them. */
export function readWeightPickle(bytes: Uint8Array, where: string, limits: Limits): PickleValue {
  return readPickle(bytes, {where, limits, classes: [...NEUPY_CLASSES, ...EPYNN_CLASSES]});
}

/** The weights in a pickle's value that is no neupy network. */
export function weightsOf(value: PickleValue, where: string, limits: Limits): WeightFile {
  const model = epynnModel(value);
  if (model !== undefined) return epynnFile(model, where);
  const arrays = collect(value, where, limits);
  if (arrays.length === 0) {
    throw badFormat(
      where,
      `no array in it: it is ${kindOf(value)}; expected a dictionary or list of NumPy arrays`,
    );
  }
  return {format: 'pickle', groups: [{name: '', arrays}], facts: {}, close: () => {}};
}

function collect(root: PickleValue, where: string, limits: Limits): NamedArray[] {
  const arrays: NamedArray[] = [];
  function visit(value: PickleValue, path: readonly string[]): void {
    if (value instanceof PickleObject && value.state !== undefined) visit(value.state, path);
    for (const [key, item] of itemsOf(value, path.length === 0)) visit(item, [...path, key]);
    if (!(value instanceof PickleArray)) return;
    if (arrays.length >= limits.pickleArrays) throw beyond(where, 'pickleArrays', 'too many arrays', limits);
    const length = path.reduce((sum, part) => sum + part.length + 1, 0);
    if (length > limits.pickleArrayNameCharacters) {
      throw beyond(
        where,
        'pickleArrayNameCharacters',
        `an array whose name has ${length} characters`,
        limits,
      );
    }
    const name = path.length === 0 ? 'arr_0' : path.join('/');
    arrays.push({name, dtype: value.dtype, shape: value.shape, read: () => value.read()});
  }
  visit(root, []);
  return arrays;
}

/** What a dictionary or a list holds, with the names that arrays get from it. */
function itemsOf(value: PickleValue, outermost: boolean): (readonly [string, PickleValue])[] {
  if (value instanceof Map) {
    return [...(value as Map<PickleValue, PickleValue>)].map(([key, item]) => [keyText(key), item]);
  }
  if (!Array.isArray(value)) return [];
  return (value as readonly PickleValue[]).map((item, k) => [outermost ? `arr_${k}` : String(k), item]);
}

function keyText(key: PickleValue): string {
  return typeof key === 'object' ? kindOf(key) : String(key);
}
