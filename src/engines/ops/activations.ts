import * as tf from '@tensorflow/tfjs-core';
import type {Activation} from '../../recurrence/activations';

/** f(x), element by element. */
export function activate(f: Activation, x: tf.Tensor): tf.Tensor {
  switch (f.kind) {
    case 'linear':
      return x;
    case 'tanh':
      return tf.tanh(x);
    case 'sigmoid':
      return tf.sigmoid(x);
    case 'relu':
      return tf.relu(x);
    case 'softplus':
      return tf.softplus(x);
    case 'softsign':
      return tf.div(x, tf.add(tf.abs(x), 1));
    case 'exponential':
      return tf.exp(x);
    case 'hardSigmoid':
      return tf.clipByValue(tf.add(tf.mul(x, f.slope), f.offset), 0, 1);
    case 'elu':
      // expm1 of the negative part alone: the other would overflow.
      return tf.mul(tf.add(tf.relu(x), tf.mul(tf.expm1(tf.minimum(x, 0)), f.alpha)), f.scale);
    case 'leakyRelu':
      return tf.leakyRelu(x, f.alpha);
    case 'scaledTanh':
      return tf.mul(tf.tanh(tf.mul(x, f.in)), f.out);
    case 'cappedRelu':
      return tf.clipByValue(x, 0, f.limit);
  }
}

/** f′(x), from y = f(x). */
export function slope(f: Activation, y: tf.Tensor): tf.Tensor {
  switch (f.kind) {
    case 'linear':
      return tf.onesLike(y);
    case 'tanh':
      return tf.sub(1, tf.square(y));
    case 'sigmoid':
      return tf.mul(y, tf.sub(1, y));
    case 'relu':
      return positive(y);
    case 'softplus':
      return tf.sub(1, tf.exp(tf.neg(y)));
    case 'softsign':
      return tf.square(tf.sub(1, tf.abs(y)));
    case 'exponential':
      return y;
    case 'hardSigmoid':
      return tf.mul(between(y, 0, 1), f.slope);
    case 'elu': {
      const above = positive(y);
      const below = tf.add(y, f.alpha * f.scale);
      return tf.add(tf.mul(above, f.scale), tf.mul(tf.sub(1, above), below));
    }
    case 'leakyRelu': {
      const above = positive(y);
      return tf.add(above, tf.mul(tf.sub(1, above), f.alpha));
    }
    case 'scaledTanh':
      return tf.mul(tf.sub(f.out * f.out, tf.square(y)), f.in / f.out);
    case 'cappedRelu':
      return between(y, 0, f.limit);
  }
}

function positive(y: tf.Tensor): tf.Tensor {
  return tf.cast(tf.greater(y, 0), 'float32');
}

function between(y: tf.Tensor, low: number, high: number): tf.Tensor {
  return tf.cast(tf.logicalAnd(tf.greater(y, low), tf.less(y, high)), 'float32');
}
