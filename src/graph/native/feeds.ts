import {attribute, type GraphNode} from '../../../converters/graph-def/node';
import {dtypeOf} from '../../../converters/protobuf/tensorflow/dtypes';
import {DataType} from '../../../converters/protobuf/tensorflow/tensor';
import {attr, byName, inPlaceOf, nodeName} from '../nodes';
import type {GraphPort, Ref} from '../types';

/** Types that tfjs' tensors have. */
const FED: ReadonlySet<number> = new Set([
  DataType.DT_FLOAT,
  DataType.DT_INT32,
  DataType.DT_BOOL,
  DataType.DT_STRING,
  DataType.DT_COMPLEX64,
]);

/** Nodes, and the tensors that are fed in place of a model's inputs. */
export interface FedNodes {
  readonly nodes: readonly GraphNode[];
  readonly feeds: readonly Ref[];
}

/**
 * A graph that tensors of tfjs can be fed to: an input of another type is made from one that tfjs has, float32 for
 * floating-point numbers and int32 for whole ones.
 */
export function withFeeds(nodes: readonly GraphNode[], inputs: readonly GraphPort[]): FedNodes {
  const all = byName(nodes);
  const feeds = inputs.map(({ref}) => {
    const name = nodeName(ref);
    const node = all.get(name);
    const type = node && attribute(node, 'dtype')?.type;
    if (!node || type === undefined || FED.has(type)) return ref;
    const fed = freeName(`${name}/fed`, all);
    const whole = dtypeOf(type)?.includes('int') ?? false;
    const given = whole ? DataType.DT_INT32 : DataType.DT_FLOAT;
    const shape = node.attributes.get('shape');
    const attributes = new Map([
      ['dtype', attr({type: given})],
      ...(shape ? [['shape', shape] as const] : []),
    ]);
    all.set(fed, inPlaceOf(node, 'Placeholder', {name: fed, inputs: [], attributes}));
    const types = new Map([
      ['SrcT', attr({type: given})],
      ['DstT', attr({type})],
    ]);
    all.set(name, inPlaceOf(node, 'Cast', {inputs: [`${fed}:0`], attributes: types}));
    return `${fed}:0`;
  });
  return {nodes: [...all.values()], feeds};
}

function freeName(wanted: string, taken: ReadonlyMap<string, unknown>): string {
  let name = wanted;
  while (taken.has(name)) name += '_';
  return name;
}
