import type {NdArray} from '../../../converters/arrays';
import {storedValues} from '../../../converters/checkpoint/values';
import type {GraphDef} from '../../../converters/graph-def/graph';
import type {GraphNode} from '../../../converters/graph-def/node';
import {emptyMessage} from '../../../converters/protobuf/read';
import {dtypeOf} from '../../../converters/protobuf/tensorflow/dtypes';
import {TensorProto} from '../../../converters/protobuf/tensorflow/tensor';
import {tensorProto} from '../../../converters/protobuf/tensorflow/values';
import {attr} from '../nodes';
import type {ModelGraph} from '../types';
import {withinFrames} from './frames';
import {typed} from './types';

/**
 * What a file's graph says of the machine and the program that it was made for, and what was true of shapes and
 * variables before it was pruned.
 */
const OF_ITS_TIME: ReadonlySet<string> = new Set([
  '_class',
  '_output_shapes',
  '_input_shapes',
  '_read_only_resource_inputs',
  '_acd_function_control_output',
]);

/**
 * A model's graph as TensorFlow takes it: every value in its node, types of variables' readers those of the constants
 * that they read, constants in the frames of the loops that use them, no device and no colocation.
 *
 * @throws CarryoverError `E_SHAPE` where values, type and shape of a constant do not belong together
 */
export function wholeGraph(graph: ModelGraph): GraphDef {
  const withValues = graph.nodes.map(node => {
    const value = graph.values.get(node.name);
    return plain(value ? constant(node, value) : node);
  });
  const functions = graph.functions.map(one => ({...one, nodes: one.nodes.map(plain)}));
  const whole = typed({nodes: withValues, functions});
  return {...whole, nodes: withinFrames(whole.nodes), versions: graph.versions};
}

/** Without what ties a node to one machine. */
function plain(node: GraphNode): GraphNode {
  const attributes = new Map([...node.attributes].filter(([name]) => !OF_ITS_TIME.has(name)));
  return {...node, device: '', attributes};
}

/** A constant with its value; 16-bit floats are rounded to the type that its node has. */
function constant(node: GraphNode, {dtype, shape, values}: NdArray): GraphNode {
  const own = dtypeOf(node.attributes.get('dtype')?.type ?? 0) ?? dtype;
  const array = {dtype: own, shape, values};
  const proto = tensorProto(own, shape, storedValues(node.name, array));
  const tensor = {...emptyMessage(TensorProto), ...proto} as TensorProto;
  return {
    ...node,
    op: 'Const',
    inputs: [],
    attributes: new Map([
      ['dtype', attr({type: tensor.dtype})],
      ['value', attr({tensor})],
    ]),
  };
}
