import type {WeightFile, WeightGroup} from '../arrays';
import {badFormat, listFew} from '../format-error';
import {factsOf, trainingFacts} from '../keras/facts';
import {LIMITS, type Limits} from '../limits';
import {countAttribute, jsonAttribute, namesAttribute, textAttribute} from './attributes';
import type {Hdf5File} from './file';
import {hasObjects, readObjects} from './objects';

type Layout = '0.x' | '1.x' | '2.x' | '3.x';

/** Where a whole model keeps what a weight file keeps at its root. Source: Keras 1.0 to 2.15, `save_model`. */
const MODEL_WEIGHTS = 'model_weights';

/** Weights that belong to no layer. Source: Keras 2.6 and later, `save_weights_to_hdf5_group`. */
const TOP_LEVEL = 'top_level_model_weights';

/**
 * Reads an HDF5 file of Keras (`save_weights`, `model.save`): one group per layer in the order of the file, layers without
 * weights included; in the new layout of `.weights.h5`, one per object (`readObjects`).
 *
 * Arrays are named as the file's own lists name them: `layer_0/param_3` or `graph/param_3` in 0.x, and the entry of
 * `weight_names` after that, `lstm_1_W_i` in 1.x and `lstm_1/kernel:0` in 2.x. `facts` has `layout` ('0.x', '1.x',
 * '2.x', '3.x' for the new one), `model` ('Sequential' or 'Graph') in 0.x, and where the file tells, `keras_version`, `backend`,
 * `optimizer` and `loss`. The `architecture` is `model_config`.
 *
 * @throws CarryoverError E_FORMAT when the file is damaged, contradicts itself, or is no such file
 */
export function readKeras(file: Hdf5File, limits: Limits = LIMITS): WeightFile {
  const whole = isWholeModel(file);
  if (!whole && hasObjects(file)) {
    const {groups, library} = readObjects(file, limits);
    const facts = {layout: '3.x' satisfies Layout, ...(library && {library})};
    return {format: 'keras-h5-weights', groups, facts, close: () => file.close()};
  }
  const root = whole ? `/${MODEL_WEIGHTS}` : '/';
  const version = textAttribute(file, '/', 'keras_version') ?? textAttribute(file, root, 'keras_version');
  const {layout, groups, model} = readGroups(file, root, version);
  const backend = textAttribute(file, '/', 'backend') ?? textAttribute(file, root, 'backend');
  const architecture = jsonAttribute(file, '/', 'model_config');
  const training = trainingFacts(jsonAttribute(file, '/', 'training_config'), 'optimizer_config');
  const facts = factsOf({layout, model, keras_version: version, backend, ...training});
  return {
    format: whole ? 'keras-h5' : 'keras-h5-weights',
    groups,
    ...(architecture === undefined ? {} : {architecture}),
    facts,
    close: () => file.close(),
  };
}

/** Whether a file is what `model.save` writes. */
export function isWholeModel(file: Hdf5File): boolean {
  return file.kind(`/${MODEL_WEIGHTS}`) === 'group';
}

interface Groups {
  readonly layout: Layout;
  readonly model?: 'Sequential' | 'Graph';
  readonly groups: WeightGroup[];
}

function readGroups(file: Hdf5File, root: string, version: string | undefined): Groups {
  const layers = namesAttribute(file, root, 'layer_names');
  if (layers !== undefined) {
    const groups = layers.map(layer => namedGroup(file, root, layer));
    if (!layers.includes(TOP_LEVEL) && file.kind(join(root, TOP_LEVEL)) === 'group') {
      const top = namedGroup(file, root, TOP_LEVEL);
      if (top.arrays.length > 0) groups.push(top);
    }
    return {layout: layoutOf(version, groups), groups};
  }
  const count = countAttribute(file, root, 'nb_layers');
  if (count !== undefined) {
    const children = file.children(root);
    if (count > children.length) {
      throw badFormat(
        `${file.where}: ${root}`,
        `nb_layers says ${count}, but ${children.length} groups are there`,
      );
    }
    const groups = Array.from({length: count}, (_, k) => numberedGroup(file, root, `layer_${k}`));
    return {layout: '0.x', model: 'Sequential', groups};
  }
  if (file.kind(join(root, 'graph')) === 'group') {
    return {layout: '0.x', model: 'Graph', groups: [numberedGroup(file, root, 'graph')]};
  }
  throw notKeras(file, root);
}

