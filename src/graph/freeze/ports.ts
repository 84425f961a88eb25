import type {GraphDef} from '../../../converters/graph-def/graph';
import type {MetaGraph, Signature, TensorInfo} from '../../../converters/graph-def/meta-graph';
import {attribute, type GraphNode} from '../../../converters/graph-def/node';
import {dtypeOf} from '../../../converters/protobuf/tensorflow/dtypes';
import {type PartialShape, partialShape} from '../../../converters/protobuf/tensorflow/shape';
import {CarryoverError} from '../../errors';
import {didYouMean} from '../../nearest';
import {recipeNames} from '../../recipes/graph/recipe';
import {byName, dataInputs, insideLoops, nodeName, outputIndex, spelled} from '../nodes';
import type {GraphPort, Ref} from '../types';

/** What TensorFlow Serving looks for first. */
const SERVING = 'serving_default';

/**
 * The signature by which a graph is called: the one that is asked for, `serving_default`, else the first that has outputs.
 * @throws CarryoverError `E_USAGE` where there is none of the name that is asked for
 */
export function signatureOf(
  meta: MetaGraph | undefined,
  wanted: string | undefined,
  where: string,
): Signature | undefined {
  const all = [...(meta?.signatures ?? [])].filter(
    ([, {outputs, inputs}]) => outputs.size > 0 && inputs.size > 0,
  );
  const name = wanted ?? SERVING;
  const found = all.find(([key]) => key === name) ?? (wanted === undefined ? all[0] : undefined);
  if (found || wanted === undefined) return found?.[1];
  const names = all.map(([key]) => key);
  throw new CarryoverError(
    'E_USAGE',
    `${where}: the graph has no signature '${wanted}'${didYouMean(wanted, names)}; its signatures are ${names.join(', ') || 'none'}`,
    {file: where, expected: names.join(', '), found: wanted},
  );
}

/** A tensor at the door, by the name that a signature gives it. */
export function signaturePort(name: string, {name: tensor, type, shape}: TensorInfo): GraphPort {
  const ref = spelled(tensor);
  return {name, aliases: aliasesOf(ref, name), ref, dtype: dtypeOf(type), shape};
}

/** A tensor at the door, by its node's name. */
export function nodePort(ref: Ref, node: GraphNode): GraphPort {
  const name = outputIndex(ref) === 0 ? node.name : ref;
  return {
    name,
    aliases: aliasesOf(ref, name),
    ref,
    dtype: typeOf(node),
    shape: shapeOf(node, outputIndex(ref)),
  };
}

function aliasesOf(ref: Ref, name: string): string[] {
  const own = outputIndex(ref) === 0 ? [ref, nodeName(ref)] : [ref];
  return own.filter(alias => alias !== name);
}

function typeOf(node: GraphNode): GraphPort['dtype'] {
  const code = ['dtype', 'T', 'DstT', 'output_type', 'out_type', 'Tparams']
    .map(name => attribute(node, name)?.type)
    .find(type => type !== undefined);
  return code === undefined ? undefined : dtypeOf(code);
}

/** As the node says it, or as TensorFlow noted it when the graph was made. */
function shapeOf(node: GraphNode, output: number): PartialShape {
  const noted = node.attributes.get('_output_shapes')?.list?.shape[output];
  const own = /^Placeholder/.test(node.op) ? attribute(node, 'shape')?.shape : undefined;
  // Before TensorFlow 1.? an unknown shape was written as a scalar's.
  return own && own.length > 0 ? own : noted ? partialShape(noted) : (own ?? null);
}

/** What a recipe of a graph calls its tensors, so that data that were named for one fit the other. */
export class RecipeNames {
  private readonly own: (ref: Ref) => string[];

  constructor(graph: GraphDef, where: string) {
    this.own = drawn(graph, where);
  }

  /** Ports with these names as well: `x`, `lengths`, `rnn.state.c`, and `state.c` where one layer has such a state. */
  on(ports: readonly GraphPort[]): GraphPort[] {
    const names = this.namesOf(ports.map(({ref}) => ref));
    return ports.map((port, k) => {
      const added = names[k]!.filter(
        name => !ports.some(other => [other.name, ...other.aliases].includes(name)),
      );
      return {...port, aliases: [...new Set([...port.aliases, ...added])]};
    });
  }

  /** Tensors inside of a graph by these names. */
  within(nodes: readonly GraphNode[]): Map<string, Ref> {
    const inside = insideLoops(nodes);
    const refs = nodes.filter(({name}) => !inside.has(name)).map(({name}) => `${name}:0`);
    const found = new Map<string, Ref>();
    for (const [k, names] of this.namesOf(refs).entries())
      for (const name of names) if (!found.has(name)) found.set(name, refs[k]!);
    return found;
  }

  private namesOf(refs: readonly Ref[]): string[][] {
    const names = refs.map(ref => this.own(ref));
    const distinct = [...new Set(names.flat())];
    const short = (name: string): string => name.replace(/^[^.]*\.(?=(fw|bw|state|y)(\.|$))/, '');
    const isOnly = (name: string): boolean =>
      distinct.filter(other => short(other) === short(name)).length === 1;
    return names.map(all => all.flatMap(name => (isOnly(name) ? [...new Set([name, short(name)])] : [name])));
  }
}

const PASSES_ON = new Set(['Identity', 'Reshape', 'Squeeze', 'ExpandDims']);

/** What a recipe calls a classifier's ends, where the graph puts out the softmax of something: `probs` of `logits`. */
export function headNames(nodes: readonly GraphNode[], outputs: readonly GraphPort[]): Map<string, Ref> {
  const names = byName(nodes);
  const heads = outputs.flatMap(({ref}) => {
    let at = names.get(nodeName(ref));
    while (at && PASSES_ON.has(at.op)) at = names.get(nodeName(dataInputs(at)[0]!));
    return at?.op === 'Softmax' ? [{probs: ref, logits: dataInputs(at)[0]!}] : [];
  });
  const [head, ...others] = heads;
  return new Map(head && others.length === 0 ? Object.entries(head) : []);
}

function drawn(graph: GraphDef, where: string): (ref: Ref) => string[] {
  try {
    return recipeNames(graph, where);
  } catch (error) {
    // A graph without cells that are known has no such names.
    if (error instanceof CarryoverError && error.code === 'E_ARCHITECTURE') return () => [];
    throw error;
  }
}
