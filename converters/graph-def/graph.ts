import {badFormat} from '../format-error';
import {readMessage} from '../protobuf/read';
import {type FunctionDef, GraphDef as GraphProto} from '../protobuf/tensorflow/graph';
import {type GraphNode, toGraphNode} from './node';

/** A function of a graph's library, such as a loop's body. */
export interface GraphFunction {
  /** The function's name, by which nodes call it. */
  readonly name: string;
  /** Names of its arguments. */
  readonly inputs: readonly string[];
  /** Names of its results. */
  readonly outputs: readonly string[];
  /** Its nodes. */
  readonly nodes: readonly GraphNode[];
  /** Output → the tensor within that it is, as `node:output:0`. */
  readonly returns: ReadonlyMap<string, string>;
}

/** A TensorFlow graph. */
export interface GraphDef {
  /** Its nodes, in stored order. */
  readonly nodes: readonly GraphNode[];
  /** The functions of its library. */
  readonly functions: readonly GraphFunction[];
}

/**
 * Reads a `GraphDef` (`.pb`).
 * @throws CarryoverError E_FORMAT when it is malformed, or a node is nameless or named twice
 */
export function readGraphDef(file: Uint8Array, where: string): GraphDef {
  return toGraph(readMessage(GraphProto, file, where), where);
}

/** @throws CarryoverError E_FORMAT when a node is nameless or named twice */
export function toGraph({node, library}: GraphProto, where: string): GraphDef {
  const nodes = node.map(def => toGraphNode(def, where));
  const seen = new Set<string>();
  for (const {name, op, where: place} of nodes) {
    if (name === '' || op === '') throw badFormat(place, 'a node without a name or an operation');
    if (seen.has(name)) throw badFormat(place, 'a second node of this name');
    seen.add(name);
  }
  return {nodes, functions: (library?.function ?? []).map(def => toFunction(def, where))};
}

function toFunction({signature, nodeDef, ret}: FunctionDef, where: string): GraphFunction {
  const name = signature?.name ?? '';
  return {
    name,
    inputs: signature?.inputArg.map(argument => argument.name) ?? [],
    outputs: signature?.outputArg.map(argument => argument.name) ?? [],
    nodes: nodeDef.map(def => toGraphNode(def, `${where}: function '${name}'`)),
    returns: ret,
  };
}
