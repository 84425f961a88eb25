import * as tf from '@tensorflow/tfjs-core';
import type {Activation} from '../recurrence/activations';
import type {MaskRule} from '../recurrence/types';
import {type Convolution, convolved} from './conv-lstm-convolution';
import {piecesOf, stepsOf} from './pieces';
import {onTensor} from './tensor-activation';

/** What a step of a ConvLSTM needs. Pictures have their channels last. */
export interface ConvLstmStep extends Convolution {
  readonly filters: number;
  readonly activation: Activation;
  readonly recurrentActivation: Activation;
  readonly dropout: number;
  readonly recurrentDropout: number;
  readonly returnSequences: boolean;
  readonly kernel: tf.Tensor;
  readonly recurrent: tf.Tensor;
  readonly bias?: tf.Tensor;
  readonly training: boolean;
  readonly rule: MaskRule;
}

/** What comes out: y of all steps or of the last one, and the final states. */
interface Ran {
  readonly y: tf.Tensor;
  readonly h: tf.Tensor;
  readonly c: tf.Tensor;
}

/**
 * Runs over the steps of `[batch, time, ...picture, channels]`, in their order.
 * @param mask `[batch, time]`, 1 where a step counts
 * @param initial h and c; zeros where there are none
 */
export function runSteps(
  step: ConvLstmStep,
  x: tf.Tensor,
  mask: tf.Tensor | undefined,
  initial: readonly [h: tf.Tensor | undefined, c: tf.Tensor | undefined],
): Ran {
  const inputs = stepsOf(inputConvolutions(step, x)).map(part => tf.squeeze(part, [1]));
  const masks = mask && stepsOf(mask).map(part => tf.reshape(part, [part.shape[0]!, ...picture(x)]));
  const [first] = inputs as [tf.Tensor];
  const zeros = tf.zeros([...first.shape.slice(0, -1), step.filters]);
  const thinned = recurrentConvolution(step, zeros.shape);
  let [h, c] = [initial[0] ?? zeros, initial[1] ?? zeros];
  let y = zeros;
  const outputs: tf.Tensor[] = [];
  for (const [t, input] of inputs.entries()) {
    const fresh = gated(step, tf.add(input, thinned(h)), c);
    const counts = masks?.[t];
    const held = (next: tf.Tensor, old: tf.Tensor): tf.Tensor =>
      counts ? tf.add(tf.mul(next, counts), tf.mul(old, tf.sub(1, counts))) : next;
    // A masked step repeats the output before, or puts out 0.
    y = held(fresh.h, step.rule === 'holdZero' ? zeros : y);
    [h, c] = [held(fresh.h, h), held(fresh.c, c)];
    if (step.returnSequences) outputs.push(y);
  }
  return {y: step.returnSequences ? tf.stack(outputs, 1) : y, h, c};
}

/** Ones for each dimension of a picture and its channels. */
const picture = (x: tf.Tensor): number[] => x.shape.slice(2).map(() => 1);

function gated(
  {recurrentActivation, activation, filters}: ConvLstmStep,
  z: tf.Tensor,
  c: tf.Tensor,
): {h: tf.Tensor; c: tf.Tensor} {
  const [zi, zf, zc, zo] = piecesOf(z, [filters, filters, filters, filters], z.rank - 1) as [
    tf.Tensor,
    tf.Tensor,
    tf.Tensor,
    tf.Tensor,
  ];
  const gate = (x: tf.Tensor): tf.Tensor => onTensor(recurrentActivation, x);
  const value = (x: tf.Tensor): tf.Tensor => onTensor(activation, x);
  const next = tf.add(tf.mul(gate(zf), c), tf.mul(gate(zi), value(zc)));
  return {h: tf.mul(gate(zo), value(next)), c: next};
}

/** What each step's picture contributes to the gates, bias included: `[batch, time, ...picture, 4·filters]`. */
function inputConvolutions(step: ConvLstmStep, x: tf.Tensor): tf.Tensor {
  const [batch, time, ...rest] = x.shape as [number, number, ...number[]];
  const flat = (tensor: tf.Tensor): tf.Tensor => tf.reshape(tensor, [batch * time, ...rest]);
  const whole = perGate(step, step.kernel, step.dropout, [batch, 1, ...rest], (mask, kernel) =>
    convolved(flat(mask ? tf.mul(x, mask) : x), kernel, step),
  );
  const biased = step.bias ? tf.add(whole, step.bias) : whole;
  return tf.reshape(biased, [batch, time, ...biased.shape.slice(1)]);
}

/** What h contributes to the gates; its masks of dropout are the same at all steps. */
function recurrentConvolution(step: ConvLstmStep, shape: number[]): (h: tf.Tensor) => tf.Tensor {
  const ones = step.kernelSize.map(() => 1);
  const convolution = {rank: step.rank, strides: ones, dilationRate: ones, padding: 'same'} as const;
  const masks = masksOf(step, step.recurrentDropout, shape);
  return h =>
    withMasks(step, step.recurrent, masks, (mask, kernel) =>
      convolved(mask ? tf.mul(h, mask) : h, kernel, convolution),
    );
}

type Convolve = (mask: tf.Tensor | undefined, kernel: tf.Tensor) => tf.Tensor;

const perGate = (
  step: ConvLstmStep,
  kernel: tf.Tensor,
  rate: number,
  shape: number[],
  convolve: Convolve,
): tf.Tensor => withMasks(step, kernel, masksOf(step, rate, shape), convolve);

/** A mask for each gate; undefined where nothing is dropped. */
function masksOf({training}: ConvLstmStep, rate: number, shape: number[]): tf.Tensor[] | undefined {
  if (!training || rate <= 0 || rate >= 1) return undefined;
  return Array.from({length: 4}, () => tf.dropout(tf.ones(shape), rate));
}

/** All gates in one convolution, or one by one where each has a mask. */
function withMasks(
  {filters}: ConvLstmStep,
  kernel: tf.Tensor,
  masks: readonly tf.Tensor[] | undefined,
  convolve: Convolve,
): tf.Tensor {
  if (!masks) return convolve(undefined, kernel);
  const parts = piecesOf(kernel, [filters, filters, filters, filters], kernel.rank - 1);
  const made = parts.map((part, k) => convolve(masks[k], part));
  return tf.concat(made, made[0]!.rank - 1);
}
