import * as tf from '@tensorflow/tfjs-core';
import {regularizers} from '@tensorflow/tfjs-layers';
import {CarryoverError} from '../errors';
import {namedSpec, numberOf, type SerializableBase} from './spec';

export type Regularizer = ReturnType<typeof regularizers.l1l2>;

// tfjs-layers exports regularizers but not their base class, whose instances alone it accepts.
const RegularizerBase = Object.getPrototypeOf(
  regularizers.l1l2().constructor,
) as SerializableBase<Regularizer>;

const POWER_ITERATIONS = 9;

/**
 * k · √λ, λ the largest eigenvalue of WᵀW as nine steps of the power method give it. Source: Keras 1.x,
 * keras/regularizers.py, EigenvalueRegularizer.
 */
export class EigenvalueRegularizer extends RegularizerBase {
  static readonly className = 'CarryoverEigenvalueRegularizer';
  readonly k: number;

  constructor(config: {k: number}) {
    super();
    this.k = config.k;
  }

  apply(weights: tf.Tensor): tf.Scalar {
    return tf.tidy(() => {
      const matrix = weights as tf.Tensor2D;
      const covariance = tf.matMul(matrix, matrix, true, false);
      let vector = tf.ones([covariance.shape[0], 1]) as tf.Tensor2D;
      for (let step = 0; step < POWER_ITERATIONS; step++) vector = tf.matMul(covariance, vector);
      const moved = tf.matMul(covariance, vector);
      const eigenvalue = tf.div(tf.sum(tf.mul(moved, vector)), tf.sum(tf.mul(vector, vector)));
      return tf.mul(this.k, tf.sqrt(eigenvalue)) as tf.Scalar;
    });
  }

  override getConfig(): tf.serialization.ConfigDict {
    return {k: this.k};
  }
}
tf.serialization.registerClass(EigenvalueRegularizer);

/** l1 and l2 of a name that stands alone: what the library's function of that name defaults to. */
const BARE: Record<string, readonly [number, number]> = {
  l1: [0.01, 0],
  l2: [0, 0.01],
  l1l2: [0.01, 0.01],
  l1_l2: [0.01, 0.01],
  L1: [0.01, 0],
  L2: [0, 0.01],
  L1L2: [0, 0],
  WeightRegularizer: [0, 0],
  ActivityRegularizer: [0, 0],
  L1L2Regularizer: [0, 0],
};

/**
 * The tfjs regularizer of a Keras config of any age, or undefined where there is none. Sums, not means, as in
 * the library. Source: keras/regularizers.py of 0.2.0, 0.3.3, 1.2.2, 2.2.4.
 */
export function regularizer(spec: unknown, where: string): Regularizer | undefined {
  const named = namedSpec(spec, 'a regularizer', where);
  if (named === undefined || named.name === 'Regularizer' || named.name === 'identity') return undefined;
  const defaults = BARE[named.name];
  if (defaults !== undefined) {
    return regularizers.l1l2({
      l1: numberOf(named.config.l1, defaults[0]),
      l2: numberOf(named.config.l2, defaults[1]),
    });
  }
  if (named.name === 'EigenvalueRegularizer') {
    return new EigenvalueRegularizer({k: numberOf(named.config.k, 0)});
  }
  throw new CarryoverError(
    'E_LAYER',
    `${where}: regularizer '${named.name}' is not one of Keras's; expected ${Object.keys(BARE).join(', ')} or EigenvalueRegularizer; remove it from the architecture if the model is only to be run`,
  );
}
