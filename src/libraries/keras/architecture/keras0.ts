import {CarryoverError} from '../../../errors';
import {
  type Architecture,
  type InputRecord,
  type LayerRecord,
  outputOf,
  type TensorRef,
} from '../../../model/architecture';
import {type Json, list, object, text} from '../../../model/json';
import {inputRecord, uniqueInput} from './inputs';
import type {FileFacts} from './keras';
import {inline, type Network} from './network';

/**
 * The architecture in Keras' JSON of 0.1 to 0.3: flat configs whose `name` is the class; a Sequential, or a
 * Graph with its nodes by name. Graph keeps all arrays in one group, in the order of `node_config`.
 *
 * The file does not say its release. `go_backwards` or `custom_name` give 0.3 away, `input_length` 0.2;
 * without either it is 0.1.
 * @param version overrides what the file shows
 */
export function parseKeras0(json: Json, where: string, version?: string): Architecture {
  const told = version ?? guessVersion(json);
  const facts: FileFacts = {library: 'keras0', version: told, where};
  const notes = version
    ? []
    : [
        `the file does not name its Keras release; its contents look like ${told} (option 'version' overrides this)`,
      ];
  const className = text(json.name, `${where}: name`);
  const network = parseContainer(json, facts, where);
  const layers =
    className === 'Graph' ? network.layers.map(layer => ({...layer, group: 'graph'})) : network.layers;
  return {library: 'keras0', version: told, name: 'model', ...network, layers, notes};
}

/** The oldest release that writes what is there. */
function guessVersion(json: Json): string {
  const written = JSON.stringify(json);
  if (/"(go_backwards|custom_name)":/.test(written)) return '0.3.3';
  return /"input_length":/.test(written) ? '0.2.0' : '0.1.3';
}

export function parseContainer(json: Json, facts: FileFacts, where: string): Network {
  const className = text(json.name, `${where}: name`);
  if (className === 'Sequential') return parseSequential(json, facts, where);
  if (className === 'Graph') return parseGraph(json, facts, where);
  throw new CarryoverError(
    'E_ARCHITECTURE',
    `${where}: name is '${className}'; expected Sequential or Graph`,
  );
}

const isContainer = (className: string): boolean => className === 'Sequential' || className === 'Graph';

function parseSequential(json: Json, facts: FileFacts, where: string): Network {
  const entries = list(json.layers, `${where}: layers`);
  const layers: LayerRecord[] = [];
  let inputs: InputRecord[] = [];
  let current: readonly TensorRef[] = [];
  for (const [k, entry] of entries.entries()) {
    const config = object(entry, `${where}: layer ${k}`);
    const className = text(config.name, `${where}: layer ${k}: name`);
    const name = layerName(config, className, k, layers);
    const here = `${where}: layer ${k} '${name}'`;
    const group = `layer_${k}`;
    if (isContainer(className)) {
      const network = parseContainer(config, facts, here);
      if (k === 0) {
        inputs = [...network.inputs];
        current = inputs.map(input => outputOf(input.name));
      }
      const inlined = inline(network, name, group, [current]);
      layers.push(...inlined.layers);
      current = inlined.outputs[0]!;
      continue;
    }
    if (className === 'Merge') {
      const branches = parseBranches(config, facts, here, name, group);
      inputs = [...branches.inputs];
      layers.push(...branches.layers);
      current = branches.outputs;
    } else if (k === 0) {
      inputs = [inputRecord(`${name}_input`, config, className)];
      current = [outputOf(inputs[0]!.name)];
    }
    layers.push({...record(name, className, config, current, facts, here), group});
    current = [outputOf(name)];
  }
  if (layers.length === 0)
    throw new CarryoverError('E_ARCHITECTURE', `${where}: a Sequential without layers`);
  return {inputs, layers, outputs: current};
}

/** Merge holds the models that it merges; each brings its own input. */
function parseBranches(config: Json, facts: FileFacts, where: string, merge: string, group: string): Network {
  const inputs: InputRecord[] = [];
  const layers: LayerRecord[] = [];
  const outputs: TensorRef[] = [];
  for (const [k, entry] of list(config.layers, `${where}: layers`).entries()) {
    const json = object(entry, `${where}: branch ${k}`);
    const here = `${where}: branch ${k}`;
    const network = isContainer(String(json.name))
      ? parseContainer(json, facts, here)
      : parseSequential({layers: [json]}, facts, here);
    const renamed = network.inputs.map(input => ({...input, name: uniqueInput(inputs, input.name)}));
    inputs.push(...renamed);
    const inlined = inline(network, `${merge}/branch${k}`, group, [
      renamed.map(input => outputOf(input.name)),
    ]);
    layers.push(...inlined.layers);
    outputs.push(...inlined.outputs[0]!);
  }
  return {inputs, layers, outputs};
}

