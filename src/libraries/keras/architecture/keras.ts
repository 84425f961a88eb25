import {CarryoverError} from '../../../errors';
import type {Architecture, InputRecord, LayerRecord, TensorRef} from '../../../model/architecture';
import {outputOf} from '../../../model/architecture';
import {brief, type Json, list, object, text} from '../../../model/json';
import {inputRecord, uniqueInput} from './inputs';
import {inline, type Network} from './network';

/** What holds for every layer of a file. */
export interface FileFacts {
  readonly library: string;
  readonly version?: string;
  readonly backend?: string;
  /** The file's name, for messages. */
  readonly where: string;
}

const CONTAINERS = ['Sequential', 'Model', 'Functional'];

/**
 * The architecture in Keras' JSON of 1.0 to 2.3: a Sequential (whose config is a bare list to 2.2.2, an
 * object later) or a functional Model.
 */
export function parseKerasModel(json: Json, facts: FileFacts): Architecture {
  const network = parseContainer(json, facts, facts.where);
  const config = Array.isArray(json.config) ? {} : object(json.config, facts.where);
  return {
    library: facts.library,
    version: facts.version,
    name: typeof config.name === 'string' ? config.name : 'model',
    ...network,
    notes: [],
  };
}

export function parseContainer(json: Json, facts: FileFacts, where: string): Network {
  const className = text(json.class_name, `${where}: class_name`);
  if (className === 'Sequential') return parseSequential(json.config, facts, where);
  if (CONTAINERS.includes(className))
    return parseFunctional(object(json.config, `${where}: config`), facts, where);
  throw new CarryoverError(
    'E_ARCHITECTURE',
    `${where}: class_name is '${className}'; expected one of ${CONTAINERS.join(', ')} (a whole Keras model)`,
  );
}

/** Where a layer stands, for messages. */
function place(where: string, index: number, name: string): string {
  return `${where}: layer ${index} '${name}'`;
}

function parseSequential(config: unknown, facts: FileFacts, where: string): Network {
  const bare = Array.isArray(config);
  const entries = list(bare ? config : object(config, `${where}: config`).layers, `${where}: layers`);
  const layers: LayerRecord[] = [];
  let inputs: InputRecord[] = [];
  let current: readonly TensorRef[] = [];
  for (const [k, entry] of entries.entries()) {
    const json = object(entry, `${where}: layer ${k}`);
    const className = text(json.class_name, `${where}: layer ${k}: class_name`);
    const own = Array.isArray(json.config) ? {} : object(json.config, `${where}: layer ${k}: config`);
    const name = layerName(own, className, k);
    const here = place(where, k, name);
    if (className === 'InputLayer') {
      inputs = [inputRecord(name, own)];
      current = [outputOf(name)];
      continue;
    }
    if (className === 'Merge' && k === 0) {
      const branches = parseBranches(own, facts, here, name);
      inputs = [...branches.inputs];
      layers.push(...branches.layers);
      current = branches.outputs;
    } else if (CONTAINERS.includes(className)) {
      const network = parseContainer(json, facts, here);
      if (k === 0) {
        inputs = [...network.inputs];
        current = inputs.map(input => outputOf(input.name));
      }
      const inlined = inline(network, name, name, [current]);
      layers.push(...inlined.layers);
      current = inlined.outputs[0]!;
      continue;
    } else if (k === 0) {
      inputs = [inputRecord(`${name}_input`, own, className)];
      current = [outputOf(inputs[0]!.name)];
    }
    layers.push(record(name, className, own, [current], facts, here));
    current = [outputOf(name)];
  }
  if (layers.length === 0)
    throw new CarryoverError('E_ARCHITECTURE', `${where}: a Sequential without layers`);
  return {inputs, layers, outputs: current};
}

/** Keras 1: a Sequential that begins with a Merge of other Sequentials. */
function parseBranches(config: Json, facts: FileFacts, where: string, merge: string): Network {
  const branches = list(config.layers, `${where}: layers`);
  const inputs: InputRecord[] = [];
  const layers: LayerRecord[] = [];
  const outputs: TensorRef[] = [];
  for (const [k, entry] of branches.entries()) {
    const json = object(entry, `${where}: branch ${k}`);
    const className = text(json.class_name, `${where}: branch ${k}: class_name`);
    const here = `${where}: branch ${k}`;
    const isContainer = CONTAINERS.includes(className);
    const network = isContainer ? parseContainer(json, facts, here) : parseSequential([json], facts, here);
    const name = `${merge}/branch${k}`;
    const renamed = network.inputs.map(input => ({...input, name: uniqueInput(inputs, input.name)}));
    inputs.push(...renamed);
    const inlined = inline(network, name, merge, [renamed.map(input => outputOf(input.name))]);
    layers.push(...inlined.layers);
    outputs.push(...inlined.outputs[0]!);
  }
  return {inputs, layers, outputs};
}

