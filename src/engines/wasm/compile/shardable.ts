import type {Node} from '../../../recurrence/expression';
import {outputSize, type Recurrence} from '../../../recurrence/types';

/** Operations that compute each unit from the same unit of their operands. */
const UNIT_BY_UNIT: readonly Node['op'][] = [
  'input',
  'state',
  'weight',
  'dropout',
  'mask',
  'part',
  'join',
  'add',
  'mul',
  'complement',
  'offset',
  'activate',
  'clip',
  'limitGradient',
];

/**
 * Whether programs can compute a step for some of the units each: every node must work unit by unit, or be a product with
 * the recurrent kernel, whose left side `AllGather` makes whole.
 */
export function canShardUnits(r: Recurrence, nodes: readonly Node[]): boolean {
  return (
    outputSize(r) === r.units &&
    nodes.every(
      node =>
        UNIT_BY_UNIT.includes(node.op) ||
        (node.op === 'product' && node.weight === 'recurrentKernel' && !node.transposed),
    )
  );
}
