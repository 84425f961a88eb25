import {CarryoverError} from '../../errors';
import {
  type Architecture,
  type InputRecord,
  type LayerRecord,
  outputOf,
  type TensorRef,
} from '../architecture';
import {brief, type Json, list, object, text} from '../json';

/**
 * An architecture for weights that carry none: layers in the libraries' own words, and which array in the
 * file plays which role.
 */
export function parseRecipe(json: Json, where: string): Architecture {
  if (json.carryover !== 1) {
    throw new CarryoverError(
      'E_ARCHITECTURE',
      `${where}: "carryover" is ${brief(json.carryover)}; this version reads recipes of kind 1`,
    );
  }
  const inputs = list(json.inputs, `${where}: inputs`).map((entry, k) =>
    parseInput(entry, `${where}: inputs ${k}`),
  );
  const layers: LayerRecord[] = [];
  let previous = inputs[0]?.name;
  for (const [k, entry] of list(json.layers, `${where}: layers`).entries()) {
    const layer = parseLayer(object(entry, `${where}: layers ${k}`), k, previous, where);
    if (layers.some(({name}) => name === layer.name) || inputs.some(({name}) => name === layer.name)) {
      throw new CarryoverError('E_ARCHITECTURE', `${where}: two layers or inputs are called '${layer.name}'`);
    }
    layers.push(layer);
    previous = layer.name;
  }
  const last = layers.at(-1);
  if (!last) throw new CarryoverError('E_ARCHITECTURE', `${where}: a recipe without layers`);
  const outputs = json.outputs
    ? list(json.outputs, `${where}: outputs`).map(name => tensor(text(name, `${where}: outputs`)))
    : [outputOf(last.name)];
  return {library: last.library, version: last.version, name: 'model', layers, inputs, outputs, notes: []};
}

function parseInput(entry: unknown, where: string): InputRecord {
  const json = object(entry, where);
  const shape = list(json.shape, `${where}: shape`) as (number | null)[];
  return {
    name: text(json.name, `${where}: name`),
    shape,
    dtype: typeof json.dtype === 'string' ? json.dtype : 'float32',
  };
}

function parseLayer(json: Json, index: number, previous: string | undefined, where: string): LayerRecord {
  const className = text(json.class, `${where}: layers ${index}: class`);
  const config = json.config === undefined ? {} : object(json.config, `${where}: layers ${index}: config`);
  const name = typeof json.name === 'string' ? json.name : `${className.toLowerCase()}_${index + 1}`;
  const here = `${where}: layer ${index} '${name}'`;
  const from =
    json.from === undefined
      ? [previous!]
      : list(json.from, `${here}: from`).map(ref => text(ref, `${here}: from`));
  return {
    name,
    library: text(json.library, `${here}: library`),
    version: typeof json.version === 'string' ? json.version : undefined,
    className,
    config,
    calls: [from.map(tensor)],
    group: name,
    variables: json.variables === undefined ? {} : object(json.variables, `${here}: variables`),
    where: here,
  };
}

/** A layer's y by the layer's name (or `layer.y`). */
function tensor(name: string): TensorRef {
  return outputOf(name.endsWith('.y') ? name.slice(0, -2) : name);
}
