import type * as tf from '@tensorflow/tfjs-core';
import {keyed} from '../../recurrence/memo';
import type {Gate, Recurrence, StateName} from '../../recurrence/types';
import type {WeightName} from '../../recurrence/weights';
import {float32} from '../float32';
import type {RecurrenceInputs} from '../types';

/** What a graph can be fed with: tensors of a call, gradients and kept values of its outputs, a number of steps. */
export type FeedName =
  | 'x'
  | 'mask'
  | 'dy'
  | 'steps'
  | `weight.${WeightName}`
  | `initial.${StateName}`
  | `dropout.${Gate | 'all'}`
  | `dstate.${StateName}`
  | `saved.${number}`;

/** What a graph asks for by name, of a call's tensors. */
export function feedOf(inputs: RecurrenceInputs): (name: string) => tf.Tensor {
  const named: Record<string, Readonly<Record<string, tf.Tensor | undefined>>> = {
    weight: inputs.weights,
    initial: inputs.initial,
    dropout: inputs.dropout,
  };
  return name => {
    if (name === 'x') return inputs.x;
    if (name === 'mask') return float32(inputs.mask!);
    const dot = name.indexOf('.');
    return named[name.slice(0, dot)]![name.slice(dot + 1)]!;
  };
}

const open = (size: number | undefined): number | undefined => (size === undefined ? undefined : 0);

/** What graphs of recurrences have in common when nothing but sizes and numbers of steps is different, as a key. */
const structure = keyed(r => ({
  ...r,
  units: 0,
  projection: open(r.projection),
  bptt: {...r.bptt, steps: open(r.bptt?.steps)},
}));

/** A graph's key: the structure, and what else it depends on. */
export function graphKey(
  r: Recurrence,
  inputs: RecurrenceInputs,
  ...others: readonly (string | boolean)[]
): string {
  const {mask, initial, weights} = inputs;
  return [structure(r), mask !== undefined, Object.keys(initial), Object.keys(weights), others].join(' ');
}
