import type * as tf from '@tensorflow/tfjs-core';
import type {Recurrence} from '../../recurrence/types';
import {float32} from '../float32';
import type {RecurrenceInputs} from '../types';

/** What a graph asks for by name, of a call's tensors. */
export function feedOf(inputs: RecurrenceInputs): (name: string) => tf.Tensor {
  const named: Record<string, Readonly<Record<string, tf.Tensor>>> = {
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

/** What graphs of recurrences have in common when nothing but sizes and numbers of steps is different. */
export function structureOf(r: Recurrence, ...others: readonly unknown[]): string {
  const open = (size: number | undefined): number | undefined => (size === undefined ? undefined : 0);
  const bptt = {...r.bptt, steps: open(r.bptt?.steps)};
  return JSON.stringify([{...r, units: 0, projection: open(r.projection), bptt}, ...others]);
}
