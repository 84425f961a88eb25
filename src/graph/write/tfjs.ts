import type {io} from '@tensorflow/tfjs-core';
import type {NdArray} from '../../../converters/arrays';
import {constantOf} from '../../../converters/graph-def/frozen';
import type {GraphFunction} from '../../../converters/graph-def/graph';
import {dtypeCode} from '../../../converters/protobuf/tensorflow/dtypes';
import {graphArtifacts} from '../tfjs/topology';
import type {GraphPort, ModelGraph} from '../types';
import {withAllSteps} from './bounds';
import {portableNodes} from './portable';
import {withWrittenRecurrences} from './recurrences';

/**
 * A graph as a graph model of TensorFlow.js, for `tf.loadGraphModel`. Recurrences that are nodes of the graph stay nodes,
 * which `registerGraphOps` makes known to TensorFlow.js; a graph as its file has it loads with TensorFlow.js alone.
 *
 * @throws CarryoverError `E_UNSUPPORTED` for operations that TensorFlow.js lacks
 */
export function tfjsArtifacts(graph: ModelGraph): io.ModelArtifacts {
  const written = withWrittenRecurrences(graph);
  const {nodes, values: added} = portableNodes(withAllSteps(written.nodes));
  const known = new Map([...written.values, ...added]);
  const functions = graph.functions.map(one => portableFunction(one, known));
  const artifacts = graphArtifacts(nodes, node => known.get(node.name) ?? constantOf(node), functions);
  const signature = {inputs: portsJson(graph.inputs), outputs: portsJson(graph.outputs)};
  return {...artifacts, signature, userDefinedMetadata: {signature}};
}

/** A function, its constants called by names that are theirs alone in all of the model. */
function portableFunction(one: GraphFunction, known: Map<string, NdArray>): GraphFunction {
  const {nodes, values} = portableNodes(one.nodes, true);
  const constants = new Map<string, string>();
  for (const node of nodes) {
    const value = node.op === 'Const' ? (values.get(node.name) ?? constantOf(node)) : undefined;
    if (!value) continue;
    const name = `${one.name}/${node.name}`;
    constants.set(node.name, name);
    known.set(name, value);
  }
  const renamed = (ref: string): string => {
    const [name = '', ...rest] = ref.split(':');
    return [constants.get(name) ?? name, ...rest].join(':');
  };
  return {
    ...one,
    nodes: nodes.map(node => ({
      ...node,
      name: constants.get(node.name) ?? node.name,
      inputs: node.inputs.map(renamed),
    })),
    returns: new Map([...one.returns].map(([name, ref]) => [name, renamed(ref)])),
  };
}

const portsJson = (ports: readonly GraphPort[]): Record<string, object> =>
  Object.fromEntries(
    ports.map(({name, ref, dtype, shape}) => [
      name,
      {
        name: ref,
        ...(dtype && {dtype: dtypeCode(dtype)}),
        tensorShape: shape ? {dim: shape.map(size => ({size: String(size ?? -1)}))} : {unknownRank: true},
      },
    ]),
  );
