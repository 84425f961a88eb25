import {attribute, type GraphNode} from '../../../converters/graph-def/node';
import {DataType} from '../../../converters/protobuf/tensorflow/tensor';
import {byName, dataInputs, nodeName, outputIndex} from '../nodes';

/** What a placeholder is called that tells whether the model is in training. */
const TRAINING = /train|learning_phase|(^|[/_])phase([/_]|$)/i;
/** What batches' own statistics, random masks and running averages are made with. */
const IN_TRAINING = /^(SquaredDifference|Random.*|.*Normal|StatelessRandom.*|Assign.*)$/;
/** How far from a branch its statistics are made. */
const MOST_HOPS = 6;

/** The placeholders that say whether the model is in training: by their names, or by what is only done where they are true. */
export function trainingFlags(nodes: readonly GraphNode[]): Set<string> {
  const flags = nodes.filter(
    node =>
      node.op === 'Placeholder' && attribute(node, 'dtype')?.type === DataType.DT_BOOL && isScalar(node),
  );
  const all = byName(nodes);
  return new Set(flags.filter(node => TRAINING.test(node.name) || trains(node, all)).map(({name}) => name));
}

function isScalar(node: GraphNode): boolean {
  const shape = attribute(node, 'shape')?.shape;
  return shape === undefined || shape === null || shape.length === 0;
}

/** Whether what is taken where a flag is true is made by training alone. */
function trains(flag: GraphNode, nodes: ReadonlyMap<string, GraphNode>): boolean {
  const choices = [...nodes.values()].filter(
    node => node.op === 'Switch' && leadsTo(dataInputs(node)[1], flag, nodes),
  );
  return choices.some(choice => {
    const [data] = dataInputs(choice);
    const isTaken = (node: GraphNode): boolean =>
      dataInputs(node).some(ref => nodeName(ref) === choice.name && outputIndex(ref) === 1);
    const users = [...nodes.values()].filter(node => isTaken(node) || hangsOn(node, choice.name, nodes));
    return users.length > 0 && (isMade([data!], nodes) || users.some(({op}) => IN_TRAINING.test(op)));
  });
}

/** Whether a tensor is another's, past what negates it or hands it on. */
function leadsTo(ref: string | undefined, to: GraphNode, nodes: ReadonlyMap<string, GraphNode>): boolean {
  let at = ref;
  for (let hops = 0; hops < MOST_HOPS && at !== undefined; hops++) {
    const node = nodes.get(nodeName(at));
    if (node === to) return true;
    if (!node || !/^(Identity|Switch)$/.test(node.op)) return false;
    at = dataInputs(node)[0];
  }
  return false;
}

/** Whether something near makes these by the operations of training. */
function isMade(refs: readonly string[], nodes: ReadonlyMap<string, GraphNode>, hops = MOST_HOPS): boolean {
  return refs.some(ref => {
    const node = nodes.get(nodeName(ref));
    if (!node || hops === 0) return false;
    return (
      IN_TRAINING.test(node.op) ||
      (/^(Mean|Squeeze|Identity)$/.test(node.op) && isMade(dataInputs(node), nodes, hops - 1))
    );
  });
}

/** Whether a node runs only behind an output of a `Switch`. */
function hangsOn(node: GraphNode, choice: string, nodes: ReadonlyMap<string, GraphNode>): boolean {
  return node.inputs.some(input => {
    const pivot = nodes.get(nodeName(input.replace(/^\^/, '')));
    return pivot?.op === 'Identity' && dataInputs(pivot)[0] === `${choice}:1`;
  });
}
