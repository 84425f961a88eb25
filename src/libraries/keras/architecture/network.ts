import {CarryoverError} from '../../../errors';
import {
  type ContainerRecord,
  callOf,
  type InputRecord,
  type LayerCall,
  type LayerRecord,
  type MemberRecord,
  type NamedTensors,
  outputOf,
  type TensorRef,
} from '../../../model/architecture';
import {type Json, list, object} from '../../../model/json';
import {inputLayer, inputRecord, uniqueInput} from './inputs';

/** What holds for every layer of a file. */
export interface FileFacts {
  readonly library: string;
  readonly version?: string;
  readonly backend?: string;
}

/** A container taken by itself: its inputs are named, its layers refer to them and to each other. */
export interface Network {
  readonly inputs: readonly InputRecord[];
  readonly layers: readonly LayerRecord[];
  readonly outputs: readonly TensorRef[];
  readonly container: ContainerRecord;
  readonly named: NamedTensors;
  /** What is left out, for people. */
  readonly notes?: readonly string[];
}

/** A layer as its container lists it. */
export interface Entry {
  readonly name: string;
  readonly className: string;
  readonly config: Json;
  /** What it holds, where it is a container. */
  readonly network?: Network;
  /** Of Keras 3: it is a function of `keras.ops`, not a layer. */
  readonly operation?: boolean;
  /** The group of a weight file that has its arrays. */
  readonly group: string;
  /** What else the file says of it: Keras 3's `module`, ... */
  readonly others?: Json;
  /** For error messages. */
  readonly where: string;
}

/** How an age of Keras writes the layers of a Sequential. */
export interface SequentialReader {
  readonly facts: FileFacts;
  /** @param earlier what came before it, whose names are taken */
  entry(json: Json, index: number, where: string, earlier: readonly LayerRecord[]): Entry;
  /** What the input is called that the library makes for a first layer. */
  inputName(layer: Pick<Entry, 'name' | 'className'>): string;
  /** A weight file has the arrays of a Merge's branches in its own group, and not in those of their layers. */
  readonly mergedArrays: boolean;
}

type Outputs = readonly (readonly TensorRef[])[];

/** A chain of layers. One that begins with a Merge of other models has their inputs. */
export function sequentialNetwork(
  entries: readonly unknown[],
  config: Json | undefined,
  reader: SequentialReader,
  where: string,
): Network {
  const layers: LayerRecord[] = [];
  const members: MemberRecord[] = [];
  const named = new Map<string, Outputs>();
  const keep = (inside: NamedTensors): void => {
    for (const [inner, outputs] of inside) named.set(inner, outputs);
  };
  let inputs: readonly InputRecord[] = [];
  let current: readonly TensorRef[] = [];
  for (const [k, json] of entries.entries()) {
    const entry = reader.entry(object(json, `${where}: layer ${k}`), k, where, layers);
    const {name, className, network, group} = entry;
    if (className === 'InputLayer') {
      inputs = [inputLayer(entry, reader.facts)];
      current = [outputOf(name)];
      members.push({name, className, config: entry.config});
      continue;
    }
    const branches = className === 'Merge' && k === 0 ? branchesOf(entry, reader) : undefined;
    if (branches) {
      ({inputs, outputs: current} = branches);
      layers.push(...branches.layers);
      keep(branches.named);
    } else if (k === 0) {
      inputs = network?.inputs ?? [firstInput(reader.inputName(entry), entry, config)];
      current = inputs.map(input => outputOf(input.name));
    }
    if (network) {
      const inlined = inline(network, name, group, [current]);
      layers.push(...inlined.layers);
      keep(inlined.named);
      current = inlined.outputs[0]!;
    } else {
      layers.push(layerRecord(entry, [callOf(...current)], reader.facts));
      current = [outputOf(name)];
    }
    members.push(memberRecord(entry, {branches: branches?.members}));
  }
  if (layers.length === 0)
    throw new CarryoverError('E_ARCHITECTURE', `${where}: a Sequential without layers`);
  return {
    inputs,
    layers,
    outputs: current,
    container: {className: 'Sequential', config, members},
    named,
  };
}

/** The input that the library makes of its first layer; one that was built by its data has its shape in the config. */
function firstInput(
  name: string,
  {config, className}: Entry,
  {build_input_shape: built}: Json = {},
): InputRecord {
  const told = inputRecord(name, config, className);
  if (told.shape || !Array.isArray(built)) return told;
  // The batch is that of the data, which binds nobody.
  return {...told, shape: [null, ...(built.slice(1) as (number | null)[])]};
}