function layoutOf(version: string | undefined, groups: readonly WeightGroup[]): Layout {
  const major = Number.parseInt(version ?? '', 10);
  if (major >= 1) return major === 1 ? '1.x' : '2.x';
  // Weight files of 1.x do not tell their version; its names are flat.
  return groups.some(({arrays}) => arrays.some(({name}) => name.includes('/'))) ? '2.x' : '1.x';
}

/** Keras 1.x and 2.x: `weight_names` lists the datasets below the layer's group. */
function namedGroup(file: Hdf5File, root: string, layer: string): WeightGroup {
  const path = child(file, root, layer, 'layer_names');
  if (file.kind(path) !== 'group') {
    throw badFormat(
      `${file.where}: ${root}@layer_names`,
      `names the layer '${layer}', which has no group; found ${listFew(file.children(root))}`,
    );
  }
  const names = namesAttribute(file, path, 'weight_names');
  if (names === undefined)
    throw badFormat(`${file.where}: ${path}`, "no attribute 'weight_names'; expected its arrays' names");
  const arrays = names.map(name => {
    const place = child(file, path, name, 'weight_names');
    if (file.kind(place) !== 'dataset') {
      throw badFormat(
        `${file.where}: ${path}@weight_names`,
        `names the array '${name}', which has no dataset; found ${listFew(file.children(path))}`,
      );
    }
    return file.array(place, name);
  });
  return {name: layer, arrays};
}

/** Keras 0.x: `nb_params` datasets called `param_0`, `param_1`, ... */
function numberedGroup(file: Hdf5File, root: string, name: string): WeightGroup {
  const path = join(root, name);
  if (file.kind(path) !== 'group') {
    throw badFormat(`${file.where}: ${root}`, `no group '${name}'; found ${listFew(file.children(root))}`);
  }
  const count = countAttribute(file, path, 'nb_params');
  if (count === undefined)
    throw badFormat(`${file.where}: ${path}`, "no attribute 'nb_params'; expected how many arrays it has");
  const children = file.children(path);
  if (count > children.length) {
    throw badFormat(
      `${file.where}: ${path}`,
      `nb_params says ${count}, but ${children.length} arrays are there`,
    );
  }
  const arrays = Array.from({length: count}, (_, k) => {
    const place = `${path}/param_${k}`;
    if (file.kind(place) !== 'dataset') {
      throw badFormat(`${file.where}: ${path}`, `no dataset 'param_${k}'; found ${listFew(children)}`);
    }
    return file.array(place, `${name}/param_${k}`);
  });
  return {name, arrays};
}

function join(root: string, name: string): string {
  return root === '/' ? `/${name}` : `${root}/${name}`;
}

/** The path of a name that an attribute gives: below its group, whatever the name tries. */
function child(file: Hdf5File, root: string, name: string, attribute: string): string {
  if (name === '' || name.startsWith('/') || name.split('/').some(part => part === '.' || part === '..')) {
    throw badFormat(`${file.where}: ${root}@${attribute}`, `'${name}' is no name below its group`);
  }
  return join(root, name);
}

function notKeras(file: Hdf5File, root: string): Error {
  const children = file.children(root);
  const attributes = file.attributeNames(root);
  return badFormat(
    `${file.where}: ${root}`,
    `not a Keras weight file: expected the attribute layer_names or nb_layers, or a group 'graph'; its attributes: ${listFew(attributes)}; in it: ${listFew(children)}`,
  );
}