function parseGraph(json: Json, facts: FileFacts, where: string): Network {
  const layers: LayerRecord[] = [];
  /** Nodes that are containers: what they put out. */
  const containers = new Map<string, TensorRef>();
  const resolve = (name: string): TensorRef => containers.get(name) ?? outputOf(name);
  const nodes = object(json.nodes, `${where}: nodes`);
  const inputConfigs = list(json.input_config, `${where}: input_config`).map(entry =>
    object(entry, `${where}: input_config`),
  );

  /** One tensor for a node or output: the input it names, or the merge of several. */
  const incoming = (config: Json, name: string): TensorRef => {
    const several = config.inputs ? list(config.inputs, `${where}: inputs of '${name}'`) : [];
    if (several.length === 0) return resolve(text(config.input, `${where}: input of '${name}'`));
    const merge = `${name}_merge`;
    const own = {
      mode: config.merge_mode ?? 'concat',
      concat_axis: config.concat_axis,
      dot_axes: config.dot_axes,
    };
    const calls = several.map(input => resolve(text(input, `${where}: inputs of '${name}'`)));
    layers.push(record(merge, 'Merge', own, calls, facts, `${where}: inputs of '${name}'`));
    return outputOf(merge);
  };

  for (const entry of list(json.node_config, `${where}: node_config`)) {
    const node = object(entry, `${where}: node_config`);
    const name = text(node.name, `${where}: node_config: name`);
    const here = `${where}: node '${name}'`;
    const config = object(nodes[name], here);
    const className = text(config.name, `${here}: name`);
    const input = incoming(node, name);
    if (isContainer(className)) {
      const inlined = inline(parseContainer(config, facts, here), name, name, [[input]]);
      layers.push(...inlined.layers);
      containers.set(name, inlined.outputs[0]![0]!);
    } else {
      layers.push(record(name, className, config, [input], facts, here));
    }
  }
  const outputs = list(json.output_config, `${where}: output_config`).map(entry => {
    const output = object(entry, `${where}: output_config`);
    return incoming(output, text(output.name, `${where}: output_config: name`));
  });
  const inputs = inputConfigs.map(config => graphInput(config, json, where));
  return {inputs, layers, outputs};
}

/** 0.3 gives a Graph's input a shape; before that, the first node that reads it has to know. */
function graphInput(config: Json, graph: Json, where: string): InputRecord {
  const name = text(config.name, `${where}: input_config: name`);
  const reader = list(graph.node_config, where)
    .map(entry => object(entry, where))
    .find(node => node.input === name || (Array.isArray(node.inputs) && node.inputs.includes(name)));
  const readerConfig = reader ? object(object(graph.nodes, where)[reader.name as string], where) : {};
  const own = inputRecord(name, config);
  const told = inputRecord(
    name,
    readerConfig,
    typeof readerConfig.name === 'string' ? readerConfig.name : undefined,
  );
  const dtype = String(config.dtype ?? '').startsWith('int') ? 'int32' : told.dtype;
  return {name, shape: own.shape ?? told.shape, dtype};
}

function record(
  name: string,
  className: string,
  config: Json,
  inputs: readonly TensorRef[],
  facts: FileFacts,
  where: string,
): LayerRecord {
  const {library, version} = facts;
  // `name` is the class here; the layer's own is `custom_name`.
  const {name: _class, custom_name: _name, ...own} = config;
  return {name, library, version, className, config: own, calls: [inputs], group: name, where};
}

function layerName(config: Json, className: string, index: number, layers: readonly LayerRecord[]): string {
  const own = typeof config.custom_name === 'string' ? config.custom_name : undefined;
  // 0.3 gives every layer of a class the same custom_name.
  const candidate =
    own && !layers.some(layer => layer.name === own) ? own : `${className.toLowerCase()}_${index + 1}`;
  return candidate;
}
