import {badFormat} from '../format-error';
import {bytes, mapEntries, message, readMessage, text} from './message';
import {type GraphNode, readNode} from './node';

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
 * Reads a `GraphDef` (`.pb`). Attributes are decoded when asked for. Source: core/framework/{graph,function,op_def}.proto.
 * @throws CarryoverError E_FORMAT when it is malformed, or a node is nameless or named twice
 */
export function readGraphDef(file: Uint8Array, where: string): GraphDef {
  const nodes: GraphNode[] = [];
  const functions: GraphFunction[] = [];
  readMessage(file, where, {
    1: message(where, file, (value, at) => nodes.push(readNode(value, at))),
    2: message(where, file, (value, at) => {
      readMessage(value, at, {
        1: message(where, file, (body, place) => functions.push(readFunction(body, place))),
      });
    }),
  });
  checkNames(nodes);
  return {nodes, functions};
}

function checkNames(nodes: readonly GraphNode[]): void {
  const seen = new Set<string>();
  for (const {name, op, where} of nodes) {
    if (name === '' || op === '') throw badFormat(where, 'a node without a name or an operation');
    if (seen.has(name)) throw badFormat(where, 'a second node of this name');
    seen.add(name);
  }
}

function readFunction(body: Uint8Array, where: string): GraphFunction {
  const out = {name: '', inputs: [] as string[], outputs: [] as string[]};
  const nodes: GraphNode[] = [];
  const returns = new Map<string, Uint8Array>();
  readMessage(body, where, {
    1: bytes(signature => {
      readMessage(signature, where, {
        1: text(value => {
          out.name = value;
        }),
        2: bytes(value => out.inputs.push(readArgument(value, where))),
        3: bytes(value => out.outputs.push(readArgument(value, where))),
      });
    }),
    3: message(where, body, (value, at) => nodes.push(readNode(value, at))),
    4: mapEntries(returns, where),
  });
  const utf8 = new TextDecoder();
  return {...out, nodes, returns: new Map([...returns].map(([key, value]) => [key, utf8.decode(value)]))};
}

function readArgument(argument: Uint8Array, where: string): string {
  let name = '';
  readMessage(argument, where, {
    1: text(value => {
      name = value;
    }),
  });
  return name;
}
