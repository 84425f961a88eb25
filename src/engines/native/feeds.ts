import * as tf from '@tensorflow/tfjs-core';
import type {Node} from '../../recurrence/expression';
import type {Recurrence} from '../../recurrence/types';
import type {Plan} from '../plan';
import type {RecurrenceInputs} from '../types';
import {leafKey} from './loop';

/** Leaves that are the same at every step, and their values. */
export function fixedLeaves(
  nodes: readonly Node[],
  call: Plan,
  inputs: RecurrenceInputs,
): Map<string, tf.Tensor> {
  const leaves = new Map<string, tf.Tensor>();
  for (const node of nodes) {
    if (node.op === 'weight') leaves.set(leafKey(node), call.weight(node.name, node.gates));
    if (node.op === 'dropout') leaves.set(leafKey(node), inputs.dropout[node.gate ?? 'all']!);
    if (node.op === 'product') {
      const {weight: name, gates} = node;
      leaves.set(leafKey({op: 'weight', name, gates}), call.weight(name, gates));
    }
  }
  return leaves;
}

/** Masks of all steps, `[time, batch, 1]` in time order, for those of the leaves that a graph has. */
export function maskLeaves(
  nodes: readonly Node[],
  r: Recurrence,
  inputs: RecurrenceInputs,
): Map<string, tf.Tensor> {
  const leaves = new Map<string, tf.Tensor>();
  if (!inputs.mask) return leaves;
  const masks = tf.expandDims(tf.transpose(tf.cast(inputs.mask, 'float32')), 2);
  for (const node of nodes) {
    if (node.op !== 'mask') continue;
    leaves.set(leafKey(node), node.of === 'this' ? masks : shifted(masks, r.direction));
  }
  return leaves;
}

/** Each step's mask moved to the step that is processed after it; 0 at the first one. */
function shifted(masks: tf.Tensor, direction: Recurrence['direction']): tf.Tensor {
  const [time, batch] = masks.shape as [number, number];
  const none = tf.zeros([1, batch, 1]);
  if (time === 1) return none;
  return direction === 'forward'
    ? tf.concat([none, tf.slice(masks, [0, 0, 0], [time - 1, -1, -1])])
    : tf.concat([tf.slice(masks, [1, 0, 0], [time - 1, -1, -1]), none]);
}
