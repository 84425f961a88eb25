import type {MetaGraph, Signature, TensorInfo} from '../../../converters/graph-def/meta-graph';
import {attribute, type GraphNode} from '../../../converters/graph-def/node';
import {dtypeOf} from '../../../converters/protobuf/tensorflow/dtypes';
import {type PartialShape, partialShape} from '../../../converters/protobuf/tensorflow/shape';
import {CarryoverError} from '../../errors';
import {didYouMean} from '../../nearest';
import {nodeName, outputIndex, spelled} from '../nodes';
import type {GraphPort, Ref} from '../types';

/** What TensorFlow Serving looks for first. */
const SERVING = 'serving_default';

/**
 * The signature by which a graph is called: the one that is asked for, `serving_default`, else the first that has outputs.
 * @throws CarryoverError `E_USAGE` where there is none of the name that is asked for
 */
export function signatureOf(
  meta: MetaGraph | undefined,
  wanted: string | undefined,
  where: string,
): Signature | undefined {
  const all = [...(meta?.signatures ?? [])].filter(
    ([, {outputs, inputs}]) => outputs.size > 0 && inputs.size > 0,
  );
  const name = wanted ?? SERVING;
  const found = all.find(([key]) => key === name) ?? (wanted === undefined ? all[0] : undefined);
  if (found || wanted === undefined) return found?.[1];
  const names = all.map(([key]) => key);
  throw new CarryoverError(
    'E_USAGE',
    `${where}: the graph has no signature '${wanted}'${didYouMean(wanted, names)}; its signatures are ${names.join(', ') || 'none'}`,
    {file: where, expected: names.join(', '), found: wanted},
  );
}

/** A tensor at the door, by the name that a signature gives it. */
export function signaturePort(name: string, {name: tensor, type, shape}: TensorInfo): GraphPort {
  const ref = spelled(tensor);
  return {name, aliases: aliasesOf(ref, name), ref, dtype: dtypeOf(type), shape};
}

/** A tensor at the door, by its node's name. */
export function nodePort(ref: Ref, node: GraphNode): GraphPort {
  const name = outputIndex(ref) === 0 ? node.name : ref;
  return {
    name,
    aliases: aliasesOf(ref, name),
    ref,
    dtype: typeOf(node),
    shape: shapeOf(node, outputIndex(ref)),
  };
}

function aliasesOf(ref: Ref, name: string): string[] {
  const own = outputIndex(ref) === 0 ? [ref, nodeName(ref)] : [ref];
  return own.filter(alias => alias !== name);
}

function typeOf(node: GraphNode): GraphPort['dtype'] {
  const code = ['dtype', 'T', 'DstT', 'output_type', 'out_type', 'Tparams']
    .map(name => attribute(node, name)?.type)
    .find(type => type !== undefined);
  return code === undefined ? undefined : dtypeOf(code);
}

/** As the node says it, or as TensorFlow noted it when the graph was made. */
function shapeOf(node: GraphNode, output: number): PartialShape {
  const noted = node.attributes.get('_output_shapes')?.list?.shape[output];
  const own = /^Placeholder/.test(node.op) ? attribute(node, 'shape')?.shape : undefined;
  // Before TensorFlow 1.? an unknown shape was written as a scalar's.
  return own && own.length > 0 ? own : noted ? partialShape(noted) : (own ?? null);
}
