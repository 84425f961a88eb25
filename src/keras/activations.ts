import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers';
import {CarryoverError} from '../errors';
import type {SerializableBase} from './spec';

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
