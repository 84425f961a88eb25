import type {NamedArray, WeightFile} from '../arrays';
import {badFormat} from '../format-error';
import {beyond, type Limits} from '../limits';

/** An array that is read when asked for. */
export type StoredArray = Omit<NamedArray, 'name' | 'slice'>;

/** An array of a layer. */
export interface NeupyParameter {
  /** Its values. */
  readonly value: StoredArray;
  /** Whether training changes it. */
  readonly trainable: boolean;
}

/** A layer as neupy stores it. */
export interface NeupyLayer {
  /** neupy's class: `LSTM`, `Embedding`, ... */
  readonly class_name: string;
  /** The layer's name. */
  readonly name: string;
  /** The arguments that are no parameters. Functions and initializers are text: `<function tanh>`, `HeNormal(gain=1)`. */
  readonly configs: Readonly<Record<string, unknown>>;
  /** By name: `input_weights`, `hidden_weights`, `biases`, ... */
  readonly parameters: ReadonlyMap<string, NeupyParameter>;
}

/** What every storage of neupy holds (neupy 0.8.2, storage.py, `save_dict`). */
export interface NeupyNetwork {
  /** `language`, `library`, `version`, `created`. */
  readonly metadata: Readonly<Record<string, unknown>>;
  /** Each layer's name with those of the layers that take its output. */
  readonly graph: readonly (readonly [string, readonly string[]])[];
  /** The layers, in stored order. */
  readonly layers: readonly NeupyLayer[];
}

/** A weight file with its network; arrays are called `<layer name>/<parameter>`, a group is a layer. */
export interface NeupyFile extends WeightFile {
  /** The network as it is stored. */
  readonly network: NeupyNetwork;
  /** The network without its arrays. */
  readonly architecture: {
    /** As neupy's own storage has it. */
    readonly neupy: unknown;
  };
}

/** Reads one parameter's value as the storage has it. */
export type ReadValue = (value: unknown, where: string) => StoredArray;

export function neupyFile(network: NeupyNetwork, format: string, close: () => void = () => {}): NeupyFile {
  const {metadata, graph, layers} = network;
  const facts = Object.entries(metadata).filter(
    (fact): fact is [string, string] => typeof fact[1] === 'string',
  );
  return {
    format,
    network,
    groups: layers.map(({name, parameters}) => ({
      name,
      arrays: [...parameters].map(([parameter, {value}]) => ({
        name: `${name}/${parameter}`,
        dtype: value.dtype,
        shape: value.shape,
        read: () => value.read(),
      })),
    })),
    architecture: {
      neupy: {
        metadata,
        graph,
        layers: layers.map(({class_name, name, configs, parameters}) => ({
          class_name,
          name,
          configs,
          parameters: Object.fromEntries(
            [...parameters].map(([key, {value, trainable}]) => [key, {shape: value.shape, trainable}]),
          ),
        })),
      },
    },
    facts: Object.fromEntries(facts),
    close,
  };
}

/** Whether data are laid out as neupy's dictionaries are: a list `layers` of dictionaries with `parameters`. */
export function isNeupyData(data: unknown): boolean {
  return (
    isRecord(data) &&
    Array.isArray(data.layers) &&
    data.layers.some(layer => isRecord(layer) && 'parameters' in layer)
  );
}

/**
 * The network of a dictionary, with the checks of neupy's `validate_data_structure`. Metadata and graph may be missing,
 * as they may for neupy.
 * @throws CarryoverError E_FORMAT when it is no such dictionary
 */
export function networkOf(data: unknown, where: string, readValue: ReadValue, limits: Limits): NeupyNetwork {
  if (!isRecord(data) || !Array.isArray(data.layers)) {
    throw badFormat(where, "not neupy's storage: expected a dictionary with a list 'layers'");
  }
  if (data.layers.length > limits.neupyLayers) {
    throw beyond(where, 'neupyLayers', `${data.layers.length} layers`, limits);
  }
  const layers = data.layers.map((layer: unknown, k) =>
    layerOf(layer, `${where}: layer ${k}`, readValue, limits),
  );
  const names = new Set<string>();
  for (const {name} of layers) {
    if (names.has(name)) throw badFormat(where, `two layers called '${name}'`);
    names.add(name);
  }
  return {
    metadata: isRecord(data.metadata) ? data.metadata : {},
    graph: graphOf(data.graph ?? [], where),
    layers,
  };
}

function layerOf(layer: unknown, where: string, readValue: ReadValue, limits: Limits): NeupyLayer {
  if (!isRecord(layer)) throw badFormat(where, 'no dictionary');
  const {name, class_name: className = '', configs = {}, parameters} = layer;
  if (typeof name !== 'string') throw badFormat(where, "no 'name'");
  if (name.length > limits.neupyNameCharacters) {
    throw beyond(where, 'neupyNameCharacters', `a name of ${name.length} characters`, limits);
  }
  if (!isRecord(parameters)) throw badFormat(`${where} '${name}'`, "no dictionary 'parameters'");
  const entries = Object.entries(parameters);
  if (entries.length > limits.neupyParameters) {
    throw beyond(where, 'neupyParameters', `${entries.length} parameters`, limits);
  }
  const read = entries.map(([key, parameter]): [string, NeupyParameter] => {
    const place = `${where} '${name}': '${key}'`;
    if (!isRecord(parameter) || !('value' in parameter))
      throw badFormat(place, "no dictionary with a 'value'");
    return [key, {value: readValue(parameter.value, place), trainable: parameter.trainable !== false}];
  });
  return {
    class_name: typeof className === 'string' ? className : '',
    name,
    configs: isRecord(configs) ? configs : {},
    parameters: new Map(read),
  };
}

function graphOf(graph: unknown, where: string): NeupyNetwork['graph'] {
  const names = (value: unknown): value is string[] =>
    Array.isArray(value) && value.every(name => typeof name === 'string');
  const isEdge = (edge: unknown): edge is [string, string[]] =>
    Array.isArray(edge) && edge.length === 2 && typeof edge[0] === 'string' && names(edge[1]);
  if (!Array.isArray(graph) || !graph.every(isEdge)) {
    throw badFormat(where, "a malformed 'graph': expected a list of [layer, [layers it feeds]]");
  }
  return graph;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);
}
