import * as tf from '@tensorflow/tfjs-core';
import {initializers, type LayerVariable, type Shape} from '@tensorflow/tfjs-layers';
import {CarryoverError} from '../../errors';
import type {Initializer} from '../../keras';
import {knownDim, type LayerArgs, onlyShape, type PlainArgs, PlainLayer, type Shapes} from './base';
import type {WeightRuleArgs} from './serial';

/** An axis counted from the front, the batch being 0. */
export const axisFromFront = (axis: number, rank: number): number => (axis < 0 ? rank + axis : axis);

interface ScaledSettings {
  /** Several axes count together. */
  axis: number[];
  epsilon: number;
  center: boolean;
  scale: boolean;
}

type ScaledArgs<A extends ScaledSettings> = PlainArgs<A> & {gamma?: WeightRuleArgs; beta?: WeightRuleArgs};

/** Layers that bring their input to a standard and then give it a scale and an offset, of the shape of some axes. */
abstract class ScaledLayer<A extends ScaledSettings> extends PlainLayer<A> {
  private gamma: LayerVariable | undefined;
  private beta: LayerVariable | undefined;

  constructor(args: ScaledArgs<A>, defaults: {readonly [K in keyof A]: A[K]}) {
    super(args as LayerArgs, defaults, {gamma: initializers.ones(), beta: initializers.zeros()});
  }

  override build(inputShape: Shapes): void {
    const shape = onlyShape(inputShape);
    const {axis, center, scale} = this.settings;
    const dims = axis.map(one => knownDim(shape, one, this.name));
    if (scale) this.gamma = this.weight('gamma', dims);
    if (center) this.beta = this.weight('beta', dims);
    this.built = true;
  }

  protected abstract standardise(x: tf.Tensor, axes: number[], mask: tf.Tensor | undefined): tf.Tensor;

  override compute(x: tf.Tensor, _training: boolean, mask: tf.Tensor | undefined): tf.Tensor {
    const axes = this.settings.axis.map(axis => axisFromFront(axis, x.rank));
    const broadcast = x.shape.map((n, axis) => (axes.includes(axis) ? n : 1));
    const aligned = (weight: LayerVariable): tf.Tensor => tf.reshape(weight.read(), broadcast);
    const standard = this.standardise(x, axes, mask);
    const scaled = this.gamma === undefined ? standard : tf.mul(standard, aligned(this.gamma));
    return this.beta === undefined ? scaled : tf.add(scaled, aligned(this.beta));
  }
}

/**
 * What a layer normalization takes for the size of its values.
 * - `deviation`: (x − mean) / √(variance + ε).
 * - `varianceAlone` (Keras 3's `rms_scaling` of LayerNormalization): x / √(variance + ε), the mean not taken away.
 * - `meanSquare` (RMSNormalization): x / √(mean(x²) + ε).
 */
export type Spread = 'deviation' | 'varianceAlone' | 'meanSquare';

interface LayerNormalizationSettings extends ScaledSettings {
  spread: Spread;
  /** No mask goes on. Default false. */
  stopsMask: boolean;
}

/**
 * Each sample by itself over some of its axes. Any shape in, the same out; masks pass.
 * Source: keras/src/layers/normalization, layer_normalization.py of 2.15.0 and 3.15.1, rms_normalization.py of 3.15.1.
 */
export class LayerNormalization extends ScaledLayer<LayerNormalizationSettings> {
  static readonly className = 'CarryoverLayerNormalization';

  constructor(args: ScaledArgs<LayerNormalizationSettings>) {
    super(args, {
      axis: [-1],
      epsilon: 1e-3,
      center: true,
      scale: true,
      spread: 'deviation',
      stopsMask: false,
    });
  }

  protected override standardise(x: tf.Tensor, axes: number[]): tf.Tensor {
    const {spread, epsilon} = this.settings;
    if (spread === 'meanSquare') {
      return tf.div(x, tf.sqrt(tf.add(tf.mean(tf.square(x), axes, true), epsilon)));
    }
    const {mean, variance} = tf.moments(x, axes, true);
    return tf.div(spread === 'deviation' ? tf.sub(x, mean) : x, tf.sqrt(tf.add(variance, epsilon)));
  }
}
tf.serialization.registerClass(LayerNormalization);

