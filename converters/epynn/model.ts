import type {WeightFile, WeightGroup} from '../arrays';
import {badFormat} from '../format-error';
import {PickleArray} from '../pickle/array';
import {plain} from '../pickle/plain';
import {kindOf, PickleGlobal, PickleObject, type PickleValue} from '../pickle/value';

/** What EpyNN's pickles name: its layers, activations and data sets, and the generators that seed them. */
export const EPYNN_CLASSES = ['epynn.*', 'numpy.random.*'] as const;

/** Attributes of a layer that are caches of its last batch, or stand elsewhere in the file. */
const CACHES: ReadonlySet<string> = new Set(['p', 'fs', 'fc', 'bs', 'bc', 'g', 'o']);

/** The model in what EpyNN's `write_model` pickled, `{'model': EpyNN}`, or in a pickled EpyNN itself. */
export function epynnModel(value: PickleValue): PickleObject | undefined {
  const model = value instanceof Map ? (value as Map<PickleValue, PickleValue>).get('model') : value;
  return model instanceof PickleObject && model.module.startsWith('epynn.') && model.name === 'EpyNN'
    ? model
    : undefined;
}

/**
 * A model of EpyNN (1.2.13, network/models.py, commons/library.py `write_model`): a group `layer<k>` per layer, arrays
 * called `layer<k>_<parameter>`, float64. `architecture` is `{epynn: {uname, layers: [...]}}` with each layer's class,
 * `d` (dimensions), `activation`, `se_hPars`, `trainable` and its other plain attributes.
 *
 * @throws CarryoverError E_FORMAT when it is no model with layers
 */
export function epynnFile(model: PickleObject, where: string): WeightFile {
  const layers = model.attribute('layers');
  if (!Array.isArray(layers)) throw badFormat(where, `an EpyNN model whose layers are ${kindOf(layers)}`);
  const read = (layers as readonly PickleValue[]).map((layer, k) => {
    if (!(layer instanceof PickleObject))
      throw badFormat(where, `layer ${k} of the model is ${kindOf(layer)}`);
    return layer;
  });
  const uname = model.attribute('uname');
  return {
    format: 'pickle',
    groups: read.map((layer, k) => parameters(layer, `layer${k}`, where)),
    architecture: {
      epynn: {...(typeof uname === 'string' ? {uname} : {}), layers: read.map(described)},
    },
    facts: {library: 'epynn', ...(typeof uname === 'string' ? {model: uname} : {})},
    close: () => {},
  };
}

function parameters(layer: PickleObject, name: string, where: string): WeightGroup {
  const stored = layer.attribute('p') ?? new Map();
  if (!(stored instanceof Map)) throw badFormat(where, `the parameters of ${name} are ${kindOf(stored)}`);
  const arrays = [...(stored as Map<PickleValue, PickleValue>)].map(([key, array]) => {
    if (typeof key !== 'string' || !(array instanceof PickleArray)) {
      throw badFormat(
        where,
        `the parameter ${String(key)} of ${name} is ${kindOf(array)}; expected an array`,
      );
    }
    return {name: `${name}_${key}`, dtype: array.dtype, shape: array.shape, read: () => array.read()};
  });
  return {name, arrays};
}

/** Attributes that say what the layer is: not its caches, its data sets, its generator. */
function described(layer: PickleObject): unknown {
  const attributes = layer.state instanceof Map ? [...(layer.state as Map<PickleValue, PickleValue>)] : [];
  const kept = attributes.filter(
    ([key, value]) =>
      typeof key === 'string' &&
      !CACHES.has(key) &&
      !Array.isArray(value) &&
      !(value instanceof PickleObject || (value instanceof PickleArray && value.shape.length > 0)),
  );
  const shown = kept.map(([key, value]) => [key, value instanceof PickleGlobal ? value.name : plain(value)]);
  return {class: layer.name, module: layer.module, ...Object.fromEntries(shown)};
}
