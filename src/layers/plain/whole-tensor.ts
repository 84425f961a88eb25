import * as tf from '@tensorflow/tfjs-core';
import type {Shape} from '@tensorflow/tfjs-layers';
import {type LayerArgs, type Masks, NO_MASK, onlyShape, PlainLayer, type Shapes, type Tensors} from './base';

/**
 * Reshapes the whole tensor, batch and all: −1 is told from the rest, `[k]` stands for the input's k-th
 * dimension. Source: lasagne/layers/shape.py, ReshapeLayer, at 5d3c63c.
 */
export class WholeReshape extends PlainLayer {
  static readonly className = 'CarryoverWholeReshape';
  private readonly target: (number | number[])[];

  constructor(args: LayerArgs & {target: (number | number[])[]}) {
    super(args);
    this.target = args.target;
  }

  private resolve(shape: Shape): Shape {
    return this.target.map(n => (Array.isArray(n) ? shape[n[0]!]! : n < 0 ? null : n));
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

  override computeMask(_inputs: Tensors, _mask?: Masks): tf.Tensor {
    return NO_MASK;
  }

  override ownConfig(): tf.serialization.ConfigDict {
    return {target: this.target as number[]};
  }
}
tf.serialization.registerClass(WholeReshape);

/** One index of an axis, which goes away: the last time step is index −1 of axis 1. */
export class Take extends PlainLayer {
  static readonly className = 'CarryoverTake';
  private readonly index: number;
  private readonly axis: number;

  constructor(args: LayerArgs & {index: number; axis: number}) {
    super(args);
    this.index = args.index;
    this.axis = args.axis;
  }

  private axisOf(rank: number): number {
    return this.axis < 0 ? rank + this.axis : this.axis;
  }

  override computeOutputShape(inputShape: Shapes): Shape {
    const shape = onlyShape(inputShape);
    return shape.filter((_, k) => k !== this.axisOf(shape.length));
  }

  override compute(x: tf.Tensor): tf.Tensor {
    const axis = this.axisOf(x.rank);
    const index = this.index < 0 ? x.shape[axis]! + this.index : this.index;
    return tf.squeeze(
      tf.slice(
        x,
        x.shape.map((_, k) => (k === axis ? index : 0)),
        x.shape.map((n, k) => (k === axis ? 1 : n)),
      ),
      [axis],
    );
  }

  override computeMask(_inputs: Tensors, _mask?: Masks): tf.Tensor {
    return NO_MASK;
  }

  override ownConfig(): tf.serialization.ConfigDict {
    return {index: this.index, axis: this.axis};
  }
}
tf.serialization.registerClass(Take);
