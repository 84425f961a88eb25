import {badFormat, listFew} from '../format-error';
import {jsonAttribute} from '../hdf5/attributes';
import type {Hdf5File} from '../hdf5/file';
import type {Limits} from '../limits';
import {type NeupyFile, networkOf, neupyFile, type StoredArray} from './network';

/** Whether an HDF5 file is what neupy's `save_hdf5` wrote; Keras has `layer_names` too, but not the others. */
export function isNeupyHdf5(file: Hdf5File): boolean {
  const names = file.attributeNames('/');
  return ['layer_names', 'graph', 'metadata'].every(name => names.includes(name));
}

/**
 * Reads what neupy's `save_hdf5` wrote (neupy 0.8.2, storage.py): format `neupy-hdf5`, arrays called
 * `<layer name>/<parameter>`. Its attributes are JSON texts: `metadata`, `graph`, `layer_names`; `class_name` and
 * `configs` of each layer's group.
 *
 * @throws CarryoverError E_FORMAT when the file is damaged or contradicts itself
 */
export function readNeupyHdf5(file: Hdf5File, limits: Limits): NeupyFile {
  const names = jsonAttribute(file, '/', 'layer_names');
  if (!Array.isArray(names) || !names.every(name => typeof name === 'string')) {
    throw badFormat(`${file.where}: /@layer_names`, 'no list of names');
  }
  const data = {
    metadata: jsonAttribute(file, '/', 'metadata'),
    graph: jsonAttribute(file, '/', 'graph'),
    layers: names.map(name => layer(file, name)),
  };
  return neupyFile(
    networkOf(data, file.where, value => value as StoredArray, limits),
    'neupy-hdf5',
    () => file.close(),
  );
}

function layer(file: Hdf5File, name: string): unknown {
  if (name.split('/').some(part => part === '' || part === '.' || part === '..')) {
    throw badFormat(`${file.where}: /@layer_names`, `'${name}' is no name of a group`);
  }
  const path = `/${name}`;
  if (file.kind(path) !== 'group') {
    throw badFormat(
      `${file.where}: /@layer_names`,
      `names the layer '${name}', which has no group; found ${listFew(file.children('/'))}`,
    );
  }
  const parameters = file
    .children(path)
    .filter(child => file.kind(`${path}/${child}`) === 'dataset')
    .map(child => [child, parameter(file, `${path}/${child}`)]);
  return {
    name,
    class_name: jsonAttribute(file, path, 'class_name'),
    configs: jsonAttribute(file, path, 'configs'),
    parameters: Object.fromEntries(parameters),
  };
}

function parameter(file: Hdf5File, path: string): unknown {
  const trainable = file.attribute(path, 'trainable')?.values[0];
  const value: StoredArray = {...file.dataset(path), read: () => file.read(path)};
  return {value, trainable: trainable === undefined || Number(trainable) !== 0};
}
