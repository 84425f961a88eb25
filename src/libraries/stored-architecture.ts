import {type Json, list, object, text} from '../model/json';

/** What neupy and EpyNN store of a network beside its arrays, as recipes: their own words, their own names. */

/** Layers that do nothing to data at test time, or stand for the input. */
const EPYNN_INPUT = 'Embedding';

/**
 * An EpyNN model as its pickle has it (`{epynn: {layers}}`): a chain. The first layer, called Embedding, is
 * the data set. Source: epynn/network/models.py of 1.2.13.
 */
export function epynnRecipe(json: Json, where: string): Json {
  const stored = list(object(json.epynn, where).layers, `${where}: layers`).map((layer, k) =>
    object(layer, `${where}: layer ${k}`),
  );
  const layers = stored.flatMap((layer, k) => {
    if (layer.class === EPYNN_INPUT) return [];
    const sizes = object(layer.d, `${where}: layer ${k}: d`);
    const {class: name, activation, sequences, clip_gradients, se_hPars} = layer;
    const activations =
      activation === undefined ? {} : object(activation, `${where}: layer ${k}: activation`);
    const units = name === 'Dense' ? {units: sizes.u} : {unit_cells: sizes.u};
    const roles = EPYNN_ROLES[String(name)] ?? [];
    return [
      {
        library: 'epynn',
        class: name,
        name: `layer${k}`,
        config: defined({...units, ...activations, sequences, clip_gradients, se_hPars, drop_prob: sizes.d}),
        variables: Object.fromEntries(roles.map(role => [role, `layer${k}_${role}`])),
      },
    ];
  });
  const first = stored.find(layer => layer.class !== EPYNN_INPUT);
  const {s, e, n} = first ? object(first.d, `${where}: d`) : {};
  const shape = s === undefined ? [null, n ?? null] : [null, null, e ?? null];
  return {carryover: 1, inputs: [{name: 'x', shape, dtype: 'float32'}], layers};
}

const uvb = (gates: readonly string[]): string[] =>
  gates.flatMap(gate => [`U${gate}`, `V${gate}`, `b${gate}`]);

const EPYNN_ROLES: Readonly<Record<string, readonly string[]>> = {
  LSTM: uvb(['f', 'i', 'g', 'o']),
  GRU: uvb(['z', 'r', 'hh']),
  RNN: uvb(['']),
  Dense: ['W', 'b'],
};

/** Arguments of neupy that are functions, which it stores as their reprs. */
const NEUPY_FUNCTIONS = [
  'ingate',
  'forgetgate',
  'outgate',
  'cell',
  'resetgate',
  'updategate',
  'hidden_update',
];

/**
 * A neupy network as its storages have it (`{neupy: {graph, layers}}`). Functions are told by the names in
 * their reprs. Source: neupy/storage.py of 0.8.2.
 */
export function neupyRecipe(json: Json, where: string): Json {
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
        config: neupyConfig(object(layer.configs, `${where}: '${name}'`)),
        variables: Object.fromEntries(parameters.map(role => [role, `${name}/${role}`])),
      };
    });
  return {carryover: 1, inputs: inputs.map(input => ({...input, name: renamed(input.name)})), layers};
}

/** Plain values as they are, functions by name; initializers are of no use once arrays are there. */
function neupyConfig(configs: Json): Json {
  const {name: _, ...own} = configs;
  const entries = Object.entries(own).flatMap(([key, value]): [string, unknown][] => {
    if (!NEUPY_FUNCTIONS.includes(key)) return typeof value === 'string' ? [] : [[key, value]];
    const named = /(?:function |\.|^)([a-z_]\w*)(?: at 0x[0-9a-f]+)?>?$/i.exec(String(value));
    return named ? [[key, named[1]!]] : [];
  });
  return Object.fromEntries(entries.filter(([, value]) => typeof value !== 'object'));
}

function defined(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