interface GroupNormalizationSettings extends ScaledSettings {
  /** Channels are cut into so many groups; each has its own mean and variance. */
  groups: number;
  /** A mask is an error. Default false: it passes, and does not matter. */
  refusesMask: boolean;
}

/**
 * Each group of channels over all other axes of a sample: [batch, ..., channels] in and out, the channels on one axis.
 * Source: keras/src/layers/normalization/group_normalization.py of 2.15.0 and 3.15.1.
 */
export class GroupNormalization extends ScaledLayer<GroupNormalizationSettings> {
  static readonly className = 'CarryoverGroupNormalization';

  constructor(args: ScaledArgs<GroupNormalizationSettings>) {
    super(args, {axis: [-1], epsilon: 1e-3, center: true, scale: true, groups: 32, refusesMask: false});
  }

  protected override standardise(x: tf.Tensor, [axis]: number[], mask: tf.Tensor | undefined): tf.Tensor {
    const {groups: told, epsilon, refusesMask} = this.settings;
    if (mask !== undefined && refusesMask) {
      throw new CarryoverError(
        'E_LAYER',
        `layer '${this.name}': group normalization of masked data is not supported, for tf.keras itself fails on most shapes; expected data without a mask`,
      );
    }
    const channels = x.shape[axis!]!;
    const groups = told < 0 ? channels : told;
    const cut = x.shape.flatMap((n, k) => (k === axis ? [groups, n / groups] : [n]));
    const grouped = tf.reshape(x, cut);
    const within = cut.map((_, k) => k).filter(k => k > 0 && k !== axis);
    const {mean, variance} = tf.moments(grouped, within, true);
    return tf.reshape(tf.div(tf.sub(grouped, mean), tf.sqrt(tf.add(variance, epsilon))), x.shape);
  }
}
tf.serialization.registerClass(GroupNormalization);

/**
 * Values brought to length 1 along some axes: x / √(max(Σx², 10⁻¹²)). Source: unit_normalization.py of
 * keras/src/layers/normalization 2.15.0 and 3.15.1.
 */
export class UnitNormalization extends PlainLayer<{axis: number[]}> {
  static readonly className = 'CarryoverUnitNormalization';

  constructor(args: PlainArgs<{axis: number[]}>) {
    super(args, {axis: [-1]});
  }

  override compute(x: tf.Tensor): tf.Tensor {
    const axes = this.settings.axis.map(axis => axisFromFront(axis, x.rank));
    const squares = tf.sum(tf.square(x), axes, true);
    // tfjs' gradient of a maximum does not broadcast.
    return tf.div(x, tf.sqrt(tf.maximum(squares, tf.fill(squares.shape, 1e-12))));
  }
}
tf.serialization.registerClass(UnitNormalization);

/** Numbers of a config, and the shape that they have there. */
export interface GivenNumbers {
  readonly numbers: readonly number[];
  readonly shape: readonly number[];
}

interface StandardisingSettings {
  /** Axes along which mean and variance differ; the others have one for all. */
  axis: number[];
  /** x · √variance + mean in place of (x − mean) / √variance. */
  invert: boolean;
  /** Numbers of the shape of those axes, or of the last of them; null where a file's arrays have them. */
  mean: GivenNumbers | null;
  variance: GivenNumbers | null;
  /** No mask goes on. Default false. */
  stopsMask: boolean;
}

/**
 * Keras' preprocessing layer Normalization: (x − mean) / max(√variance, 10⁻⁷) with numbers from data or from the config.
 * Arrays, where the config has none: mean, variance, and how many values were seen. No training changes them.
 * Source: keras/src/layers/preprocessing/normalization.py of 2.15.0 and 3.15.1.
 */
