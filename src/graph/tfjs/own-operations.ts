import * as tf from '@tensorflow/tfjs-core';
import {attribute, type GraphNode} from '../../../converters/graph-def/node';
import type {Operation} from './operation';

/** Operations that TensorFlow.js' graph executor lacks. Source: TensorFlow 2.15, core/ops and core/kernels. */
const OWN: ReadonlyMap<string, (node: GraphNode) => Operation> = new Map<
  string,
  (node: GraphNode) => Operation
>([
  [
    'ReverseSequence',
    node =>
      ([x, lengths]) => [reverseSequence(node, x!, lengths!)],
  ],
  [
    'InvertPermutation',
    () =>
      ([x]) => [inverted(x!)],
  ],
  [
    'Softsign',
    () =>
      ([x]) => [tf.div(x!, tf.add(tf.abs(x!), 1))],
  ],
  [
    'Inv',
    () =>
      ([x]) => [tf.reciprocal(x!)],
  ],
  [
    'Rint',
    () =>
      ([x]) => [tf.round(x!)],
  ],
  [
    'L2Loss',
    () =>
      ([x]) => [tf.div(tf.sum(tf.square(x!)), 2)],
  ],
  [
    'Select',
    () =>
      ([condition, yes, no]) => [tf.where(rowsOf(condition!, yes!.rank), yes!, no!)],
  ],
  ['Stack', () => inputs => [tf.stack([...inputs])]],
  ['BlockLSTM', node => inputs => blockLstm(node, inputs, 1)],
  ['BlockLSTMV2', node => inputs => blockLstm(node, inputs, 2)],
  [
    'LSTMBlockCell',
    node =>
      ([x, cs, h, w, wci, wcf, wco, b]) => {
        const settings = settingsOf(node, 1);
        return lstmStep({x: x!, cs: cs!, h: h!, w: w!, peepholes: [wci!, wcf!, wco!], b: b!}, settings);
      },
  ],
  [
    'GRUBlockCell',
    () =>
      ([x, h, wRu, wC, bRu, bC]) =>
        gruStep(x!, h!, [wRu!, wC!, bRu!, bC!]),
  ],
]);

/** The operation of a node that TensorFlow.js lacks; undefined of other nodes. */
export const ownOperation = (node: GraphNode): Operation | undefined => OWN.get(node.op)?.(node);

/** The names of these operations. */
export const ownOperations = (): string[] => [...OWN.keys()];

/** A condition of rank 1 picks whole rows, where TensorFlow.js would pick columns. */
function rowsOf(condition: tf.Tensor, rank: number): tf.Tensor {
  if (condition.rank !== 1 || rank < 2) return condition;
  return tf.reshape(condition, [condition.size, ...Array(rank - 1).fill(1)]);
}

/** The first `lengths` entries of each row, along `seq_dim`, come in reverse order. */
function reverseSequence(node: GraphNode, x: tf.Tensor, lengths: tf.Tensor): tf.Tensor {
  const axis = attribute(node, 'seq_dim')?.int ?? 0;
  const batch = attribute(node, 'batch_dim')?.int ?? 0;
  const steps = x.shape[axis]!;
  const rows = Array.from(lengths.dataSync() as ArrayLike<number>);
  const order = rows.flatMap(length =>
    Array.from({length: steps}, (_, k) => (k < length ? length - 1 - k : k)),
  );
  const indices = tf.tensor2d(order, [rows.length, steps], 'int32');
  const front = [batch, axis, ...x.shape.map((_, k) => k).filter(k => k !== batch && k !== axis)];
  const turned = tf.transpose(x, front);
  const taken = tf
    .unstack(turned)
    .map((one, k) =>
      tf.gather(one, tf.reshape(tf.slice(indices, [k, 0], [1, steps]), [steps]) as tf.Tensor1D),
    );
  const back = front.map((_, k) => front.indexOf(k));
  return taken.length === 0 ? x.clone() : tf.transpose(tf.stack(taken), back);
}

function inverted(x: tf.Tensor): tf.Tensor {
  const given = Array.from(x.dataSync() as ArrayLike<number>);
  return tf.tensor1d(
    given.map((_, k) => given.indexOf(k)),
    'int32',
  );
}

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
