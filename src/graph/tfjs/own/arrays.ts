import * as tf from '@tensorflow/tfjs-core';
import {attribute, type GraphNode} from '../../../../converters/graph-def/node';
import {CarryoverError} from '../../../errors';
import {numberIn, numbersIn, type OwnOperations} from './types';

/** Operations that move numbers about, pick them or say where they are. */
export const arrayOperations: OwnOperations = {
  ReverseSequence:
    node =>
    ([x, lengths]) => [reverseSequence(node, x!, lengths!)],
  InvertPermutation:
    () =>
    ([x]) => [inverted(x!)],
  OneHot:
    node =>
    ([indices, depth, on, off]) => [oneHot(node, indices!, numberIn(depth!), on!, off!)],
  ShapeN: () => inputs => inputs.map(({shape}) => tf.tensor1d(shape, 'int32')),
  EnsureShape:
    node =>
    ([x]) => [ensured(node, x!)],
  ListDiff:
    () =>
    ([x, y]) => {
      const without = new Set(numbersIn(y!));
      const kept = [...numbersIn(x!).entries()].filter(([, value]) => !without.has(value));
      return [
        tf.tensor1d(
          kept.map(([, value]) => value),
          x!.dtype as 'int32',
        ),
        tf.tensor1d(
          kept.map(([k]) => k),
          'int32',
        ),
      ];
    },
  Where:
    () =>
    ([x]) => [places(x!)],
  SegmentSum:
    () =>
    ([x, segments]) => {
      const numbers = numbersIn(segments!);
      return [summed(x!, segments!, numbers.length === 0 ? 0 : numbers.at(-1)! + 1)];
    },
  UnsortedSegmentSum:
    () =>
    ([x, segments, count]) => [summed(x!, segments!, numberIn(count!))],
};

/** The first `lengths` entries of each row, along `seq_dim`, come in reverse order. */
function reverseSequence(node: GraphNode, x: tf.Tensor, lengths: tf.Tensor): tf.Tensor {
  const axis = attribute(node, 'seq_dim')?.int ?? 0;
  const batch = attribute(node, 'batch_dim')?.int ?? 0;
  const steps = x.shape[axis]!;
  const rows = numbersIn(lengths);
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
  const given = numbersIn(x);
  return tf.tensor1d(
    given.map((_, k) => given.indexOf(k)),
    'int32',
  );
}

/** The new axis stands where `axis` says, the last by default; TensorFlow.js has it last always. */
function oneHot(
  node: GraphNode,
  indices: tf.Tensor,
  depth: number,
  on: tf.Tensor,
  off: tf.Tensor,
): tf.Tensor {
  const axis = attribute(node, 'axis')?.int ?? -1;
  const last = tf.expandDims(indices, -1);
  const picked = tf.equal(last, tf.range(0, depth, 1, 'int32'));
  const made = tf.where(picked, tf.broadcastTo(on, picked.shape), tf.broadcastTo(off, picked.shape));
  if (axis === -1 || axis === indices.rank) return made;
  const order = indices.shape.map((_, k) => k);
  order.splice(axis, 0, indices.rank);
  return tf.transpose(made, order);
}

function ensured(node: GraphNode, x: tf.Tensor): tf.Tensor {
  const shape = attribute(node, 'shape')?.shape;
  const fits =
    !shape ||
    (shape.length === x.rank &&
      shape.every((size, k) => size === null || size === -1 || size === x.shape[k]));
  if (fits) return tf.clone(x);
  throw new CarryoverError(
    'E_SHAPE',
    `${node.where}: the graph expects the shape [${shape.map(size => size ?? '?').join()}] here, and has [${x.shape}]; give inputs of the sizes that it is made for`,
  );
}

/** The indices of what is not zero, one row each. */
function places(x: tf.Tensor): tf.Tensor {
  const found = [...numbersIn(x).entries()].filter(([, value]) => Boolean(value) || Number.isNaN(value));
  const strides = x.shape.map((_, k) => x.shape.slice(k + 1).reduce((product, size) => product * size, 1));
  const rows = found.flatMap(([at]) => strides.map((stride, k) => Math.floor(at / stride) % x.shape[k]!));
  return tf.tensor2d(rows, [found.length, x.rank], 'int32');
}

/** The sums of the rows of each segment; rows of a negative one are left out. */
function summed(x: tf.Tensor, segments: tf.Tensor, count: number): tf.Tensor {
  const inner = x.shape.slice(segments.rank);
  const rows = tf.reshape(x, [segments.size, inner.reduce((product, size) => product * size, 1)]);
  const wanted = tf.equal(
    tf.expandDims(tf.range(0, count, 1, 'int32'), 1),
    tf.reshape(segments, [1, segments.size]),
  );
  const parts = tf.where(
    tf.expandDims(wanted, 2),
    tf.expandDims(rows, 0),
    tf.zerosLike(tf.expandDims(rows, 0)),
  );
  return tf.reshape(tf.sum(parts, 1), [count, ...inner]);
}
