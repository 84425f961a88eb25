import * as tf from '@tensorflow/tfjs-core';
import type {Arguments, Operations} from './arguments';
import {asBool, asFloat} from './element-wise';

/* What rearranges values, or puts tensors together and takes them apart; and products of matrices. */

function transposed(args: Arguments): tf.Tensor {
  const x = args.tensor('x');
  const reversed = x.shape.map((_, k) => x.rank - 1 - k);
  return tf.transpose(x, args.has('axes') ? args.axes('axes', x.rank) : reversed);
}

function moved(x: tf.Tensor, from: readonly number[], to: readonly number[]): tf.Tensor {
  const rest = x.shape.map((_, k) => k).filter(k => !from.includes(k));
  const order: number[] = [];
  for (let k = 0; k < x.rank; k++) {
    const place = to.indexOf(k);
    order.push(place >= 0 ? from[place]! : rest.shift()!);
  }
  return tf.transpose(x, order);
}

function expanded(args: Arguments): tf.Tensor {
  let x = args.tensor('x');
  const axes = args.integers('axis');
  const rank = x.rank + axes.length;
  for (const axis of axes.map(n => (n < 0 ? n + rank : n)).sort((a, b) => a - b)) x = tf.expandDims(x, axis);
  return x;
}

function squeezed(args: Arguments): tf.Tensor {
  const x = args.tensor('x');
  return args.has('axis') ? tf.squeeze(x, args.axes('axis', x.rank)) : tf.squeeze(x);
}

/** As many equal parts, parts of these sizes (`count`), or as many parts or where they end (`sections`, as numpy has it). */
function parts(args: Arguments): tf.Tensor[] {
  const x = args.tensor('x');
  const axis = args.axis('axis', x.rank, 0);
  const sections = args.get('sections');
  if (typeof sections === 'number') return tf.split(x, args.number('sections'), axis);
  if (sections !== null) {
    const ends = [0, ...args.integers('sections'), x.shape[axis]!];
    return tf.split(
      x,
      ends.slice(1).map((end, k) => end - ends[k]!),
      axis,
    );
  }
  const told = args.get('count');
  const sizes = Array.isArray(told) ? args.integers('count') : args.number('count');
  if (!Array.isArray(sizes)) return tf.split(x, sizes, axis);
  const rest = x.shape[axis]! - sizes.reduce((sum, n) => sum + Math.max(n, 0), 0);
  return tf.split(
    x,
    sizes.map(n => (n < 0 ? rest : n)),
    axis,
  );
}

function matmul(args: Arguments): tf.Tensor {
  const [a, b] = args.pair('x', 'y').map(asFloat) as [tf.Tensor, tf.Tensor];
  const [left, right] = [args.flag('transposeX'), args.flag('transposeY')];
  if (a.rank === 1 && b.rank === 1) return tf.sum(tf.mul(a, b));
  // As numpy has it: a vector is a row on the left and a column on the right, and goes away again.
  if (a.rank === 1) return tf.squeeze(tf.matMul(tf.expandDims(a, 0), b, false, right), [-2 + b.rank]);
  if (b.rank === 1) return tf.squeeze(tf.matMul(a, tf.expandDims(b, 1), left), [a.rank - 1]);
  return tf.matMul(a, b, left, right);
}

/** The last axis of one with the one before the last of the other. Source: `numpy.dot`. */
function dot(args: Arguments): tf.Tensor {
  const [a, b] = args.pair('x', 'y').map(asFloat) as [tf.Tensor, tf.Tensor];
  if (a.rank === 0 || b.rank === 0) return tf.mul(a, b);
  if (a.rank <= 2 && b.rank <= 2) return matmul(args);
  const depth = a.shape.at(-1)!;
  const axis = Math.max(b.rank - 2, 0);
  const columns = moved(b, [axis], [0]);
  const product = tf.matMul(tf.reshape(a, [-1, depth]), tf.reshape(columns, [depth, -1]));
  return tf.reshape(product, [...a.shape.slice(0, -1), ...columns.shape.slice(1)]);
}

function repeated(args: Arguments): tf.Tensor {
  const given = args.tensor('x');
  const x = args.has('axis') ? given : tf.reshape(given, [-1]);
  const axis = args.axis('axis', x.rank, 0);
  const counts = args.integers('repeats');
  const size = x.shape[axis]!;
  const places = Array.from({length: size}, (_, k) =>
    new Array<number>(counts.length === 1 ? counts[0]! : counts[k]!).fill(k),
  ).flat();
  return tf.gather(x, tf.tensor1d(places, 'int32'), axis);
}

function padded(args: Arguments): tf.Tensor {
  const mode = args.text('mode', 'constant').toLowerCase();
  const margins = args.get('paddings') as [number, number][];
  const x = args.tensor('x');
  if (mode === 'constant') return tf.pad(x, margins, args.number('value', 0));
  if (mode === 'reflect' || mode === 'symmetric') return tf.mirrorPad(x, margins, mode);
  throw args.odd('mode', 'constant, reflect or symmetric');
}

/** A row of places, true where it counts. Source: `tf.sequence_mask`. */
function sequenceMask(args: Arguments): tf.Tensor {
  const lengths = tf.cast(args.tensor('x'), 'int32');
  const steps = tf.range(0, args.number('length'), 1, 'int32');
  return tf.less(steps, tf.expandDims(lengths, -1));
}

export const SHAPES: Operations = {
  reshape: args => tf.reshape(args.tensor('x'), args.integers('shape')),
  transpose: transposed,
  swapAxes: args => {
    const x = args.tensor('x');
    const [a, b] = [args.axis('axis1', x.rank), args.axis('axis2', x.rank)];
    return moved(x, [a, b], [b, a]);
  },
  moveAxis: args => {
    const x = args.tensor('x');
    return moved(x, args.axes('source', x.rank), args.axes('destination', x.rank));
  },
  expandDims: expanded,
  squeeze: squeezed,
  concat: args => {
    const tensors = args.tensors('inputs');
    const isBool = tensors.every(({dtype}) => dtype === 'bool');
    const axis = args.axis('axis', tensors[0]!.rank, 0);
    return isBool ? asBool(tf.concat(tensors, axis)) : tf.concat(tensors, axis);
  },
  stack: args => {
    const tensors = args.tensors('inputs');
    return tf.stack(tensors, args.axis('axis', tensors[0]!.rank + 1, 0));
  },
  unstack: args => {
    const x = args.tensor('x');
    return tf.unstack(x, args.axis('axis', x.rank, 0));
  },
  split: parts,
  tile: args => {
    const x = args.tensor('x');
    const repeats = args.integers('repeats');
    const missing = new Array<number>(Math.max(x.rank - repeats.length, 0)).fill(1);
    return tf.tile(tf.reshape(x, [...new Array(Math.max(repeats.length - x.rank, 0)).fill(1), ...x.shape]), [
      ...missing,
      ...repeats,
    ]);
  },
  repeat: repeated,
  flip: args => {
    const x = args.tensor('x');
    return tf.reverse(x, args.axes('axis', x.rank));
  },
  pad: padded,
  broadcastTo: args => tf.broadcastTo(args.tensor('x'), args.integers('shape')),
  matmul,
  dot,
  sequenceMask,
};
