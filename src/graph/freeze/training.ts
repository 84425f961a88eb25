import {attribute, type GraphNode} from '../../../converters/graph-def/node';
import {DataType} from '../../../converters/protobuf/tensorflow/tensor';
import {withoutDropout} from '../../recipes/graph/step-outputs';
import {GraphView} from '../../recipes/graph/view';
import {attr, dataInputs, inPlaceOf} from '../nodes';
import type {Freezing} from './freezing';

/** What a placeholder is called that tells whether the model is in training. */
const TRAINING = /train|learning_phase|(^|[/_])phase([/_]|$)/i;

const isScalar = (node: GraphNode): boolean => {
  const shape = attribute(node, 'shape')?.shape;
  return shape === undefined || shape === null || shape.length === 0;
};

/**
 * A graph for inference: `is_training` is false, a placeholder with a default has it, dropout lets everything through,
 * variables are what they were at the call's beginning.
 *
 * @param given placeholders that the caller feeds, which stay
 */
export function forInference(
  nodes: readonly GraphNode[],
  given: ReadonlySet<string>,
  freezing: Freezing,
): GraphNode[] {
  return withoutDropouts(
    nodes.map(node => (given.has(node.name) ? node : settled(node, freezing))),
    freezing,
  );
}

function settled(node: GraphNode, freezing: Freezing): GraphNode {
  const {told, values} = freezing;
  const {op, name} = node;
  if (op === 'PlaceholderWithDefault') {
    told.add(node, `'${name}' has its default; give it as an input to change it`);
    return inPlaceOf(node, 'Identity', {inputs: node.inputs, attributes: typeOf(node, 'dtype')});
  }
  const isFlag = op === 'Placeholder' && attribute(node, 'dtype')?.type === DataType.DT_BOOL;
  if (isFlag && isScalar(node) && TRAINING.test(name)) {
    told.add(node, `'${name}' is false`);
    values.set(name, {dtype: 'bool', shape: [], values: new Uint8Array(1)});
    return inPlaceOf(node, 'Const', {
      inputs: [],
      attributes: new Map([['dtype', attr({type: DataType.DT_BOOL})]]),
    });
  }
  return written(node, freezing) ?? node;
}

/** What writes a variable gives what it has written; the variable itself is as the file has it, at every call. */
function written(node: GraphNode, {told}: Freezing): GraphNode | undefined {
  const attributes = typeOf(node, 'T');
  const made = {
    Assign: () => inPlaceOf(node, 'Identity', {inputs: dataInputs(node).slice(1, 2), attributes}),
    AssignAdd: () => inPlaceOf(node, 'AddV2', {inputs: dataInputs(node), attributes}),
    AssignSub: () => inPlaceOf(node, 'Sub', {inputs: dataInputs(node), attributes}),
  }[node.op];
  if (!made) return undefined;
  const [variable = ''] = dataInputs(node);
  told.add(
    node,
    `the graph writes variable '${variable.replace(/:0$/, '')}'; here each call begins with what the file has`,
  );
  return made();
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
