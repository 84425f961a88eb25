import * as tf from '@tensorflow/tfjs-core';
import {gateColumns} from '../recurrence/cells';
import {type BackwardGraph, differentiate} from '../recurrence/differentiate';
import {memoized} from '../recurrence/memo';
import {recordStep, type StepGraph} from '../recurrence/step';
import {GATES, type Gate, type Recurrence} from '../recurrence/types';
import type {WeightName} from '../recurrence/weights';
import {float32} from './float32';
import type {RecurrenceInputs} from './types';

/** What forward and backward passes of the same call agree on. */
export interface Plan {
  readonly step: StepGraph;
  readonly backward: BackwardGraph;
  readonly batch: number;
  readonly time: number;
  /** Time steps in the order of processing. */
  readonly order: readonly number[];
  /** Column blocks of a weight, cut once per call. */
  weight(name: WeightName, gates: readonly Gate[]): tf.Tensor;
  /** The mask of every time step, `[batch, 1]`; none of an unmasked call. */
  masks(): tf.Tensor[];
}

/** Lays out a call. Tensors it makes belong to the scope it is called in. */
export function plan(r: Recurrence, inputs: RecurrenceInputs): Plan {
  const [batch, time] = inputs.x.shape as [number, number];
  const zeroInitial = Object.keys(inputs.initial).length === 0;
  const {step, backward} = graphs(r, inputs.mask !== undefined, zeroInitial);
  const order = Array.from({length: time}, (_, k) => (r.direction === 'backward' ? time - 1 - k : k));
  const cut = new Map<string, tf.Tensor>();
  const weight = (name: WeightName, gates: readonly Gate[]): tf.Tensor => {
    const key = `${name} ${gates}`;
    let columns = cut.get(key);
    if (!columns) {
      columns = cutColumns(r, inputs.weights[name]!, gates);
      cut.set(key, columns);
    }
    return columns;
  };
  const masks = (): tf.Tensor[] => (inputs.mask ? tf.unstack(tf.expandDims(float32(inputs.mask), 2), 1) : []);
  return {step, backward, batch, time, order, weight, masks};
}

type Graphs = Pick<Plan, 'step' | 'backward'>;

const recorded = memoized(() => new Map<string, Graphs>());

/** A recurrence's step and its derivative; they depend on nothing else and are recorded once. */
function graphs(r: Recurrence, masked: boolean, zeroInitial: boolean): Graphs {
  const own = recorded(r);
  const key = `${masked} ${zeroInitial}`;
  let pair = own.get(key);
  if (!pair) {
    const step = recordStep(r, {masked, zeroInitial});
    pair = {step, backward: differentiate(step)};
    own.set(key, pair);
  }
  return pair;
}

function cutColumns(r: Recurrence, whole: tf.Tensor, gates: readonly Gate[]): tf.Tensor {
  if (gates.length === 0 || gates.length === GATES[r.cell].length) return whole;
  const [first, count] = gateColumns(r.cell, gates);
  const axis = whole.rank - 1;
  const begin = whole.shape.map((_, k) => (k === axis ? first * r.units : 0));
  const size = whole.shape.map((n, k) => (k === axis ? count * r.units : n));
  return tf.slice(whole, begin, size);
}

/** x·W + b for all steps at once: `[batch, time, gates·units]`. */
export function project(r: Recurrence, {x, weights}: RecurrenceInputs): tf.Tensor {
  if (r.input === 'preactivations') return x;
  const [batch, time, features] = x.shape as [number, number, number];
  const flat = tf.matMul(
    tf.reshape(x, [batch * time, features]) as tf.Tensor2D,
    weights.kernel as tf.Tensor2D,
  );
  const biased = weights.bias ? tf.add(flat, weights.bias) : flat;
  return tf.reshape(biased, [batch, time, GATES[r.cell].length * r.units]);
}
