import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers';
import {CarryoverError} from '../errors';
import {namedSpec, type SerializableBase} from './spec';

interface ElementWise {
  apply(x: tf.Tensor): tf.Tensor;
  getClassName(): string;
  getConfig(): tf.serialization.ConfigDict;
}

// tfjs-layers accepts only instances of an activation class that it does not export; its registry has them.
const registered = tf.serialization.SerializationMap.getMap().classNameMap.linear;

function activationBase(): SerializableBase<ElementWise> {
  if (registered === undefined) {
    throw new CarryoverError(
      'E_ENGINE',
      '@tensorflow/tfjs-layers has no linear activation registered; load it before carryover',
    );
  }
  return Object.getPrototypeOf(registered[0]) as SerializableBase<ElementWise>;
}

const ActivationBase = activationBase();

/** eˣ, as Keras ≥ 2.2 has it. */
export class Exponential extends ActivationBase {
  static readonly className = 'carryoverExponential';

  override apply(x: tf.Tensor): tf.Tensor {
    return tf.exp(x);
  }
}
tf.serialization.registerClass(Exponential);

/** relu6(x + 3) / 6: Keras 3's hard_sigmoid, whose slope is 1/6 where it was 0.2 before. */
export class HardSigmoidSixth extends ActivationBase {
  static readonly className = 'carryoverHardSigmoidSixth';

  override apply(x: tf.Tensor): tf.Tensor {
    return tf.tidy(() => tf.div(tf.relu6(tf.add(x, 3)), 6));
  }
}
tf.serialization.registerClass(HardSigmoidSixth);

const TFJS_NAMES: Record<string, string> = {
  linear: 'linear',
  tanh: 'tanh',
  sigmoid: 'sigmoid',
  hard_sigmoid: 'hardSigmoid',
  relu: 'relu',
  relu6: 'relu6',
  softmax: 'softmax',
  time_distributed_softmax: 'softmax',
  softplus: 'softplus',
  softsign: 'softsign',
  elu: 'elu',
  selu: 'selu',
  exponential: Exponential.className,
  swish: 'swish',
  silu: 'swish',
  mish: 'mish',
};

/**
 * The tfjs activation identifier of a Keras name; null and undefined are linear. Softmax works on the last axis
 * in every release, `time_distributed_softmax` (0.1, 0.2) included. Source: keras/activations.py of 0.2.0, 0.3.3,
 * 1.2.2, 2.2.4.
 * @param slope of hard_sigmoid: 0.2, or Keras 3's 1/6
 */
export function activationName(spec: unknown, where: string, slope = 0.2): string {
  const named = namedSpec(spec, 'an activation', where);
  if (named === undefined) return 'linear';
  if (slope !== 0.2 && named.name === 'hard_sigmoid') return HardSigmoidSixth.className;
  const known = TFJS_NAMES[named.name];
  if (known !== undefined) return known;
  throw new CarryoverError(
    'E_LAYER',
    `${where}: activation '${named.name}' is not known; expected one of ${Object.keys(TFJS_NAMES).join(', ')}; a function of your own needs a layer in customObjects`,
  );
}
