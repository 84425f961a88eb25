import * as tf from '@tensorflow/tfjs-core';
import type {Shape} from '@tensorflow/tfjs-layers';
import {onlyShape, type PlainArgs, type Shapes, UnmaskedLayer} from './base';

interface WholeReshapeSettings {
  target: (number | number[])[];
}

/**
 * Reshapes the whole tensor, batch and all: −1 is told from the rest, `[k]` stands for the input's k-th
 * dimension. Source: lasagne/layers/shape.py, ReshapeLayer, at 5d3c63c.
 */
export class WholeReshape extends UnmaskedLayer<WholeReshapeSettings> {
  static readonly className = 'CarryoverWholeReshape';

  constructor(args: PlainArgs<WholeReshapeSettings, 'target'>) {
    super(args, {target: undefined});
  }

  private resolve(shape: Shape): Shape {
    return this.settings.target.map(n => (Array.isArray(n) ? shape[n[0]!]! : n < 0 ? null : n));
  }

  override computeOutputShape(inputShape: Shapes): Shape {
    return this.resolve(onlyShape(inputShape));
  }

  override compute(x: tf.Tensor): tf.Tensor {
    return tf.reshape(
      x,
      this.resolve(x.shape).map(n => n ?? -1),
    );
  }
}
tf.serialization.registerClass(WholeReshape);

/** One index of an axis, which goes away: the last time step is index −1 of axis 1. */
export class Take extends UnmaskedLayer<{index: number; axis: number}> {
  static readonly className = 'CarryoverTake';

  constructor(args: PlainArgs<{index: number; axis: number}, 'index' | 'axis'>) {
    super(args, {index: undefined, axis: undefined});
  }

  private axisOf(rank: number): number {
    const {axis} = this.settings;
    return axis < 0 ? rank + axis : axis;
  }

  override computeOutputShape(inputShape: Shapes): Shape {
    const shape = onlyShape(inputShape);
    return shape.filter((_, k) => k !== this.axisOf(shape.length));
  }

  override compute(x: tf.Tensor): tf.Tensor {
    const axis = this.axisOf(x.rank);
    const {index: told} = this.settings;
    const index = told < 0 ? x.shape[axis]! + told : told;
    return tf.squeeze(
      tf.slice(
        x,
        x.shape.map((_, k) => (k === axis ? index : 0)),
        x.shape.map((n, k) => (k === axis ? 1 : n)),
      ),
      [axis],
    );
  }
}
tf.serialization.registerClass(Take);
