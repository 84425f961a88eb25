import type {Partially} from '../protobuf/declare';
import {type FunctionDef, GraphDef as GraphProto, type NodeDef} from '../protobuf/tensorflow/graph';
import {writeMessage} from '../protobuf/write';
import type {GraphDef, GraphFunction} from './graph';
import type {GraphNode} from './node';

/** A graph as the message of a `.pb`; gradients that functions were given are left out. */
export function writeGraphDef(graph: GraphDef): Uint8Array<ArrayBuffer> {
  return writeMessage(GraphProto, graphProto(graph));
}

/** A graph as part of other messages. */
export function graphProto({nodes, functions, versions}: GraphDef): Partially<GraphProto> {
  return {
    node: nodes.map(nodeProto),
    ...(functions.length > 0 && {library: {function: functions.map(functionProto)}}),
    versions,
  };
}

function nodeProto({name, op, inputs, device, attributes}: GraphNode): Partially<NodeDef> {
  return {name, op, input: inputs, device, attr: attributes};
}

/** Of a function that no file had, the signature has names without types. */
function functionProto({
  name,
  inputs,
  outputs,
  nodes,
  returns,
  definition,
}: GraphFunction): Partially<FunctionDef> {
  const named = (names: readonly string[]) => names.map(argument => ({name: argument}));
  const {signature, attributes, controlReturns, unknown} = definition ?? {};
  return {
    signature: signature ?? {name, inputArg: named(inputs), outputArg: named(outputs)},
    attr: attributes,
    nodeDef: nodes.map(nodeProto),
    ret: returns,
    controlRet: controlReturns,
    unknown,
  };
}
