import {attribute, type GraphNode} from '../../../converters/graph-def/node';
import {DataType} from '../../../converters/protobuf/tensorflow/tensor';
import {attr, inPlaceOf, nodeName} from '../nodes';
import type {Freezing} from './freezing';

/** What takes data from outside of the graph: queues, readers, datasets. */
const SOURCES =
  /^(IteratorGetNext|IteratorGetNextSync|(FIFO|Padding|RandomShuffle|Priority)?Queue(Dequeue|DequeueMany|DequeueUpTo)(V2)?|QueueDequeue.*|Unstage|Batch|ParseSingleExample.*|ParseExample.*|DecodeRaw|ReaderRead.*)$/;

/**
 * A graph whose queues and datasets are cut where it takes from them, and whose nodes that a caller feeds are placeholders.
 * @param given names of nodes that are fed, whatever makes them in the graph
 */
export function withPlaceholders(
  nodes: readonly GraphNode[],
  given: ReadonlySet<string>,
  {told}: Freezing,
): GraphNode[] {
  const renamed = new Map<string, string>();
  const out = nodes.flatMap(node => {
    if (given.has(node.name))
      return [/^Placeholder$/.test(node.op) ? node : placeholder(node, node.name, fedType(node))];
    if (!SOURCES.test(node.op)) return [node];
    const types = listOf(node);
    told.add(node, `data come from outside (${node.op} '${node.name}'); what it gives are inputs`);
    return types.map((type, k) => {
      const name = types.length === 1 ? node.name : `${node.name}/${k}`;
      if (k > 0 || types.length > 1) renamed.set(`${node.name}:${k}`, `${name}:0`);
      return placeholder(node, name, type, k);
    });
  });
  if (renamed.size === 0) return out;
  const follow = (input: string): string => renamed.get(input.includes(':') ? input : `${input}:0`) ?? input;
  return out.map(node => ({
    ...node,
    inputs: node.inputs.map(input => (input.startsWith('^') ? input : follow(input))),
  }));
}

function placeholder(node: GraphNode, name: string, type: number, output = 0): GraphNode {
  const list = node.attributes.get('output_shapes')?.list ?? node.attributes.get('_output_shapes')?.list;
  const shape = list?.shape[output] ?? node.attributes.get('shape')?.shape;
  const attributes = new Map([['dtype', attr({type})]]);
  if (shape) attributes.set('shape', attr({shape}));
  return inPlaceOf(node, 'Placeholder', {name, inputs: [], attributes});
}

const listOf = (node: GraphNode): readonly number[] => {
  const list = ['output_types', 'component_types', 'dtypes', 'Tdense']
    .map(name => node.attributes.get(name)?.list?.type)
    .find(types => types !== undefined);
  return list ?? [fedType(node)];
};

function fedType(node: GraphNode): number {
  const found = ['dtype', 'T', 'DstT', 'out_type']
    .map(name => attribute(node, name)?.type)
    .find(type => type !== undefined);
  return found ?? DataType.DT_FLOAT;
}

/** The nodes that a caller feeds, by the names that are given for them. */
export const fedNodes = (names: readonly string[]): Set<string> => new Set(names.map(nodeName));
