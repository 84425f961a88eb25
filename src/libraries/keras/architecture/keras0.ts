import {CarryoverError} from '../../../errors';
import {
  type Architecture,
  callOf,
  type InputRecord,
  type LayerRecord,
  type MemberRecord,
  outputOf,
  type TensorRef,
} from '../../../model/architecture';
import {inLayer} from '../../../model/at-layer';
import {type Json, list, object, text} from '../../../model/json';
import {inputRecord} from './inputs';
import {
  type Entry,
  type FileFacts,
  inline,
  layerRecord,
  memberRecord,
  type Network,
  type SequentialReader,
  sequentialNetwork,
} from './network';

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
  const facts: FileFacts = {library: 'keras0', version: told};
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

/** A container by itself. */
export function parseContainer(json: Json, facts: FileFacts, where: string): Network {
  const className = text(json.name, `${where}: name`);
  if (className === 'Graph') return parseGraph(json, facts, where);
  if (className === 'Sequential') {
    const {name: _, layers, ...own} = json;
    return sequentialNetwork(list(layers, `${where}: layers`), own, readerOf(facts), where);
  }
  throw new CarryoverError(
    'E_ARCHITECTURE',
    `${where}: name is '${className}'; expected Sequential or Graph`,
  );
}

const readerOf = (facts: FileFacts): SequentialReader => ({
  facts,
  entry: (json, index, where, earlier) => {
    const here = `${where}: layer ${index}`;
    const {name, custom_name: told} = json;
    const made = `${text(name, `${here}: name`).toLowerCase()}_${index + 1}`;
    // 0.3 gives every layer of a class the same custom_name.
    const isFree = typeof told === 'string' && !earlier.some(layer => layer.name === told);
    return entryOf(json, isFree ? told : made, `layer_${index}`, facts, here);
  },
  inputName: ({name}) => `${name}_input`,
  mergedArrays: true,
});

/** A layer in its flat config, whose `name` is the class. */
function entryOf(json: Json, name: string, group: string, facts: FileFacts, where: string): Entry {
  const {name: given, ...config} = json;
  const className = text(given, `${where}: name`);
  const place = `${where} '${name}'`;
  const isContainer = className === 'Sequential' || className === 'Graph';
  const network = isContainer ? inLayer(name, () => parseContainer(json, facts, place)) : undefined;
  return {name, className, config, network, group, where: place};
}

function parseGraph(json: Json, facts: FileFacts, where: string): Network {
  const {name: _, nodes: listed, ...config} = json;
  const layers: LayerRecord[] = [];
  const members: MemberRecord[] = [];
  /** Nodes that are containers: what they put out. */
  const containers = new Map<string, TensorRef>();
  const named = new Map<string, readonly (readonly TensorRef[])[]>();
  const resolve = (name: string): TensorRef => containers.get(name) ?? outputOf(name);
  const nodes = object(listed, `${where}: nodes`);
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
    const here = `${where}: inputs of '${name}'`;
    const calls = several.map(input => resolve(text(input, here)));
    const entry = {name: merge, className: 'Merge', config: own, group: merge, where: here};
    layers.push(layerRecord(entry, [callOf(...calls)], facts));
    return outputOf(merge);
  };

  for (const value of list(json.node_config, `${where}: node_config`)) {
    const node = object(value, `${where}: node_config`);
    const name = text(node.name, `${where}: node_config: name`);
    const here = `${where}: node`;
    const entry = entryOf(object(nodes[name], `${here} '${name}'`), name, name, facts, here);
    const input = incoming(node, name);
    members.push(memberRecord(entry));
    if (entry.network) {
      const inlined = inline(entry.network, name, name, [[input]]);
      layers.push(...inlined.layers);
      containers.set(name, inlined.outputs[0]![0]!);
      for (const [inner, given] of inlined.named) named.set(inner, given);
    } else {
      layers.push(layerRecord(entry, [callOf(input)], facts));
    }
  }
  const outputs = list(json.output_config, `${where}: output_config`).map(entry => {
    const output = object(entry, `${where}: output_config`);
    const name = text(output.name, `${where}: output_config: name`);
    const tensor = incoming(output, name);
    named.set(name, [[tensor]]);
    return tensor;
  });
  const inputs = inputConfigs.map(entry => graphInput(entry, json, where));
  return {inputs, layers, outputs, container: {className: 'Graph', config, members}, named};
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
