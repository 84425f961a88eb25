import type {GraphNode} from '../../../converters/graph-def/node';
import {DataType} from '../../../converters/protobuf/tensorflow/tensor';
import {withoutDropout} from '../../recipes/graph/step-outputs';
import {GraphView} from '../../recipes/graph/view';
import {attr, inPlaceOf} from '../nodes';
import {trainingFlags} from './flags';
import type {Freezing} from './freezing';

/**
 * A graph for inference: `is_training` is false, a placeholder with a default has it, dropout lets everything through.
 *
 * @param given placeholders that the caller feeds, which stay
 */
export function forInference(
  nodes: readonly GraphNode[],
  given: ReadonlySet<string>,
  freezing: Freezing,
): GraphNode[] {
  const flags = trainingFlags(nodes);
  return withoutDropouts(
    nodes.map(node => (given.has(node.name) ? node : settled(node, flags, freezing))),
    freezing,
  );
}

function settled(node: GraphNode, flags: ReadonlySet<string>, freezing: Freezing): GraphNode {
  const {told, values} = freezing;
  const {op, name} = node;
  if (op === 'PlaceholderWithDefault') {
    told.add(node, `'${name}' has its default; give it as an input to change it`);
    return inPlaceOf(node, 'Identity', {inputs: node.inputs, attributes: typeOf(node, 'dtype')});
  }
  if (flags.has(name)) {
    told.add(node, `'${name}' is false, as it is but in training; give it as an input to change it`);
    values.set(name, {dtype: 'bool', shape: [], values: new Uint8Array(1)});
    return inPlaceOf(node, 'Const', {
      inputs: [],
      attributes: new Map([['dtype', attr({type: DataType.DT_BOOL})]]),
    });
  }
  return node;
}

function typeOf(node: GraphNode, name: string): GraphNode['attributes'] {
  const type = node.attributes.get(name);
  return new Map(type ? [['T', type]] : []);
}

/** Dropout hands on what it gets, whatever the rate that the graph has or takes. */
function withoutDropouts(nodes: readonly GraphNode[], {told}: Freezing): GraphNode[] {
  const view = new GraphView({nodes, functions: []});
  return nodes.map(node => {
    const kept = /^(Mul|RealDiv|Div|SelectV2|Select)$/.test(node.op) ? withoutDropout(view, node) : undefined;
    if (kept === undefined) return node;
    told.add(node, 'dropout is off');
    return inPlaceOf(node, 'Identity', {inputs: [kept], attributes: typeOf(node, 'T')});
  });
}
