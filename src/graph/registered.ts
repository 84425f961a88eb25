import type * as tf from '@tensorflow/tfjs-core';
import type {NdArray} from '../../converters/arrays';
import {type RecurrenceRunner, recurrenceRunner} from './recurrences/runner';
import {RECURRENCE} from './types';
import {decode, WRITTEN, type WrittenRecurrence} from './write/recurrences';

/** What TensorFlow.js hands to an operation that a program has registered. */
interface GraphOpNode {
  readonly inputs: tf.Tensor[];
  readonly attrs: Readonly<Record<string, unknown>>;
}

/** What registers operations: `tf` of `@tensorflow/tfjs`, or all of `@tensorflow/tfjs-converter`. */
export interface GraphOpRegistry {
  registerOp(name: string, operation: (node: GraphOpNode) => tf.Tensor | tf.Tensor[]): void;
}

/**
 * Makes the recurrences in converted graphs known to TensorFlow.js: call it before `tf.loadGraphModel` loads a graph model
 * that Carryover wrote with them (`carryover convert GRAPH OUT`). They run on the engine that is in force.
 *
 * @param registry the `tf` that loads the model: operations are registered with that copy of TensorFlow.js
 */
export function registerGraphOps(registry: GraphOpRegistry): void {
  registry.registerOp(RECURRENCE, ({inputs, attrs}) => {
    const written = decode(String(attrs[WRITTEN]));
    const count = written.inputs.length;
    return runnerFor(written, inputs.slice(count)).run(inputs.slice(0, count));
  });
}

interface Kept {
  readonly arrays: readonly tf.Tensor[];
  readonly runner: RecurrenceRunner;
}

/** Recurrences that have run, by their first array; a model keeps its arrays for as long as it lives. */
const made = new Map<object, Kept>();

function runnerFor(written: WrittenRecurrence, arrays: readonly tf.Tensor[]): RecurrenceRunner {
  const key = arrays[0]!.dataId;
  const known = made.get(key);
  if (known) return known.runner;
  for (const [other, {arrays: old, runner}] of made) {
    if (!old.some(({isDisposed}) => isDisposed)) continue;
    runner.dispose();
    made.delete(other);
  }
  let at = 0;
  const weights = written.roles.map(roles =>
    Object.fromEntries(roles.map((role): [string, NdArray] => [role, arrayOf(arrays[at++]!)])),
  );
  const runner = recurrenceRunner({...written, weights});
  made.set(key, {arrays, runner});
  return runner;
}

const arrayOf = (tensor: tf.Tensor): NdArray => ({
  dtype: 'float32',
  shape: tensor.shape,
  values: Float32Array.from(tensor.dataSync()),
});
