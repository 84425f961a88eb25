import * as tf from '@tensorflow/tfjs-core';
import {initializers, type LayerVariable} from '@tensorflow/tfjs-layers';
import {knownDim, onlyShape, type PlainArgs, PlainLayer, type Shapes} from './base';
import type {WeightRuleArgs} from './serial';

/**
 * What a release calls normalising.
 * - `deviationPerUnit` (0.1 – 0.3.1): (x − mean) / (std + ε), statistics per unit over the batch; the running ones
 *   serve in training as well.
 * - `deviation` (0.3.2, 0.3.3): the same per feature of `axis`, with the batch's own in training.
 * - `variance` (1.x mode 0, 2.x): (x − mean) / √(variance + ε).
 * - `batch` (1.x mode 2): as `variance`, with the batch's statistics at all times.
 * - `sampleDeviation` (mode 1 to 0.3): (x − mean) / (std + ε) over the last axis of each sample.
 * - `sampleVariance` (mode 1 of 1.x): (x − mean) / (√(variance + ε) + ε).
 */
export type Normalisation =
  | 'deviationPerUnit'
  | 'deviation'
  | 'variance'
  | 'batch'
  | 'sampleDeviation'
  | 'sampleVariance';

interface BatchNormalizationSettings {
  form: Normalisation;
  /** The feature axis, batch being 0. Default −1. */
  axis: number;
  epsilon: number;
  momentum: number;
  center: boolean;
  scale: boolean;
  /** Parameters of the shape of a whole sample (to 0.3.1) instead of one per feature. */
  perUnit: boolean;
  /** The moving variance is updated with the unbiased estimate n / (n − 1 − ε), as Keras ≥ 2.1.3 does. */
  unbiased: boolean;
  /** ε counts in the variance that enters the moving one, as Theano ≥ 0.9 hands it to Keras. */
  epsilonInMoving: boolean;
}

type BatchNormalizationArgs = PlainArgs<BatchNormalizationSettings> & {
  gamma?: WeightRuleArgs;
  beta?: WeightRuleArgs;
  movingMean?: WeightRuleArgs;
  movingVariance?: WeightRuleArgs;
};

/**
 * Batch normalization of every Keras age. Any shape in, the same out; masks pass and do not enter the statistics.
 * Arrays: gamma, beta, running mean, running deviation or variance.
 * Source: keras/layers/normalization.py of 0.2.0, 0.3.1, 0.3.2, 0.3.3, 1.2.2, 2.3.1.
 */
export class BatchNormalization extends PlainLayer<BatchNormalizationSettings> {
  static readonly className = 'CarryoverBatchNormalization';
  private gamma: LayerVariable | undefined;
  private beta: LayerVariable | undefined;
  private runningMean!: LayerVariable;
  private runningSpread!: LayerVariable;

  constructor(args: BatchNormalizationArgs) {
    const defaults = {
      form: 'variance',
      axis: -1,
      epsilon: 1e-3,
      momentum: 0.99,
      center: true,
      scale: true,
      perUnit: false,
      unbiased: false,
      epsilonInMoving: false,
    } as const;
    const [one, zero] = [initializers.ones(), initializers.zeros()];
    super(args, defaults, {gamma: one, beta: zero, movingMean: zero, movingVariance: one});
  }

  override build(inputShape: Shapes): void {
    const {perUnit, axis, scale, center} = this.settings;
    const input = onlyShape(inputShape);
    const shape = perUnit
      ? input.slice(1).map((_, k) => knownDim(input, k + 1, this.name))
      : [knownDim(input, axis, this.name)];
    if (scale) this.gamma = this.weight('gamma', shape);
    if (center) this.beta = this.weight('beta', shape);
    this.runningMean = this.weight('moving_mean', shape, 'movingMean', false);
    const spread = this.usesDeviation ? 'moving_deviation' : 'moving_variance';
    this.runningSpread = this.weight(spread, shape, 'movingVariance', false);
    this.built = true;
  }

