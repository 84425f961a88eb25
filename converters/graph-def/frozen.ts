import type {NamedArray, NdArray, WeightFile} from '../arrays';
import {badFormat} from '../format-error';
import {LIMITS, type Limits} from '../limits';
import {type GraphDef, readGraphDef} from './graph';
import {attribute, type GraphNode} from './node';
import {readTensor, tensorHead} from './tensor';

/** A frozen graph: variables made constants, and the graph that uses them. */
export type FrozenGraph = WeightFile & {
  /** The graph itself. */
  readonly graph: GraphDef;
};

/**
 * Opens a frozen graph (`.pb`) as a weight file: one group without a name holds the constants of floating-point numbers
 * under their nodes' names. Values are decoded when an array is read.
 *
 * @throws CarryoverError E_FORMAT when it is malformed or has no such constants
 */
export function openFrozenGraph(file: Uint8Array, name: string, limits: Limits = LIMITS): FrozenGraph {
  const graph = readGraphDef(file, name);
  const arrays = graph.nodes.filter(({op}) => op === 'Const').flatMap(node => constantArray(node, limits));
  if (arrays.length === 0) {
    throw badFormat(
      name,
      `a graph of ${graph.nodes.length} nodes without constants; expected a frozen graph`,
    );
  }
  return {
    format: 'tf-frozen-graph',
    groups: [{name: '', arrays}],
    facts: {nodes: String(graph.nodes.length)},
    graph,
    close() {},
  };
}

const FLOATS: readonly (string | undefined)[] = ['float16', 'bfloat16', 'float32', 'float64'];

/** Scalars are settings of operations, never weights. */
function constantArray(node: GraphNode, limits: Limits): NamedArray[] {
  const tensor = attribute(node, 'value')?.tensor;
  if (!tensor) return [];
  const {dtype, shape} = tensorHead(tensor, node.where);
  if (dtype === undefined || !FLOATS.includes(dtype) || shape.length === 0) return [];
  return [{name: node.name, dtype, shape, read: () => readTensor(tensor, node.where, limits)}];
}

/** The value of a `Const` node; undefined for other nodes. */
export function constantOf(node: GraphNode): NdArray | undefined {
  if (node.op !== 'Const') return undefined;
  const tensor = attribute(node, 'value')?.tensor;
  return tensor && readTensor(tensor, node.where);
}
