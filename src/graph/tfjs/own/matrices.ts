import * as tf from '@tensorflow/tfjs-core';
import {numberIn, type OwnOperations} from './types';

/** Operations on matrices, which are the last two axes. */
export const matrixOperations: OwnOperations = {
  MatrixBandPart:
    () =>
    ([x, lower, upper]) => [bandPart(x!, numberIn(lower!), numberIn(upper!))],
  MatrixDiag:
    () =>
    ([x]) => [withDiagonal(x!)],
  MatrixDiagPart:
    () =>
    ([x]) => [diagonalOf(x!)],
};

/** What is within so many diagonals below and above; below zero all of them. */
function bandPart(x: tf.Tensor, lower: number, upper: number): tf.Tensor {
  const [rows, columns] = x.shape.slice(-2) as [number, number];
  const inside = Uint8Array.from({length: rows * columns}, (_, k) => {
    const below = Math.floor(k / columns) - (k % columns);
    return (lower < 0 || below <= lower) && (upper < 0 || -below <= upper) ? 1 : 0;
  });
  return tf.where(tf.broadcastTo(tf.tensor2d(inside, [rows, columns], 'bool'), x.shape), x, tf.zerosLike(x));
}

function withDiagonal(x: tf.Tensor): tf.Tensor {
  const size = x.shape.at(-1)!;
  const shape = [...x.shape, size];
  return bandPart(tf.broadcastTo(tf.expandDims(x, -1), shape), 0, 0);
}

function diagonalOf(x: tf.Tensor): tf.Tensor {
  const [rows, columns] = x.shape.slice(-2) as [number, number];
  const flat = tf.reshape(x, [...x.shape.slice(0, -2), rows * columns]);
  const places = Array.from({length: Math.min(rows, columns)}, (_, k) => k * (columns + 1));
  return tf.gather(flat, tf.tensor1d(places, 'int32'), flat.rank - 1);
}