function parseFunctional(config: Json, facts: FileFacts, where: string): Network {
  const entries = list(config.layers, `${where}: layers`).map((entry, k) =>
    object(entry, `${where}: layer ${k}`),
  );
  const inputs: InputRecord[] = [];
  const layers: LayerRecord[] = [];
  /** Containers: the outputs of each of their calls, by name. */
  const containers = new Map<string, readonly (readonly TensorRef[])[]>();
  const pending = entries.map((json, k) => ({json, k}));
  const known = new Set<string>();
  const isContainer = new Set(
    entries.filter(json => CONTAINERS.includes(json.class_name as string)).map(json => json.name as string),
  );
  /** In the file's own numbers, a container's first call is 1: its own definition is call 0. */
  const resolve = (ref: TensorRef): TensorRef =>
    containers.get(ref.layer)?.[ref.call - 1]?.[ref.output] ?? ref;
  // Layers are listed in the order of their weights; a container can be taken apart once its inputs are known.
  while (pending.length > 0) {
    const ready = pending.findIndex(({json}) => {
      const refs = callsOf(json, where).flat();
      return refs.every(ref => !isContainer.has(ref.layer) || known.has(ref.layer));
    });
    if (ready < 0)
      throw new CarryoverError('E_ARCHITECTURE', `${where}: containers refer to each other in a circle`);
    const {json, k} = pending.splice(ready, 1)[0]!;
    const className = text(json.class_name, `${where}: layer ${k}: class_name`);
    const own = Array.isArray(json.config) ? {} : object(json.config, `${where}: layer ${k}: config`);
    const name = text(json.name ?? own.name, `${where}: layer ${k}: name`);
    const here = place(where, k, name);
    const calls = callsOf(json, here).map(refs => refs.map(resolve));
    if (className === 'InputLayer') {
      inputs.push(inputRecord(name, own));
    } else if (CONTAINERS.includes(className)) {
      const inlined = inline(parseContainer(json, facts, here), name, name, calls);
      layers.push(...inlined.layers);
      containers.set(name, inlined.outputs);
      known.add(name);
    } else {
      layers.push(record(name, className, own, calls, facts, here));
    }
  }
  const order = refs(config.input_layers, `${where}: input_layers`).map(ref => ref.layer);
  const sorted = order.map(name => {
    const input = inputs.find(candidate => candidate.name === name);
    if (!input)
      throw new CarryoverError(
        'E_ARCHITECTURE',
        `${where}: input_layers names '${name}', which is no InputLayer`,
      );
    return input;
  });
  return {
    inputs: sorted,
    layers,
    outputs: refs(config.output_layers, `${where}: output_layers`).map(resolve),
  };
}

function callsOf(json: Json, where: string): TensorRef[][] {
  return list(json.inbound_nodes ?? [], `${where}: inbound_nodes`).map((node, k) =>
    refs(node, `${where}: inbound_nodes ${k}`),
  );
}

/** `[["lstm_1", 0, 0], ...]`, or one such triple alone. */
function refs(value: unknown, where: string): TensorRef[] {
  const entries = list(value, where);
  const triples = typeof entries[0] === 'string' ? [entries] : entries;
  return triples.map(entry => {
    const [layer, call, output] = list(entry, where);
    if (typeof layer !== 'string' || !Number.isInteger(call) || !Number.isInteger(output)) {
      throw new CarryoverError(
        'E_ARCHITECTURE',
        `${where}: found ${brief(entry)}; expected ["layer", call, output]`,
      );
    }
    return {layer, call: call as number, output: output as number};
  });
}

function record(
  name: string,
  className: string,
  config: Json,
  calls: readonly (readonly TensorRef[])[],
  facts: FileFacts,
  where: string,
): LayerRecord {
  const {library, version, backend} = facts;
  return {name, library, version, backend, className, config, calls, group: name, where};
}

function layerName(config: Json, className: string, index: number): string {
  return typeof config.name === 'string' ? config.name : `${className.toLowerCase()}_${index + 1}`;
}
