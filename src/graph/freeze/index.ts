import type {WeightFile} from '../../../converters/arrays';
import type {NamedGraph} from '../../../converters/format';
import {listFew} from '../../../converters/format-error';
import type {GraphFunction} from '../../../converters/graph-def/graph';
import type {MetaGraph, Signature, TensorInfo} from '../../../converters/graph-def/meta-graph';
import type {GraphNode} from '../../../converters/graph-def/node';
import {CarryoverError} from '../../errors';
import {didYouMean} from '../../nearest';
import {byName, nodeName, reach, spelled} from '../nodes';
import type {GraphPort, ModelGraph, Ref} from '../types';
import {withoutConstantBranches} from './branches';
import {type Freezing, Told} from './freezing';
import {bodiesOf, withoutCalls} from './inline';
import {fedNodes, withPlaceholders} from './inputs';
import {outputsOf} from './outputs';
import {headNames, nodePort, RecipeNames, signatureOf, signaturePort} from './ports';
import {forInference} from './training';
import {readingWithin, Variables} from './variables';
import {writesOnTheWay} from './writes';

/** How a graph is called. */
export interface GraphOptions {
  /** The tensors that are put out, by their own names or a signature's; default: the signature's, else what the graph ends in. */
  readonly outputs?: readonly string[];
  /** The nodes that are fed, beside placeholders without a default: whatever makes them in the graph is left out. */
  readonly inputs?: readonly string[];
  /** Tensors inside that will be asked for: what they need is kept. Names that the graph has not are left to whoever asks. */
  readonly inside?: readonly string[];
  /** The signature of a SavedModel; default `serving_default`. */
  readonly signature?: string;
}

/** Whether a SavedModel's graph computes nothing: Keras' `save(…, save_traces=False)` leaves what saves and restores alone. */
export const isUntraced = (meta: MetaGraph | undefined): boolean =>
  meta !== undefined &&
  meta.signatures.size > 0 &&
  [...meta.signatures.values()].every(({inputs, outputs}) => inputs.size === 0 || outputs.size === 0);

/** A graph in which calls are taken apart. */
type Whole = ReturnType<typeof withoutCalls>;

/**
 * The model that a file's graph is: calls and constant branches taken apart, variables as constants, dropout off, queues
 * cut, and nothing in it that the outputs do not need.
 *
 * @param file the weights
 * @throws CarryoverError `E_WEIGHTS` for variables that the file lacks, `E_USAGE` for names that the graph has not,
 *   `E_ARCHITECTURE` where nothing tells what it puts out
 */
export function freeze(
  {name: where, graph, meta}: NamedGraph,
  file: WeightFile,
  options: GraphOptions = {},
): ModelGraph {
  const freezing: Freezing = {values: new Map(), told: new Told()};
  const signature = signatureOf(meta, options.signature, where);
  const doors = [...(signature?.inputs.values() ?? [])].map(({name}) => name);
  const given = fedNodes([...doors, ...nodesNamed(options.inputs ?? [], signature)]);
  const open = withPlaceholders(graph.nodes, given, freezing);
  const settled = withoutConstantBranches(forInference(open, given, freezing), freezing);
  const whole = withoutCalls({...graph, nodes: settled});
  const outputs = outputPorts(whole, signature, options.outputs, {
    where,
    untraced: isUntraced(meta),
  });
  const known = new RecipeNames(graph, where);
  const names = new Map([...headNames(whole.nodes, outputs), ...known.within(whole.nodes)]);
  const inside = (options.inside ?? []).map(name => whole.resolve(spelled(names.get(name) ?? name)));
  const refs = [...outputs.map(({ref}) => ref), ...inside];
  const needed = reach(refs, byName(whole.nodes));
  const kept = whole.nodes.filter(({name}) => needed.has(name));
  const nodes = new Variables(graph, file, where).frozen(kept, freezing);
  return {
    ...graph,
    where,
    nodes,
    functions: usedFunctions(nodes, whole.functions),
    values: freezing.values,
    inputs: known.on(inputPorts(nodes, signature)),
    outputs: known.on(outputs),
    names: new Map([...names].filter(([, ref]) => needed.has(nodeName(ref)))),
    recurrences: new Map(),
    notes: [...freezing.told.of(reach(refs, byName(open))), ...writesOnTheWay(open, refs)],
  };
}

