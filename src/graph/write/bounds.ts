import {constantOf} from '../../../converters/graph-def/frozen';
import type {GraphNode} from '../../../converters/graph-def/node';
import {CarryoverError} from '../../errors';
import {byName, dataInputs, inPlaceOf, nodeName} from '../nodes';
import type {Ref} from '../types';

/**
 * Loops over rows of different lengths that turn as often as there are steps. `dynamic_rnn` stops at the longest row and
 * leaves the steps after it unwritten, which TensorFlow stacks as zeros and TensorFlow.js leaves out. Rows that have ended
 * put out zeros and keep their states, so further turns change nothing. Source: `_dynamic_rnn_loop` in
 * tensorflow/python/ops/rnn.py of 1.15.5: `min(steps, max(1, max(lengths)))`.
 *
 * @throws CarryoverError `E_UNSUPPORTED` where nothing shows that the rows of such a loop end by these lengths
 */
export function withAllSteps(nodes: readonly GraphNode[]): GraphNode[] {
  const names = byName(nodes);
  const passed = (ref: Ref): Ref => {
    let at = ref;
    for (
      let node = names.get(nodeName(at));
      node && /^(Identity|Enter)$/.test(node.op);
      node = names.get(nodeName(at))
    )
      at = dataInputs(node)[0]!;
    return at;
  };
  const from = (ref: Ref): GraphNode | undefined => names.get(nodeName(passed(ref)));
  const ends = new Set(
    nodes.filter(({op}) => op === 'GreaterEqual').flatMap(node => dataInputs(node).map(passed)),
  );
  return nodes.map(node => {
    const bound = node.op === 'Minimum' ? boundOf(node, from) : undefined;
    if (!bound) return node;
    if (ends.has(passed(bound.lengths)))
      return inPlaceOf(node, 'Identity', {inputs: [bound.steps], attributes: node.attributes});
    throw new CarryoverError(
      'E_UNSUPPORTED',
      `${node.where}: a loop that ends with the longest row leaves steps unwritten, which TensorFlow.js stacks otherwise than TensorFlow; ` +
        'write it without --portable where it is a recurrence, or as a SavedModel (--to saved-model)',
      {found: node.op},
    );
  });
}

function boundOf(
  node: GraphNode,
  from: (ref: Ref) => GraphNode | undefined,
): {readonly steps: Ref; readonly lengths: Ref} | undefined {
  const inputs = dataInputs(node);
  for (const [steps, least] of [inputs, [...inputs].reverse()]) {
    const most = least === undefined ? undefined : from(least);
    if (most?.op !== 'Maximum') continue;
    const [longest] = dataInputs(most)
      .map(from)
      .filter(one => one?.op === 'Max');
    const one = dataInputs(most)
      .map(from)
      .some(other => other?.op === 'Const' && constantOf(other)?.values[0]?.toString() === '1');
    if (longest && one) return {steps: steps!, lengths: dataInputs(longest)[0]!};
  }
  return undefined;
}