/** Merge holds the models that it merges; each brings its own input. */
function branchesOf(
  {name, config, group, where}: Entry,
  reader: SequentialReader,
): Omit<Network, 'container'> & {members: readonly MemberRecord[]} {
  const inputs: InputRecord[] = [];
  const layers: LayerRecord[] = [];
  const outputs: TensorRef[] = [];
  const members: MemberRecord[] = [];
  const named = new Map<string, Outputs>();
  for (const [k, json] of list(config.layers, `${where}: layers`).entries()) {
    const here = `${where}: branch ${k}`;
    const entry = reader.entry(object(json, here), 0, here, []);
    const network = entry.network ?? sequentialNetwork([json], undefined, reader, here);
    const renamed = network.inputs.map(input => ({...input, name: uniqueInput(inputs, input.name)}));
    inputs.push(...renamed);
    const inlined = inline(network, `${name}/branch${k}`, reader.mergedArrays ? group : undefined, [
      renamed.map(input => outputOf(input.name)),
    ]);
    layers.push(...inlined.layers);
    outputs.push(...inlined.outputs[0]!);
    for (const [inner, given] of inlined.named) named.set(inner, given);
    members.push(memberRecord(entry));
  }
  return {inputs, layers, outputs, members, named};
}

/** Before the class names of `keras.ops`, some of which layers have, too. */
export const OPERATIONS = 'ops.';

/** The layer of an entry in the flat list. */
export function layerRecord(
  {name, className: told, config, group, operation, where}: Entry,
  calls: readonly LayerCall[],
  facts: FileFacts,
): LayerRecord {
  const className = operation ? OPERATIONS + told : told;
  return {name, ...facts, className, config, calls, group, where};
}

/** The entry in the tree of containers. */
export function memberRecord(
  {name, className, config, network, others}: Entry,
  own: Pick<MemberRecord, 'calls' | 'branches'> = {},
): MemberRecord {
  const more = others && Object.keys(others).length > 0 ? {...own, others} : own;
  if (network) return {name, className, config: {}, container: network.container, ...more};
  if (!own.branches) return {name, className, config, ...more};
  const {layers: _, ...others_} = config;
  return {name, className, config: others_, ...more};
}

/** A container inside another one, taken apart into the layers it holds. */
export interface Inlined {
  readonly layers: readonly LayerRecord[];
  /** The container's outputs, for each of its calls. */
  readonly outputs: readonly (readonly TensorRef[])[];
  /** The tensors of the container and of those inside of it. */
  readonly named: NamedTensors;
}

/**
 * Puts a container's layers into the model around it. A container that is called n times has every layer of
 * it called n times as often; its inputs become what each call passes in.
 * @param name the container's name; its layers are called `name/layer`
 * @param group the weight group that holds the container's arrays; undefined leaves each layer its own
 */
export function inline(
  network: Network,
  name: string,
  group: string | undefined,
  calls: readonly (readonly TensorRef[])[],
): Inlined {
  const inputIndex = new Map(network.inputs.map((input, k) => [input.name, k]));
  const callCounts = new Map(network.layers.map(layer => [layer.name, layer.calls.length]));
  const rename = (inner: string): string => `${name}/${inner}`;
  const resolve = (ref: TensorRef, call: number): TensorRef => {
    const input = inputIndex.get(ref.layer);
    if (input !== undefined) return calls[call]![input]!;
    return {...ref, layer: rename(ref.layer), call: call * callCounts.get(ref.layer)! + ref.call};
  };
  const layers = network.layers.map(layer => ({
    ...layer,
    name: rename(layer.name),
    group: group ?? layer.group,
    calls: calls.flatMap((_, call) =>
      layer.calls.map(own => ({...own, inputs: own.inputs.map(ref => resolve(ref, call))})),
    ),
  }));
  const outputs = calls.map((_, call) => network.outputs.map(ref => resolve(ref, call)));
  const inside = [...network.named].map(([inner, given]) => {
    const again = calls.flatMap((_, call) => given.map(refs => refs.map(ref => resolve(ref, call))));
    return [rename(inner), again] as const;
  });
  return {layers, outputs, named: new Map([[name, outputs], ...inside])};
}
