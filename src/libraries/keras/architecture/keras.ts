import {since} from '../../../dialects/version';
import {CarryoverError} from '../../../errors';
import type {
  Architecture,
  CallRef,
  ContainerRecord,
  InputRecord,
  LayerRecord,
  MemberRecord,
  TensorRef,
} from '../../../model/architecture';
import {brief, type Json, list, object, text} from '../../../model/json';
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

const CONTAINERS = ['Sequential', 'Model', 'Functional'];

/**
 * The architecture in Keras' JSON of 1.0 to 2.3: a Sequential (whose config is a bare list to 2.2.2, an
 * object later) or a functional Model.
 */
export function parseKerasModel(json: Json, facts: FileFacts, where: string): Architecture {
  const {library, version} = facts;
  const network = parseContainer(json, facts, where);
  const name = network.container.config?.name;
  const notes = callNotes(network.container, '');
  return {library, version, name: typeof name === 'string' ? name : 'model', ...network, notes};
}

/** A container by itself. */
export function parseContainer(json: Json, facts: FileFacts, where: string): Network {
  const className = text(json.class_name, `${where}: class_name`);
  if (!CONTAINERS.includes(className)) {
    throw new CarryoverError(
      'E_ARCHITECTURE',
      `${where}: class_name is '${className}'; expected one of ${CONTAINERS.join(', ')} (a whole Keras model)`,
    );
  }
  if (Array.isArray(json.config)) return sequentialNetwork(json.config, undefined, readerOf(facts), where);
  const config = object(json.config, `${where}: config`);
  if (className !== 'Sequential') return parseFunctional(className, config, facts, where);
  const {layers, ...own} = config;
  return sequentialNetwork(list(layers, `${where}: layers`), own, readerOf(facts), where);
}

const readerOf = (facts: FileFacts): SequentialReader => ({
  facts,
  entry: (json, index, where) => entryOf(json, index, facts, where),
  inputName: inputNames(facts.version ?? '2'),
  mergedArrays: false,
});

/** 1.x counts inputs by the class of their layer. */
const inputNames = since<SequentialReader['inputName']>({
  '1': ({className}) => `${className.toLowerCase()}_input_1`,
  '2': ({name}) => `${name}_input`,
});

/** A layer as a container lists it: `{class_name, config, name?}`. */
function entryOf(json: Json, index: number, facts: FileFacts, where: string): Entry {
  const here = `${where}: layer ${index}`;
  const className = text(json.class_name, `${here}: class_name`);
  const config = Array.isArray(json.config) ? {} : object(json.config, `${here}: config`);
  const told = json.name ?? config.name;
  const name = typeof told === 'string' ? told : `${className.toLowerCase()}_${index + 1}`;
  const place = `${here} '${name}'`;
  const network = CONTAINERS.includes(className) ? parseContainer(json, facts, place) : undefined;
  return {name, className, config, network, group: name, where: place};
}

