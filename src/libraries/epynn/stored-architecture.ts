import {type Json, list, object} from '../../model/json';
import type {StoredArchitecture} from '../library';

/** What EpyNN stores of a network beside its arrays (`{epynn: {layers}}`), as a recipe: its own words, its own names. */
export const epynnArchitecture: StoredArchitecture = {
  title: 'a network of EpyNN',
  recognises: json => 'epynn' in json,
  parse: (json, {where}) => recipeOf(json, where),
};

/** Layers that do nothing to data at test time, or stand for the input. */
const INPUT = 'Embedding';

/**
 * An EpyNN model as its pickle has it (`{epynn: {layers}}`): a chain. The first layer, called Embedding, is
 * the data set. Source: epynn/network/models.py of 1.2.13.
 */
function recipeOf(json: Json, where: string): Json {
  const stored = list(object(json.epynn, where).layers, `${where}: layers`).map((layer, k) =>
    object(layer, `${where}: layer ${k}`),
  );
  const layers = stored.flatMap((layer, k) => {
    if (layer.class === INPUT) return [];
    const sizes = object(layer.d, `${where}: layer ${k}: d`);
    const {class: name, activation, sequences, clip_gradients, se_hPars} = layer;
    const activations =
      activation === undefined ? {} : object(activation, `${where}: layer ${k}: activation`);
    const units = name === 'Dense' ? {units: sizes.u} : {unit_cells: sizes.u};
    const roles = ROLES[String(name)] ?? [];
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
  const first = stored.find(layer => layer.class !== INPUT);
  const {s, e, n} = first ? object(first.d, `${where}: d`) : {};
  const shape = s === undefined ? [null, n ?? null] : [null, null, e ?? null];
  return {carryover: 1, inputs: [{name: 'x', shape, dtype: 'float32'}], layers};
}

const uvb = (gates: readonly string[]): string[] =>
  gates.flatMap(gate => [`U${gate}`, `V${gate}`, `b${gate}`]);

const ROLES: Readonly<Record<string, readonly string[]>> = {
  LSTM: uvb(['f', 'i', 'g', 'o']),
  GRU: uvb(['z', 'r', 'hh']),
  RNN: uvb(['']),
  Dense: ['W', 'b'],
};

function defined(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