export class Standardising extends PlainLayer<StandardisingSettings> {
  static readonly className = 'CarryoverStandardising';
  private seen: {mean: LayerVariable; variance: LayerVariable} | undefined;

  constructor(args: PlainArgs<StandardisingSettings>) {
    super(args, {axis: [-1], invert: false, mean: null, variance: null, stopsMask: false});
  }

  private keptAxes(rank: number): number[] {
    return this.settings.axis.map(axis => axisFromFront(axis, rank)).sort((a, b) => a - b);
  }

  override build(inputShape: Shapes): void {
    const shape = onlyShape(inputShape);
    this.requireFitting(shape.length);
    if (this.settings.mean === null) {
      const dims = this.keptAxes(shape.length).map(axis => knownDim(shape, axis, this.name));
      const fixed = (name: string, dims_: number[], start: Initializer): LayerVariable =>
        this.addWeight(name, dims_, 'float32', start, undefined, false);
      this.seen = {
        mean: fixed('mean', dims, initializers.zeros()),
        variance: fixed('variance', dims, initializers.ones()),
      };
      fixed('count', [], initializers.zeros());
    }
    this.built = true;
  }

  /** Numbers that are given have at most one axis for each that is kept. */
  private requireFitting(rank: number): void {
    const kept = this.keptAxes(rank);
    for (const name of ['mean', 'variance'] as const) {
      const {shape = []} = this.settings[name] ?? {};
      if (shape.length <= kept.length) continue;
      throw new CarryoverError(
        'E_ARCHITECTURE',
        `${name} is of shape [${shape}], and axis keeps ${kept.length === 0 ? 'no axis' : `axes ${kept.join(', ')}`}; expected ${kept.length === 0 ? 'one number' : 'a number for each place along those'}`,
      );
    }
  }

  override compute(x: tf.Tensor): tf.Tensor {
    const {mean, variance, invert} = this.settings;
    const kept = this.keptAxes(x.rank);
    const dims = x.shape.map((n, axis) => (kept.includes(axis) ? n : 1));
    const aligned = ({numbers, shape: given}: GivenNumbers): tf.Tensor => {
      const shape: number[] = new Array(x.rank).fill(1);
      for (const [k, n] of given.entries()) shape[kept[kept.length - given.length + k]!] = n;
      return tf.reshape(tf.tensor1d([...numbers]), shape);
    };
    const shift = this.seen ? tf.reshape(this.seen.mean.read(), dims) : aligned(mean!);
    const spread = tf.sqrt(this.seen ? tf.reshape(this.seen.variance.read(), dims) : aligned(variance!));
    return invert
      ? tf.add(tf.mul(x, tf.maximum(spread, SMALLEST)), shift)
      : tf.div(tf.sub(x, shift), tf.maximum(spread, SMALLEST));
  }
}
tf.serialization.registerClass(Standardising);

/** Keras' backend.epsilon(). */
const SMALLEST = 1e-7;

interface RescalingSettings {
  /** One number, or one for each value of the last axis. */
  scale: number | readonly number[];
  offset: number | readonly number[];
  /** No mask goes on. Default false. */
  stopsMask: boolean;
}

/** x · scale + offset. Source: Rescaling, keras/src/layers/preprocessing of 2.15.0 and 3.15.1. */
export class Rescaling extends PlainLayer<RescalingSettings> {
  static readonly className = 'CarryoverRescaling';

  constructor(args: PlainArgs<RescalingSettings, 'scale'>) {
    super(args, {scale: undefined, offset: 0, stopsMask: false});
  }

  override computeOutputShape(inputShape: Shapes): Shape {
    return onlyShape(inputShape);
  }

  override compute(x: tf.Tensor): tf.Tensor {
    const {scale, offset} = this.settings;
    const numbers = (value: number | readonly number[]): tf.Tensor =>
      typeof value === 'number' ? tf.scalar(value) : tf.tensor1d([...value]);
    return tf.add(tf.mul(tf.cast(x, 'float32'), numbers(scale)), numbers(offset));
  }
}
tf.serialization.registerClass(Rescaling);