function parseFunctional(className: string, config: Json, facts: FileFacts, where: string): Network {
  const {layers: listed, input_layers: inputLayers, output_layers: outputLayers, ...own} = config;
  const pending = list(listed, `${where}: layers`).map((value, k) => {
    const json = object(value, `${where}: layer ${k}`);
    const entry = entryOf(json, k, facts, where);
    return {entry, calls: callsOf(json, entry.where)};
  });
  const ends = {
    inputs: refs(inputLayers, `${where}: input_layers`),
    outputs: refs(outputLayers, `${where}: output_layers`),
  };
  const members = pending.map(({entry, calls}) => memberRecord(entry, {calls}));
  const offset = firstCalls(members, ends.outputs);
  /** Containers: the outputs of each of their calls, by name; undefined until they are taken apart. */
  const containers = new Map<string, Network | readonly (readonly TensorRef[])[]>(
    pending.flatMap(({entry: {name, network}}) => (network ? [[name, network] as const] : [])),
  );
  const isKnown = (ref: TensorRef): boolean =>
    !containers.has(ref.layer) || Array.isArray(containers.get(ref.layer));
  const resolve = ({layer, call, output}: TensorRef): TensorRef => {
    const outputs = containers.get(layer);
    const inside = Array.isArray(outputs) && outputs[call - offset(layer)]?.[output];
    return inside || {layer, call, output};
  };
  const inputs: InputRecord[] = [];
  const layers: LayerRecord[] = [];
  // Layers are listed in the order of their weights; a container can be taken apart once its inputs are known.
  while (pending.length > 0) {
    const ready = pending.findIndex(({calls}) => calls.flat().every(isKnown));
    if (ready < 0)
      throw new CarryoverError('E_ARCHITECTURE', `${where}: containers refer to each other in a circle`);
    const {entry, calls: told} = pending.splice(ready, 1)[0]!;
    const calls = told.map(refs => refs.map(resolve));
    if (entry.className === 'InputLayer') {
      inputs.push(inputRecord(entry.name, entry.config));
    } else if (entry.network) {
      const inlined = inline(entry.network, entry.name, entry.group, calls);
      layers.push(...inlined.layers);
      containers.set(entry.name, inlined.outputs);
    } else {
      layers.push(layerRecord(entry, calls, facts));
    }
  }
  const sorted = ends.inputs.map(({layer}) => {
    const input = inputs.find(candidate => candidate.name === layer);
    if (input) return input;
    throw new CarryoverError(
      'E_ARCHITECTURE',
      `${where}: input_layers names '${layer}', which is no InputLayer`,
    );
  });
  const container = {className, config: own, members, ...ends};
  return {inputs: sorted, layers, outputs: ends.outputs.map(resolve), container};
}

/**
 * The number of a container's first call: 1, for its own definition is call 0, but 0 for those that tf.keras 1 built
 * when they were called. What refers to them tells.
 */
function firstCalls(
  members: readonly MemberRecord[],
  outputs: readonly TensorRef[],
): (name: string) => number {
  const named = [...members.flatMap(({calls = []}) => calls.flat()), ...outputs];
  const fromZero = new Set(named.filter(({call}) => call === 0).map(({layer}) => layer));
  return name => (fromZero.has(name) ? 0 : 1);
}

function callsOf(json: Json, where: string): CallRef[][] {
  return list(json.inbound_nodes ?? [], `${where}: inbound_nodes`).map((node, k) =>
    refs(node, `${where}: inbound_nodes ${k}`),
  );
}

/** `[["lstm_1", 0, 0], ...]`, or one such triple alone; arguments of the call may come fourth. */
function refs(value: unknown, where: string): CallRef[] {
  const entries = list(value, where);
  const triples = typeof entries[0] === 'string' ? [entries] : entries;
  return triples.map(entry => {
    const [layer, call, output, args] = list(entry, where);
    if (typeof layer !== 'string' || !Number.isInteger(call) || !Number.isInteger(output)) {
      throw new CarryoverError(
        'E_ARCHITECTURE',
        `${where}: found ${brief(entry)}; expected ["layer", call, output]`,
      );
    }
    const ref = {layer, call: call as number, output: output as number};
    return args === undefined ? ref : {...ref, args: callArguments(args, where)};
  });
}

/** Arguments of a call change what a layer computes, all but one that matters to training alone. */
function callArguments(value: unknown, where: string): Json {
  const args = object(value, where);
  for (const [name, argument] of Object.entries(args)) {
    if (argument === null || (name === 'training' && argument === false)) continue;
    throw new CarryoverError(
      'E_ARCHITECTURE',
      `${where}: the layer is called with ${name}=${brief(argument)}, which is not supported; expected tensors of other layers alone`,
    );
  }
  return args;
}

/** What is left out of calls. */
function callNotes({members}: ContainerRecord, path: string): string[] {
  return members.flatMap(({name, calls = [], container}) => [
    ...(calls.flat().some(({args}) => args?.training === false)
      ? [`${path}${name}: called with training=False, which is left out: it acts in training only`]
      : []),
    ...(container ? callNotes(container, `${path}${name}/`) : []),
  ]);
}
