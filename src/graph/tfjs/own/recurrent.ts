import * as tf from '@tensorflow/tfjs-core';
import {attribute, type GraphNode} from '../../../../converters/graph-def/node';
import type {OwnOperations} from './types';

/** Steps and loops that TensorFlow has as one operation. */
export const recurrentOperations: OwnOperations = {
  BlockLSTM: node => inputs => blockLstm(node, inputs, 1),
  BlockLSTMV2: node => inputs => blockLstm(node, inputs, 2),
  LSTMBlockCell:
    node =>
    ([x, cs, h, w, wci, wcf, wco, b]) => {
      const settings = settingsOf(node, 1);
      return lstmStep({x: x!, cs: cs!, h: h!, w: w!, peepholes: [wci!, wcf!, wco!], b: b!}, settings);
    },
  GRUBlockCell:
    () =>
    ([x, h, wRu, wC, bRu, bC]) =>
      gruStep(x!, h!, [wRu!, wC!, bRu!, bC!]),
};

interface Settings {
  readonly forgetBias: number;
  /** Of the cell; below zero, or for the second kind at zero too, there is none. */
  readonly clip: number | undefined;
  readonly peephole: boolean;
  /** The order of the gates in the weights: i, c, f, o of the first kind, i, f, c, o of the second. */
  readonly order: readonly [number, number, number, number];
}

function settingsOf(node: GraphNode, kind: 1 | 2): Settings {
  const clip = attribute(node, 'cell_clip')?.float ?? (kind === 1 ? 3 : 0);
  return {
    forgetBias: kind === 1 ? (attribute(node, 'forget_bias')?.float ?? 1) : 0,
    clip: clip > 0 ? clip : undefined,
    peephole: attribute(node, 'use_peephole')?.bool === true,
    order: kind === 1 ? [0, 1, 2, 3] : [0, 2, 1, 3],
  };
}

interface LstmStep {
  readonly x: tf.Tensor;
  readonly cs: tf.Tensor;
  readonly h: tf.Tensor;
  readonly w: tf.Tensor;
  readonly peepholes: readonly [tf.Tensor, tf.Tensor, tf.Tensor];
  readonly b: tf.Tensor;
}

/** i, cs, f, o, ci, co, h. Source: core/kernels/rnn/lstm_ops.h, LSTMBlockCellFprop. */
function lstmStep(
  {x, cs, h, w, peepholes, b}: LstmStep,
  {forgetBias, clip, peephole, order}: Settings,
): tf.Tensor[] {
  const sums = tf.add(tf.matMul(tf.concat([x as tf.Tensor2D, h as tf.Tensor2D], 1), w as tf.Tensor2D), b);
  const gates = tf.split(sums, 4, 1);
  const [zi, zc, zf, zo] = order.map(k => gates[k]!) as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
  const seen = (z: tf.Tensor, c: tf.Tensor, k: 0 | 1 | 2): tf.Tensor =>
    peephole ? tf.add(z, tf.mul(c, peepholes[k])) : z;
  const i = tf.sigmoid(seen(zi, cs, 0));
  const f = tf.sigmoid(seen(tf.add(zf, forgetBias), cs, 1));
  const ci = tf.tanh(zc);
  const made = tf.add(tf.mul(ci, i), tf.mul(cs, f));
  const next = clip === undefined ? made : tf.clipByValue(made, -clip, clip);
  const o = tf.sigmoid(seen(zo, next, 2));
  const co = tf.tanh(next);
  return [i, next, f, o, ci, co, tf.mul(co, o)];
}

/** All steps up to `seq_len_max`; those after it are zero. Source: core/kernels/rnn/lstm_ops.cc, BlockLSTMOp. */
function blockLstm(node: GraphNode, inputs: readonly tf.Tensor[], kind: 1 | 2): tf.Tensor[] {
  const [most, x, cs, h, w, wci, wcf, wco, b] = inputs as tf.Tensor[];
  const settings = settingsOf(node, kind);
  const steps = x!.shape[0]!;
  const used = Math.min(steps, Number(most!.dataSync()[0]));
  const all: tf.Tensor[][] = [];
  let [state, output] = [cs!, h!];
  for (const one of tf.unstack(x!).slice(0, used)) {
    const step = {x: one, cs: state, h: output, w: w!, peepholes: [wci!, wcf!, wco!] as const, b: b!};
    const made = lstmStep(step, settings);
    all.push(made);
    [state, output] = [made[1]!, made[6]!];
  }
  const zero = tf.zerosLike(cs!);
  return Array.from({length: 7}, (_, k) =>
    tf.stack(Array.from({length: steps}, (_unused, t) => all[t]?.[k] ?? zero)),
  );
}

/** r, u, c, h. Source: core/kernels/rnn/gru_ops.h, GRUBlockCellFprop. */
function gruStep(x: tf.Tensor, h: tf.Tensor, [wRu, wC, bRu, bC]: readonly tf.Tensor[]): tf.Tensor[] {
  const stacked = tf.concat([x as tf.Tensor2D, h as tf.Tensor2D], 1);
  const gates = tf.sigmoid(tf.add(tf.matMul(stacked, wRu as tf.Tensor2D), bRu!));
  const [r, u] = tf.split(gates, 2, 1) as [tf.Tensor, tf.Tensor];
  const reset = tf.concat([x as tf.Tensor2D, tf.mul(h, r) as tf.Tensor2D], 1);
  const c = tf.tanh(tf.add(tf.matMul(reset, wC as tf.Tensor2D), bC!));
  return [r, u, c, tf.add(tf.mul(u, tf.sub(h, c)), c)];
}
