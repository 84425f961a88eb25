import type {GraphNode} from '../../converters/graph-def/node';
import type {Partially} from '../../converters/protobuf/declare';
import type {AttrValue} from '../../converters/protobuf/tensorflow/graph';
import type {Ref} from './types';

/** The name of the node that makes a tensor: `a/b` of `a/b:1`. */
export const nodeName = (ref: Ref): string => ref.replace(/:\d+$/, '');

/** Which of its node's outputs a tensor is. */
export const outputIndex = (ref: Ref): number => Number(/:(\d+)$/.exec(ref)?.[1] ?? 0);

/** A reference spelled out: `a/b:0` of `a/b`. */
export const spelled = (input: string): Ref => (/:\d+$/.test(input) ? input : `${input}:0`);

/** Whether an input only says what runs first. */
export const isControl = (input: string): boolean => input.startsWith('^');

/** A node's inputs without those that only say what runs first. */
export const dataInputs = ({inputs}: Pick<GraphNode, 'inputs'>): Ref[] =>
  inputs.filter(input => !isControl(input)).map(spelled);

const NOTHING: AttrValue = {
  list: undefined,
  s: undefined,
  i: undefined,
  f: undefined,
  b: undefined,
  type: undefined,
  shape: undefined,
  tensor: undefined,
  placeholder: undefined,
  func: undefined,
};

/** An attribute with one of its members. */
export const attr = (member: Partially<AttrValue>): AttrValue => ({...NOTHING, ...(member as AttrValue)});

/** A node in the place of another: its name, inputs and place in the file, unless others are given. */
export const inPlaceOf = (
  node: GraphNode,
  op: string,
  others: Partial<Pick<GraphNode, 'name' | 'inputs' | 'attributes'>> = {},
): GraphNode => ({...node, attributes: new Map(), ...others, op});

/** The nodes that a tensor is made from, itself included, wherever `inputsOf` leads. */
export function reach(
  refs: Iterable<Ref>,
  nodes: ReadonlyMap<string, GraphNode>,
  inputsOf: (node: GraphNode) => readonly Ref[] = dataInputs,
): Set<string> {
  const found = new Set<string>();
  const waiting = [...refs].map(nodeName);
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const node = nodes.get(name);
    if (!node || found.has(name)) continue;
    found.add(name);
    waiting.push(...inputsOf(node).map(nodeName));
  }
  return found;
}

/** Nodes by their names. */
export const byName = (nodes: readonly GraphNode[]): Map<string, GraphNode> =>
  new Map(nodes.map(node => [node.name, node]));
