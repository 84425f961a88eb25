import * as tf from '@tensorflow/tfjs-core';
import type {Recurrence} from '../../recurrence/types';
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
    if (name === 'mask')
      return inputs.mask!.dtype === 'float32' ? inputs.mask! : tf.cast(inputs.mask!, 'float32');
    const dot = name.indexOf('.');
    return named[name.slice(0, dot)]![name.slice(dot + 1)]!;
  };
}

/** What graphs of recurrences have in common when nothing but sizes is different. */
export function structureOf(r: Recurrence, ...others: readonly unknown[]): string {
  const open = {...r, units: 0, projection: r.projection === undefined ? undefined : 0};
  return JSON.stringify([open, ...others]);
}
