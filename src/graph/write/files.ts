import type {Format, WrittenFile, WrittenSignature} from '../../../converters/format';
import {dtypeCode} from '../../../converters/protobuf/tensorflow/dtypes';
import type {GraphLayersModel} from '../model';
import {byName, nodeName, outputIndex} from '../nodes';
import type {GraphPort, ModelGraph} from '../types';
import {tfjsArtifacts} from './tfjs';
import {outputType} from './types';
import {wholeGraph} from './whole';

/**
 * The files of a graph in a format. Of formats that keep graphs of TensorFlow's own, its loops are as the file has them;
 * of TensorFlow.js', recurrences are nodes of their own unless it is to be `portable`.
 *
 * @throws CarryoverError `E_UNSUPPORTED` for operations that TensorFlow.js lacks
 */
export async function graphFiles(
  {graph, plain}: GraphLayersModel,
  format: Format,
  {portable}: {readonly portable: boolean},
): Promise<readonly WrittenFile[]> {
  if (format.writeGraph) return format.writeGraph(wholeGraph(plain), signatureOf(plain));
  return format.write!(tfjsArtifacts(portable ? plain : graph));
}

function signatureOf({nodes, inputs, outputs}: ModelGraph): WrittenSignature {
  const names = byName(nodes);
  const info = ({name, ref, dtype, shape}: GraphPort) => {
    const node = names.get(nodeName(ref));
    const type = dtype ? dtypeCode(dtype) : node && outputType(node, outputIndex(ref));
    const dim = shape?.map(size => ({size: size ?? -1}));
    return [name, {name: ref, dtype: type, tensorShape: dim ? {dim} : {unknownRank: true}}] as const;
  };
  return {inputs: new Map(inputs.map(info)), outputs: new Map(outputs.map(info))};
}
