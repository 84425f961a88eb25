import * as tf from '@tensorflow/tfjs-core';
import type {layers} from '@tensorflow/tfjs-layers';
import type {NdArray} from '../converters/arrays';
import {toCanonical} from '../src/dialects/arrays';
import {RecurrentLayer} from '../src/layers/recurrent-layer';
import {keras2, lasagne} from '../src/libraries/all';
import type {Recurrence} from '../src/recurrence/types';
import type {Problem} from './problem';

/** What every contestant is given: the same numbers, and what they have to come to. */
export interface Data {
  /** `[batch, time, features]` */
  readonly x: NdArray;
  /** `[batch, time]`, 1 up to each row's length. */
  readonly mask?: NdArray;
  /** The layer's arrays: of Keras 2 in its order, of Lasagne where there are peepholes. */
  readonly weights: readonly NdArray[];
  /** By canonical name. */
  readonly canonical: Readonly<Record<string, Float32Array>>;
  readonly recurrence: Recurrence;
  /** What `ops` makes of it: the outputs or, of a training step, what it changes the recurrent kernel by. */
  readonly want: Float32Array;
}

/** Carryover's layer for a problem, built. Orthogonal matrices of these sizes take minutes to make. */
export function ownLayer(p: Problem): RecurrentLayer {
  const {units, cell, gates} = p;
  const keras = {units, returnSequences: true, recurrentInitializer: 'glorotUniform'} as const;
  const layer = p.peepholes
    ? lasagne.lstm({numUnits: units, peepholes: true})
    : cell === 'lstm'
      ? keras2.lstm({...keras, recurrentActivation: gates})
      : cell === 'gru'
        ? keras2.gru({...keras, recurrentActivation: gates, resetAfter: p.reset === 'after'})
        : keras2.simpleRNN(keras);
  layer.build([p.batch, p.time, p.features]);
  return layer;
}

/** Frees a layer. Tfjs' own dispose refuses ours, which are built by hand. */
export function discard(layer: layers.Layer): void {
  if (!(layer instanceof RecurrentLayer)) {
    layer.dispose();
    return;
  }
  layer.forget();
  for (const variable of layer.weights) variable.dispose();
}

export const tensorOf = ({values, shape}: NdArray): tf.Tensor =>
  tf.tensor(values as Float32Array, [...shape], 'float32');

/** A copy: what a backend gives may be its own memory. */
export const arrayOf = (tensor: tf.Tensor): NdArray => ({
  dtype: 'float32',
  shape: tensor.shape,
  values: Float32Array.from(tensor.dataSync()),
});

/** The numbers of a problem, the same each time. `want` is left to `ops`. */
export function dataFor(p: Problem): Omit<Data, 'want'> {
  const layer = ownLayer(p);
  const {batch, time, features, units} = p;
  // Small enough that no gate is saturated, and biases are not all alike.
  for (const [k, name] of layer.arrayNames.entries()) {
    const variable = layer.weights[k]!;
    const size = /bias|^b_|^W_cell/.test(name) ? 0.1 : 1 / Math.sqrt(units);
    const values = /_init$/.test(name)
      ? tf.zeros(variable.shape as number[])
      : tf.randomUniform(variable.shape as number[], -size, size, 'float32', 11 + k);
    variable.write(values);
    values.dispose();
  }
  const arrays = layer.getWeights();
  const specs = layer.dialect.arrays(layer.args, layer.version);
  const canonical: Record<string, Float32Array> = {};
  tf.tidy(() => {
    const whole = toCanonical(specs, arrays, {...layer.recurrence, batch: undefined}, features);
    for (const [name, tensor] of Object.entries(whole))
      canonical[name] = arrayOf(tensor).values as Float32Array;
  });
  const x = tf.randomNormal([batch, time, features], 0, 1, 'float32', 7);
  const data = {
    x: arrayOf(x),
    mask: p.masked ? lengthMask(batch, time) : undefined,
    weights: arrays.map(arrayOf),
    canonical,
    recurrence: {...layer.recurrence, input: 'features'} as const,
  };
  x.dispose();
  discard(layer);
  return data;
}

/** Rows of all lengths from half of the steps to all of them. */
function lengthMask(batch: number, time: number): NdArray {
  const values = new Float32Array(batch * time);
  for (let row = 0; row < batch; row++) {
    const length = Math.max(1, Math.round(time * (1 - row / (2 * batch))));
    values.fill(1, row * time, row * time + length);
  }
  return {dtype: 'float32', shape: [batch, time], values};
}

/**
 * What a contestant computes is held against `ops` before it is timed.
 * @throws where it is something else
 */
export function expectClose(name: string, p: Problem, got: Float32Array, want: Float32Array): void {
  // A step changes the kernel by little: float32 leaves four digits of it.
  const largest = want.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const tolerance = p.training ? 1e-3 * largest : 1e-4;
  let off = got.length === want.length ? 0 : Infinity;
  for (const [k, value] of want.entries()) {
    const difference = Math.abs(value - got[k]!);
    if (!(difference <= off)) off = difference;
  }
  if (!(off <= tolerance)) throw new Error(`${name} is off by ${off}; ${tolerance} was expected`);
}
