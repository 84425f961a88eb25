import {type Json, list, object, text} from '../../model/json';
import type {StoredArchitecture} from '../library';

/** What neupy stores of a network beside its arrays (`{neupy: {graph, layers}}`), as a recipe: its own words, its own names. */
export const neupyArchitecture: StoredArchitecture = {
  title: 'a network of neupy',
  recognises: json => 'neupy' in json,
  parse: (json, {where}) => recipeOf(json, where),
};

/** Arguments that are functions, which neupy stores as their reprs. */
const FUNCTIONS = ['ingate', 'forgetgate', 'outgate', 'cell', 'resetgate', 'updategate', 'hidden_update'];

/**
 * A neupy network as its storages have it (`{neupy: {graph, layers}}`). Functions are told by the names in
 * their reprs. Source: neupy/storage.py of 0.8.2.
 */
function recipeOf(json: Json, where: string): Json {
  const {layers: stored, graph} = object(json.neupy, where);
  const edges = new Map<string, string[]>();
  for (const [from, to] of list(graph, `${where}: graph`) as [string, string[]][]) {
    for (const target of to) edges.set(target, [...(edges.get(target) ?? []), from]);
  }
  const all = list(stored, `${where}: layers`).map((layer, k) => object(layer, `${where}: layer ${k}`));
  const isInput = (layer: Json): boolean => layer.class_name === 'Input';
  const embedded = (name: string): boolean =>
    all.some(layer => layer.class_name === 'Embedding' && edges.get(String(layer.name))?.includes(name));
  const inputs = all.filter(isInput).map(layer => {
    const name = text(layer.name, `${where}: name`);
    const {shape} = object(layer.configs, `${where}: '${name}'`);
    const dims = [shape].flat().map(n => (typeof n === 'number' ? n : null));
    return {name, shape: [null, ...dims], dtype: embedded(name) ? 'int32' : 'float32'};
  });
  const names = inputs.length === 1 ? new Map([[inputs[0]!.name, 'x']]) : new Map<string, string>();
  const renamed = (name: string): string => names.get(name) ?? name;
  const layers = all
    .filter(layer => !isInput(layer))
    .map(layer => {
      const name = text(layer.name, `${where}: name`);
      const parameters = Object.keys(object(layer.parameters ?? {}, `${where}: '${name}'`));
      return {
        library: 'neupy',
        class: layer.class_name,
        name,
        from: (edges.get(name) ?? []).map(renamed),
        config: configOf(object(layer.configs, `${where}: '${name}'`)),
        variables: Object.fromEntries(parameters.map(role => [role, `${name}/${role}`])),
      };
    });
  return {carryover: 1, inputs: inputs.map(input => ({...input, name: renamed(input.name)})), layers};
}

/** Plain values as they are, functions by name; initializers are of no use once arrays are there. */
function configOf(configs: Json): Json {
  const {name: _, ...own} = configs;
  const entries = Object.entries(own).flatMap(([key, value]): [string, unknown][] => {
    if (!FUNCTIONS.includes(key)) return typeof value === 'string' ? [] : [[key, value]];
    const named = /(?:function |\.|^)([a-z_]\w*)(?: at 0x[0-9a-f]+)?>?$/i.exec(String(value));
    return named ? [[key, named[1]!]] : [];
  });
  return Object.fromEntries(entries.filter(([, value]) => typeof value !== 'object'));
}
