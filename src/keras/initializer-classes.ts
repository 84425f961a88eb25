import * as tf from '@tensorflow/tfjs-core';
import {initializers} from '@tensorflow/tfjs-layers';
import {type FanRule, fans} from './fans';
import {orthonormalise} from './orthogonal';
import type {SerializableBase} from './spec';

export type Initializer = ReturnType<typeof initializers.ones>;

// tfjs-layers exports initializers but not their base class, whose instances alone it accepts.
const InitializerBase = Object.getPrototypeOf(
  initializers.zeros().constructor,
) as SerializableBase<Initializer>;

/** The standard deviation of a unit normal cut at ±2. */
const TRUNCATED_STDDEV = 0.8796256610342398;

export interface FanScaledConfig {
  scale: number;
  mode: 'fanIn' | 'fanOut' | 'fanAvg';
  /** `normal` is not truncated (Keras 0.x, 1.x); `truncated` is, and corrected for it (Keras ≥ 2.2). */
  distribution: 'uniform' | 'normal' | 'truncated';
  rule: FanRule;
  seed?: number;
}

/** Variance scale / fan: the lecun, glorot and he initializers of every age. */
export class FanScaled extends InitializerBase {
  static readonly className = 'CarryoverFanScaled';
  private readonly config: FanScaledConfig;

  constructor(config: FanScaledConfig) {
    super();
    const {scale, mode, distribution, rule, seed} = config;
    this.config = {scale, mode, distribution, rule, seed};
  }

  override apply(shape: number[]): tf.Tensor {
    const {scale, mode, distribution, rule, seed} = this.config;
    const [fanIn, fanOut] = fans(shape, rule);
    const fan = mode === 'fanIn' ? fanIn : mode === 'fanOut' ? fanOut : (fanIn + fanOut) / 2;
    const variance = scale / Math.max(1, fan);
    if (distribution === 'uniform') {
      const limit = Math.sqrt(3 * variance);
      return tf.randomUniform(shape, -limit, limit, 'float32', seed);
    }
    const stddev = Math.sqrt(variance);
    return distribution === 'normal'
      ? tf.randomNormal(shape, 0, stddev, 'float32', seed)
      : tf.truncatedNormal(shape, 0, stddev / TRUNCATED_STDDEV, 'float32', seed);
  }

  override getConfig(): tf.serialization.ConfigDict {
    return {...this.config};
  }
}
tf.serialization.registerClass(FanScaled);

/** Uniform in [minval, maxval), zero bounds included, which tfjs's randomUniform replaces by its defaults. */
export class Uniform extends InitializerBase {
  static readonly className = 'CarryoverUniform';
  private readonly config: {minval: number; maxval: number; seed?: number};

  constructor({minval, maxval, seed}: {minval: number; maxval: number; seed?: number}) {
    super();
    this.config = {minval, maxval, seed};
  }

  override apply(shape: number[]): tf.Tensor {
    return tf.randomUniform(shape, this.config.minval, this.config.maxval, 'float32', this.config.seed);
  }

  override getConfig(): tf.serialization.ConfigDict {
    return {...this.config};
  }
}
tf.serialization.registerClass(Uniform);

/**
 * A random orthogonal matrix times `gain`: 1.1 in Keras 0.x and 1.x, 1 later. Arrays of rank > 2 are flattened
 * to [first axis, rest] (`flatten: 'first'`, 0.x and 1.x) or [rest, last axis] (2.x).
 */
export class Orthogonal extends InitializerBase {
  static readonly className = 'CarryoverOrthogonal';
  private readonly config: {gain: number; flatten: 'first' | 'last'; seed?: number};

  constructor({gain, flatten, seed}: {gain: number; flatten: 'first' | 'last'; seed?: number}) {
    super();
    this.config = {gain, flatten, seed};
  }

  override apply(shape: number[]): tf.Tensor {
    const size = shape.reduce((a, b) => a * b, 1);
    const rows = this.config.flatten === 'first' ? shape[0]! : size / shape[shape.length - 1]!;
    const noise = tf.randomNormal([size], 0, 1, 'float32', this.config.seed);
    const values = orthonormalise(noise.dataSync() as Float32Array, rows, size / rows);
    noise.dispose();
    for (let i = 0; i < size; i++) values[i]! *= this.config.gain;
    return tf.tensor(values, shape, 'float32');
  }

  override getConfig(): tf.serialization.ConfigDict {
    return {...this.config};
  }
}
tf.serialization.registerClass(Orthogonal);

/** Identity matrices side by side along the longer axis, times `gain`. Source: Keras 2.2, Identity. */
export class TiledIdentity extends InitializerBase {
  static readonly className = 'CarryoverIdentity';
  private readonly config: {gain: number};

  constructor({gain}: {gain: number}) {
    super();
    this.config = {gain};
  }

  override apply(shape: number[]): tf.Tensor {
    const [rows, columns] = shape as [number, number];
    return tf.tidy(() => {
      const side = Math.min(rows, columns);
      const tiled = tf.tile(tf.eye(side), [rows / side, columns / side]);
      return tf.mul(this.config.gain, tiled);
    });
  }

  override getConfig(): tf.serialization.ConfigDict {
    return {...this.config};
  }
}
tf.serialization.registerClass(TiledIdentity);
