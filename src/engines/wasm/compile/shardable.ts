import type {Node} from '../../../recurrence/expression';
import {mixesColumns} from '../../../recurrence/nodes';
import {outputSize, type Recurrence} from '../../../recurrence/types';
import {weightOf} from '../../../recurrence/weights';

/**
 * Whether programs can compute a step for some of the units each. Every node must compute a unit from the same unit of
 * its operands, or be a product h·U, whose left side `AllGather` makes whole.
 */
export function canShardUnits(r: Recurrence, nodes: readonly Node[]): boolean {
  return outputSize(r) === r.units && nodes.every(node => !mixesColumns(node) || readsWholeOutput(r, node));
}

/** A product of a value as wide as h with a matrix whose columns are units. */
function readsWholeOutput(r: Recurrence, node: Node): boolean {
  if (node.op !== 'product' || node.transposed) return false;
  const weight = weightOf(r, node.weight);
  return weight?.rows === 'output' && weight.columns === 'units';
}
