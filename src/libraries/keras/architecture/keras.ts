import {before, since} from '../../../dialects/version';
import {CarryoverError} from '../../../errors';
import type {
  Architecture,
  InputRecord,
  LayerCall,
  LayerRecord,
  MemberRecord,
  TensorRef,
} from '../../../model/architecture';
import {atLayer, inLayer} from '../../../model/at-layer';
import {freshNames} from '../../../model/fresh-name';
import {isJson, type Json, list, object, text} from '../../../model/json';
import {type LoweredCall, lowerCall} from '../../../model/lower-call';
import {TENSORS} from '../../built';
import {callsOf, refs} from './calls';
import {inputLayer} from './inputs';
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
  const notes = network.notes ?? [];
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
  const {class_name: told, config: written, ...others} = json;
  const className = text(told, `${here}: class_name`);
  const known = isJson(written) ? written : {};
  const named = json.name ?? known.name;
  const name = typeof named === 'string' ? named : `${className.toLowerCase()}_${index + 1}`;
  const place = `${here} '${name}'`;
  const config = inLayer(name, () => (Array.isArray(written) ? {} : object(written, `${place}: config`)));
  const isContainer = CONTAINERS.includes(className);
  const network = isContainer ? inLayer(name, () => parseContainer(json, facts, place)) : undefined;
  const operation = isOperation(json, config, facts);
  return {name, className, config, network, group: name, others, operation, where: place};
}

/**
 * Whether a layer of Keras 3 is an operation, which may have a layer's class name (`Add`): its module tells, or, in HDF5,
 * which leaves modules out, that it has neither a dtype nor anything to train.
 */
function isOperation(
  {module, class_name: className}: Json,
  config: Json,
  {version = '0'}: FileFacts,
): boolean {
  if (typeof module === 'string') return /^keras\.(src\.)?ops\b/.test(module);
  const isLayer = ['trainable', 'dtype', 'layers'].some(key => key in config);
  return !before(version, '3') && className !== 'InputLayer' && !isLayer;
}

function parseFunctional(className: string, config: Json, facts: FileFacts, where: string): Network {
  const {layers: listed, ...own} = config;
  const entries = list(listed, `${where}: layers`).map((value, k) =>
    entryOf(object(value, `${where}: layer ${k}`), k, facts, where),
  );
  const names = new Set(entries.map(({name}) => name));
  const pending = entries.map(entry => ({
    entry,
    calls: inLayer(entry.name, () => callsOf(entry.others?.inbound_nodes, names, entry.where)),
  }));
  const ends = {
    inputs: refs(own.input_layers, `${where}: input_layers`),
    outputs: refs(own.output_layers, `${where}: output_layers`),
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
  const named = new Map<string, readonly (readonly TensorRef[])[]>();
  const inputs: InputRecord[] = [];
  const layers: LayerRecord[] = [];
  const notes: string[] = [];
  // Layers are listed in the order of their weights; a container can be taken apart once its inputs are known.
  while (pending.length > 0) {
    const ready = pending.findIndex(({calls}) => calls.every(call => call.inputs.every(isKnown)));
    if (ready < 0)
      throw new CarryoverError('E_ARCHITECTURE', `${where}: containers refer to each other in a circle`);
    const {entry, calls: told} = pending.splice(ready, 1)[0]!;
    const calls = told.map(call => ({...call, inputs: call.inputs.map(resolve)}));
    if (entry.className === 'InputLayer') {
      inputs.push(inputLayer(entry, facts));
    } else if (entry.network) {
      const called = calls.map(call => atLayer(entry, () => containerCall(entry, call, facts, names)));
      notes.push(...called.flatMap(({notes: own}) => own), ...(entry.network.notes ?? []));
      const inlined = inline(
        entry.network,
        entry.name,
        entry.group,
        called.map(({call}) => call.inputs),
      );
      layers.push(...called.flatMap(({before: own}) => own), ...inlined.layers);
      containers.set(entry.name, inlined.outputs);
      for (const [inner, given] of inlined.named) named.set(inner, given);
    } else {
      layers.push(layerRecord(entry, calls, facts));
    }
  }
  const sorted = sortedInputs(inputs, ends.inputs, where);
  const container = {className, config: own, members, ...ends};
  return {inputs: sorted, layers, outputs: ends.outputs.map(resolve), container, named, notes};
}

/** A call of a container: its layers get their masks with the data. */
function containerCall(
  {name, group, where}: Entry,
  call: LayerCall,
  facts: FileFacts,
  names: Set<string>,
): LoweredCall {
  const lowered = lowerCall({name, group, where, ...facts}, call, TENSORS, freshNames(names));
  if (!lowered.training) return lowered;
  throw new CarryoverError(
    'E_LAYER',
    `${where}: the model inside is called with training=True, which is not supported; expected False or none`,
    {argument: 'training'},
  );
}

function sortedInputs(
  inputs: readonly InputRecord[],
  refs: readonly TensorRef[],
  where: string,
): InputRecord[] {
  return refs.map(({layer}) => {
    const input = inputs.find(candidate => candidate.name === layer);
    if (input) return input;
    throw new CarryoverError(
      'E_ARCHITECTURE',
      `${where}: input_layers names '${layer}', which is no InputLayer`,
    );
  });
}

/**
 * The number of a container's first call: 1, for its own definition is call 0, but 0 for those that tf.keras 1 built
 * when they were called. What refers to them tells.
 */
function firstCalls(
  members: readonly MemberRecord[],
  outputs: readonly TensorRef[],
): (name: string) => number {
  const named = [...members.flatMap(({calls = []}) => calls.flatMap(({inputs}) => inputs)), ...outputs];
  const fromZero = new Set(named.filter(({call}) => call === 0).map(({layer}) => layer));
  return name => (fromZero.has(name) ? 0 : 1);
}