  override compute(x: tf.Tensor, training: boolean): tf.Tensor {
    const normed = this.normalise(x, training);
    const scaled = this.gamma === undefined ? normed : tf.mul(normed, this.aligned(this.gamma.read(), x));
    return this.beta === undefined ? scaled : tf.add(scaled, this.aligned(this.beta.read(), x));
  }

  private normalise(x: tf.Tensor, training: boolean): tf.Tensor {
    const {form, epsilon} = this.settings;
    switch (form) {
      case 'sampleDeviation':
      case 'sampleVariance': {
        const {mean, variance} = tf.moments(x, -1, true);
        const spread = tf.sqrt(form === 'sampleVariance' ? tf.add(variance, epsilon) : variance);
        return tf.div(tf.sub(x, mean), tf.add(spread, epsilon));
      }
      case 'batch': {
        const {mean, spread} = this.statistics(x);
        return this.standardise(x, mean, spread);
      }
      case 'deviationPerUnit': {
        const result = this.standardise(x, this.runningMean.read(), this.runningSpread.read());
        if (training) this.update(x, this.statistics(x));
        return result;
      }
      default: {
        if (!training) return this.standardise(x, this.runningMean.read(), this.runningSpread.read());
        const statistics = this.statistics(x);
        this.update(x, statistics);
        return this.standardise(x, statistics.mean, statistics.spread);
      }
    }
  }

  private get usesDeviation(): boolean {
    return this.settings.form === 'deviation' || this.settings.form === 'deviationPerUnit';
  }

  private standardise(x: tf.Tensor, mean: tf.Tensor, spread: tf.Tensor): tf.Tensor {
    const {epsilon} = this.settings;
    const divisor = this.usesDeviation ? tf.add(spread, epsilon) : tf.sqrt(tf.add(spread, epsilon));
    return tf.div(tf.sub(x, this.aligned(mean, x)), this.aligned(divisor, x));
  }

  private reducedAxes(x: tf.Tensor): number[] {
    if (this.settings.perUnit) return [0];
    const axis = this.settings.axis < 0 ? x.rank + this.settings.axis : this.settings.axis;
    return x.shape.map((_, k) => k).filter(k => k !== axis);
  }

  private statistics(x: tf.Tensor): {mean: tf.Tensor; spread: tf.Tensor} {
    const {mean, variance} = tf.moments(x, this.reducedAxes(x));
    // The library puts ε inside the mean of squares: √(mean((x − m)² + ε)).
    return {mean, spread: this.usesDeviation ? tf.sqrt(tf.add(variance, this.settings.epsilon)) : variance};
  }

  private update(x: tf.Tensor, {mean, spread}: {mean: tf.Tensor; spread: tf.Tensor}): void {
    const {momentum, unbiased, epsilonInMoving, epsilon} = this.settings;
    const samples = this.reducedAxes(x).reduce((n, axis) => n * x.shape[axis]!, 1);
    const seen = epsilonInMoving ? tf.add(spread, epsilon) : spread;
    const estimate = unbiased ? tf.mul(seen, samples / (samples - 1 - epsilon)) : seen;
    const blend = (old: tf.Tensor, now: tf.Tensor): tf.Tensor =>
      tf.add(tf.mul(old, momentum), tf.mul(now, 1 - momentum));
    this.runningMean.write(blend(this.runningMean.read(), mean));
    this.runningSpread.write(blend(this.runningSpread.read(), estimate));
  }

  /** One value per feature, shaped to broadcast against x. */
  private aligned(value: tf.Tensor, x: tf.Tensor): tf.Tensor {
    if (this.settings.perUnit || value.rank !== 1) return value;
    const axis = this.settings.axis < 0 ? x.rank + this.settings.axis : this.settings.axis;
    return axis === x.rank - 1
      ? value
      : tf.reshape(
          value,
          x.shape.map((n, k) => (k === axis ? n : 1)),
        );
  }
}
tf.serialization.registerClass(BatchNormalization);
