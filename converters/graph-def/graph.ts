import {badFormat} from '../format-error';
import {readMessage} from '../protobuf/read';
import {
  type AttrValue,
  type FunctionDef,
  GraphDef as GraphProto,
  type OpDef,
} from '../protobuf/tensorflow/graph';
import type {VersionDef} from '../protobuf/tensorflow/tensor';
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
  /** What else its definition has, kept for writing it again. */
  readonly definition?: FunctionDefinition;
}

/** What a function is beside its nodes and what it returns. */
export interface FunctionDefinition {
  /** Types of its arguments and results, and what else its signature says. */
  readonly signature: OpDef;
  /** Attributes of the function itself. */
  readonly attributes: ReadonlyMap<string, AttrValue>;
  /** What runs though nothing is made of it: output → node within. */
  readonly controlReturns: ReadonlyMap<string, string>;
  /** Fields of newer releases, as they lie in the file. */
  readonly unknown?: readonly Uint8Array[];
}

/** A TensorFlow graph. */
export interface GraphDef {
  /** Its nodes, in stored order. */
  readonly nodes: readonly GraphNode[];
  /** The functions of its library. */
  readonly functions: readonly GraphFunction[];
  /**
   * The versions of operations that it was written for, where the file tells them.
   * @internal
   */
  readonly versions?: VersionDef;
}

/**
 * Reads a `GraphDef` (`.pb`).
 * @throws CarryoverError E_FORMAT when it is malformed, or a node is nameless or named twice
 */
export function readGraphDef(file: Uint8Array, where: string): GraphDef {
  return toGraph(readMessage(GraphProto, file, where), where);
}

/** @throws CarryoverError E_FORMAT when a node is nameless or named twice */
export function toGraph({node, library, versions}: GraphProto, where: string): GraphDef {
  const nodes = node.map(def => toGraphNode(def, where));
  const seen = new Set<string>();
  for (const {name, op, where: place} of nodes) {
    if (name === '' || op === '') throw badFormat(place, 'a node without a name or an operation');
    if (seen.has(name)) throw badFormat(place, 'a second node of this name');
    seen.add(name);
  }
  const functions = (library?.function ?? []).map(def => toFunction(def, where));
  return {nodes, functions, ...(versions && {versions})};
}

function toFunction(
  {signature, nodeDef, ret, attr, controlRet, unknown}: FunctionDef,
  where: string,
): GraphFunction {
  const name = signature?.name ?? '';
  return {
    name,
    inputs: signature?.inputArg.map(argument => argument.name) ?? [],
    outputs: signature?.outputArg.map(argument => argument.name) ?? [],
    nodes: nodeDef.map(def => toGraphNode(def, `${where}: function '${name}'`)),
    returns: ret,
    ...(signature && {
      definition: {signature, attributes: attr, controlReturns: controlRet, ...(unknown && {unknown})},
    }),
  };
}
