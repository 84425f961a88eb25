import type {NamedArray, OwnerObject, WeightGroup} from '../arrays';
import {badFormat} from '../format-error';
import {beyond, type Limits} from '../limits';
import {textAttribute} from './attributes';
import type {Hdf5File} from './file';

/** The group that has an object's own arrays, called `0`, `1`, ... in the order in which the object made them. */
const VARIABLES = 'vars';

/** What the layers of a model are kept under. */
const LAYERS = 'layers';
/** The same in tf.keras 2.12 to 2.14. */
const DEPENDENCIES = '_layer_checkpoint_dependencies';

/** What training keeps beside the model. */
const OF_TRAINING: readonly string[] = ['optimizer', 'metrics'];

/** The objects of a file, and the library where their arrangement tells it. */
export interface StoredObjects {
  readonly groups: WeightGroup[];
  readonly library?: string;
}

/** Whether a file has the layout of `.weights.h5`. */
export function hasObjects(file: Hdf5File): boolean {
  if (file.attributeNames('/').some(name => /^layer_names\d*$|^nb_layers$/.test(name))) return false;
  return [LAYERS, DEPENDENCIES, VARIABLES].some(name => file.kind(`/${name}`) === 'group');
}

/**
 * Reads a weight file of the new layout: one group for each object that has arrays or could have, called by its path
 * (`layers/lstm/cell`), its arrays by theirs (`layers/lstm/cell/vars/0`). What the optimizer and the metrics keep there is
 * left out.
 *
 * Source: saving_lib.py (`_save_state`, `H5IOStore`) of Keras 2.12 to 2.15 and 3.0 to 3.15.
 *
 * @throws CarryoverError `E_FORMAT` where it is damaged, `E_LIMIT` for more objects than a model has
 */
export function readObjects(file: Hdf5File, limits: Limits): StoredObjects {
  const groups: WeightGroup[] = [];
  let seen = 0;
  const visit = (path: readonly string[]): void => {
    const place = `${file.where}: /${path.join('/')}`;
    if (++seen > limits.kerasGroups)
      throw beyond(place, 'kerasGroups', `${limits.kerasGroups} objects and more`, limits);
    if (path.length > limits.kerasGroupDepth)
      throw beyond(place, 'kerasGroupDepth', `objects within objects, ${path.length} deep`, limits);
    for (const child of file.children(`/${path.join('/')}`)) {
      if (path.length === 0 && OF_TRAINING.includes(child)) continue;
      const inner = [...path, child];
      if (file.kind(`/${inner.join('/')}`) !== 'group')
        throw badFormat(`${file.where}: /${inner.join('/')}`, `an array that no object's '${VARIABLES}' has`);
      if (child === VARIABLES) groups.push(groupOf(file, path));
      else visit(inner);
    }
  };
  visit([]);
  return {groups, library: libraryOf(file, groups)};
}

function groupOf(file: Hdf5File, path: readonly string[]): WeightGroup {
  const place = `/${[...path, VARIABLES].join('/')}`;
  const names = file.children(place).toSorted((a, b) => a.localeCompare(b, 'en', {numeric: true}));
  const arrays = names.map((name): NamedArray => {
    if (file.kind(`${place}/${name}`) === 'dataset')
      return file.array(`${place}/${name}`, `${place}/${name}`.slice(1));
    throw badFormat(`${file.where}: ${place}/${name}`, 'a group; expected an array');
  });
  const name = textAttribute(file, place, 'name');
  const owner: OwnerObject = {path, ...(name !== undefined && {name})};
  return {name: path.join('/'), arrays, owner};
}

/** tf.keras 2.12 to 2.14 have a word of their own, and Keras 3 tells names since 3.6; what lies between tells nothing. */
function libraryOf(file: Hdf5File, groups: readonly WeightGroup[]): string | undefined {
  if (file.kind(`/${DEPENDENCIES}`) === 'group') return 'keras2';
  return groups.some(({owner}) => owner?.name !== undefined) ? 'keras3' : undefined;
}