/** The nodes that a caller names, by a signature's names or their own. */
const nodesNamed = (names: readonly string[], signature: Signature | undefined): string[] =>
  names.map(name => signature?.inputs.get(name)?.name ?? name);

function outputPorts(
  whole: Whole,
  signature: Signature | undefined,
  wanted: readonly string[] | undefined,
  {where, untraced}: {readonly where: string; readonly untraced: boolean},
): GraphPort[] {
  const names = byName(whole.nodes);
  const asked = wanted?.map(name => {
    const info = signature?.outputs.get(name);
    return info
      ? signaturePort(name, info)
      : {...tensorPort(whole.resolve(spelled(name)), names, where), name};
  });
  const ports = asked ?? named(signature?.outputs) ?? endPorts(whole.nodes, names, {where, untraced});
  return ports.map(port => ({...port, ref: whole.resolve(port.ref)}));
}

const named = (infos: ReadonlyMap<string, TensorInfo> | undefined): GraphPort[] | undefined =>
  infos && [...infos].map(([name, info]) => signaturePort(name, info));

function endPorts(
  nodes: readonly GraphNode[],
  names: ReadonlyMap<string, GraphNode>,
  {where, untraced}: {readonly where: string; readonly untraced: boolean},
): GraphPort[] {
  const ends = outputsOf(nodes);
  if (ends.length > 0) return ends.map(ref => nodePort(ref, names.get(nodeName(ref))!));
  const why = untraced
    ? 'no signature computes anything, as in a Keras model that is saved without traces; open it by its layers'
    : `nothing tells what this graph of ${nodes.length} nodes puts out; name the tensors that you want`;
  const how = untraced
    ? "without 'graph', on the command line without --graph"
    : 'outputs; on the command line: --until NAME';
  throw new CarryoverError('E_ARCHITECTURE', `${where}: ${why} (${how})`, {file: where});
}

/**
 * Any tensor of a graph, at the door.
 * @throws CarryoverError `E_USAGE` where the graph has no such node
 */
export function tensorPort(name: string, names: ReadonlyMap<string, GraphNode>, where: string): GraphPort {
  const ref: Ref = spelled(name);
  const node = names.get(nodeName(ref));
  if (node) return nodePort(ref, node);
  const known = [...names.keys()];
  throw new CarryoverError(
    'E_USAGE',
    `${where}: the graph has no node '${nodeName(ref)}'${didYouMean(nodeName(ref), known)}; its last nodes are ` +
      listFew(known.slice(-6).reverse(), 6),
    {file: where, found: name},
  );
}

/** The placeholders that are left, as a signature calls them where it does, in its order. */
function inputPorts(nodes: readonly GraphNode[], signature: Signature | undefined): GraphPort[] {
  const placeholders = nodes.filter(({op}) => /^Placeholder/.test(op));
  const left = new Set(placeholders.map(({name}) => `${name}:0`));
  const told = (named(signature?.inputs) ?? []).filter(({ref}) => left.has(ref));
  const others = placeholders.filter(({name}) => !told.some(({ref}) => ref === `${name}:0`));
  return [...told, ...others.map(node => nodePort(`${node.name}:0`, node))];
}

/** The bodies that loops and branches run, and those within them; variables are constants there as well. */
function usedFunctions(nodes: readonly GraphNode[], functions: readonly GraphFunction[]): GraphFunction[] {
  const known = new Map(functions.map(one => [one.name, readingWithin(one)]));
  const used = new Map<string, GraphFunction>();
  const waiting = nodes.flatMap(bodiesOf);
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const found = known.get(name);
    if (!found || used.has(name)) continue;
    used.set(name, found);
    waiting.push(...found.nodes.flatMap(bodiesOf));
  }
  return [...used.values()];
}
