import * as tf from '@tensorflow/tfjs-core';
import type {Shape} from '@tensorflow/tfjs-layers';
import {CarryoverError} from '../../errors';
import {onlyShape, type PlainArgs, type Shapes, UnmaskedLayer} from './base';

/**
 * Reshape in which one target dimension may be −1, resolved when the shape is known (tfjs' own resolves it only
 * when it runs, too late for a Dense after it). Flatten of Keras 0.x, which takes [batch, features] too, is
 * target [−1]. Source: keras/layers/core.py of 0.3.3, 1.2.2.
 */
export class Reshape extends UnmaskedLayer<{target: number[]}> {
  static readonly className = 'CarryoverReshape';

  constructor(args: PlainArgs<{target: number[]}, 'target'>) {
    super(args, {target: undefined});
  }

  private resolve(dims: Shape): Shape {
    const {target} = this.settings;
    const known = target.filter(n => n >= 0).reduce((a, b) => a * b, 1);
    if (dims.includes(null)) return target.map(n => (n < 0 ? null : n));
    const size = (dims as number[]).reduce((a, b) => a * b, 1);
    const unknown = target.filter(n => n < 0).length;
    if (unknown > 1 || (unknown === 0 ? size !== known : known === 0 || size % known !== 0)) {
      throw new CarryoverError(
        'E_SHAPE',
        `layer '${this.name}' got an input of shape [batch, ${dims.join(', ')}], expected ${known} values a sample to make [${target.join(', ')}] of them`,
      );
    }
    return target.map(n => (n < 0 ? size / known : n));
  }

  override computeOutputShape(inputShape: Shapes): Shape {
    const shape = onlyShape(inputShape);
    return [shape[0]!, ...this.resolve(shape.slice(1))];
  }

  override compute(x: tf.Tensor): tf.Tensor {
    return tf.reshape(x, [x.shape[0]!, ...(this.resolve(x.shape.slice(1)) as number[])]);
  }
}
tf.serialization.registerClass(Reshape);

interface MarginSettings {
  /** [before, after] for each dimension of space: negative crops, positive pads with zeros. */
  margins: number[][];
  channelsFirst: boolean;
}

/** ZeroPadding and Cropping over time or images. Source: keras/layers/convolutional.py of 0.3.3, 1.2.2, 2.3.1. */
export class Margin extends UnmaskedLayer<MarginSettings> {
  static readonly className = 'CarryoverMargin';

  constructor(args: PlainArgs<MarginSettings, 'margins'>) {
    super(args, {margins: undefined, channelsFirst: false});
  }

  private marginOf(axis: number): readonly [number, number] {
    const {margins, channelsFirst} = this.settings;
    const margin = margins[axis - (channelsFirst ? 2 : 1)];
    return [margin?.[0] ?? 0, margin?.[1] ?? 0];
  }

  override computeOutputShape(inputShape: Shapes): Shape {
    return onlyShape(inputShape).map((n, axis) => {
      const [before, after] = this.marginOf(axis);
      return n == null || axis === 0 ? n : n + before + after;
    });
  }

  override compute(x: tf.Tensor): tf.Tensor {
    const margins = x.shape.map((_, axis) => (axis === 0 ? ([0, 0] as const) : this.marginOf(axis)));
    const begin = margins.map(([before]) => Math.max(-before, 0));
    const size = x.shape.map((n, k) => n - begin[k]! - Math.max(-margins[k]![1], 0));
    const kept = tf.slice(x, begin, size);
    return tf.pad(
      kept,
      margins.map(([before, after]) => [Math.max(before, 0), Math.max(after, 0)]),
    );
  }
}
tf.serialization.registerClass(Margin);

interface UpSamplingSettings {
  /** Times each step, or row and column, is repeated. */
  size: number[];
  channelsFirst: boolean;
}

/** Each step or pixel repeated. Source: UpSampling1D, UpSampling2D of Keras 0.3.3, 1.2.2, 2.3.1 (nearest). */
export class UpSampling extends UnmaskedLayer<UpSamplingSettings> {
  static readonly className = 'CarryoverUpSampling';

  constructor(args: PlainArgs<UpSamplingSettings, 'size'>) {
    super(args, {size: undefined, channelsFirst: false});
  }

  private get firstAxis(): number {
    return this.settings.channelsFirst ? 2 : 1;
  }

  override computeOutputShape(inputShape: Shapes): Shape {
    return onlyShape(inputShape).map((n, axis) => {
      const times = axis < this.firstAxis ? 1 : (this.settings.size[axis - this.firstAxis] ?? 1);
      return n == null ? n : n * times;
    });
  }

  override compute(x: tf.Tensor): tf.Tensor {
    return this.settings.size.reduce<tf.Tensor>(
      (y, times, k) => repeat(y, times, this.firstAxis + k),
      x.clone(),
    );
  }
}
tf.serialization.registerClass(UpSampling);

function repeat(x: tf.Tensor, times: number, axis: number): tf.Tensor {
  const copies = tf.stack(
    Array.from({length: times}, () => x),
    axis + 1,
  );
  return tf.reshape(
    copies,
    x.shape.map((n, k) => (k === axis ? n * times : n)),
  );
}

/**
 * Sum, product or average over time: [batch, time, features] in, [batch, features] out.
 * Source: keras/layers/core.py of 0.2.0, 0.3.3, TimeDistributedMerge.
 */
export class TimeMerge extends UnmaskedLayer<{mode: 'sum' | 'mul' | 'ave'}> {
  static readonly className = 'CarryoverTimeMerge';

  constructor(args: PlainArgs<{mode: 'sum' | 'mul' | 'ave'}, 'mode'>) {
    super(args, {mode: undefined});
  }

  override computeOutputShape(inputShape: Shapes): Shape {
    const shape = onlyShape(inputShape);
    return [shape[0]!, ...shape.slice(2)];
  }

  override compute(x: tf.Tensor): tf.Tensor {
    const {mode} = this.settings;
    if (mode === 'sum') return tf.sum(x, 1);
    return mode === 'mul' ? tf.prod(x, 1) : tf.mean(x, 1);
  }
}
tf.serialization.registerClass(TimeMerge);
