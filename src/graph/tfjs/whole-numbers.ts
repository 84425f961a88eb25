import type {NdArray} from '../../../converters/arrays';
import {attribute, type GraphNode} from '../../../converters/graph-def/node';
import {dtypeOf} from '../../../converters/protobuf/tensorflow/dtypes';
import {CarryoverError} from '../../errors';
import {dataInputs, nodeName} from '../nodes';

const [LEAST, MOST] = [-(2 ** 31), 2 ** 31 - 1];
const WIDE: ReadonlySet<string | undefined> = new Set(['int64', 'uint32', 'uint64']);

/** A whole number as int32; one beyond it becomes the last one that it has. */
export const saturated = (value: number | bigint): number => Math.max(LEAST, Math.min(MOST, Number(value)));

/**
 * Whole numbers beyond int32, which TensorFlow.js lacks, may only be bounds of slices: there they mean "to the end".
 * @throws CarryoverError `E_UNSUPPORTED` for a constant with another such number
 */
export function checkWholeNumbers(
  nodes: readonly GraphNode[],
  constant: (node: GraphNode) => NdArray | undefined,
): void {
  for (const node of nodes) {
    if (node.op !== 'Const' || !WIDE.has(dtypeOf(attribute(node, 'dtype')?.type ?? 0))) continue;
    const values = (constant(node)?.values ?? []) as ArrayLike<number | bigint>;
    const beyond = Array.from(values).find(value => Number(value) !== saturated(value));
    if (beyond === undefined || isBound(node.name, nodes)) continue;
    throw new CarryoverError(
      'E_UNSUPPORTED',
      `${node.where}: ${beyond} is beyond int32, the only whole numbers that TensorFlow.js has; use the native backend ` +
        '(--backend tensorflow --engine native), or ask for a tensor before it (outputs; on the command line: --until NAME)',
      {found: String(beyond), expected: 'int32'},
    );
  }
}

/** Whether a tensor only says where slices begin and end. */
function isBound(name: string, nodes: readonly GraphNode[]): boolean {
  const users = nodes.filter(node => dataInputs(node).some(ref => nodeName(ref) === name));
  return users.every(
    node =>
      node.op === 'StridedSlice' &&
      dataInputs(node).every((ref, k) => nodeName(ref) !== name || k === 1 || k === 2),
  );
}
