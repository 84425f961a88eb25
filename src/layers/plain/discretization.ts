import * as tf from '@tensorflow/tfjs-core';
import type {Shape} from '@tensorflow/tfjs-layers';
import {onlyShape, type PlainArgs, type Shapes, UnmaskedLayer} from './base';
import {told} from './functions';

interface DiscretizationSettings {
  /** Numbers between bins, ascending: bin k holds values from boundary k − 1 on, up to boundary k. */
  boundaries: readonly number[];
  /** A bin's number, a one in its place, ones for all bins along axis 1, or how many there are of each. */
  output: 'int' | 'one_hot' | 'multi_hot' | 'count';
}

/**
 * The bin of each value. [batch, ...] in; the same out as numbers of bins, or bins as the last axis.
 * Source: keras/src/layers/preprocessing, discretization.py and encode_categorical_inputs, of 2.15.0 and 3.15.1.
 */
export class Discretization extends UnmaskedLayer<DiscretizationSettings> {
  static readonly className = 'CarryoverDiscretization';

  constructor(args: PlainArgs<DiscretizationSettings, 'boundaries'>) {
    super(args, {boundaries: undefined, output: 'int'});
  }

  override computeOutputShape(inputShape: Shapes): Shape {
    const shape = onlyShape(inputShape);
    const {output, boundaries} = this.settings;
    if (output === 'int') return shape;
    // A last axis of one value makes room for the bins.
    if (output === 'one_hot')
      return [...(shape.at(-1) === 1 ? shape.slice(0, -1) : shape), boundaries.length + 1];
    return [shape[0]!, ...shape.slice(2), boundaries.length + 1];
  }

  override compute(x: tf.Tensor): tf.Tensor {
    const {boundaries, output} = this.settings;
    // Float32, as the library compares them.
    const bins = told(x, value =>
      tf.sum(tf.cast(tf.greaterEqual(tf.expandDims(value, -1), tf.tensor1d([...boundaries])), 'float32'), -1),
    );
    if (output === 'int') return bins;
    const ones = tf.oneHot(tf.cast(bins, 'int32'), boundaries.length + 1, 1, 0, 'float32');
    if (output === 'one_hot') return tf.reshape(ones, this.computeOutputShape(x.shape) as number[]);
    return output === 'count' ? tf.sum(ones, 1) : tf.max(ones, 1);
  }
}
tf.serialization.registerClass(Discretization);
