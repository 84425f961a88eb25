import * as tf from '@tensorflow/tfjs-core';
import type {Shape} from '@tensorflow/tfjs-layers';
import {activatedShape, onlyShape, type PlainArgs, PlainLayer, type Shapes} from './base';
import {type FunctionParameters, functionOf, LARGE} from './functions';

/**
 * What a mask does to a softmax: nothing; a large number is taken from what it leaves out (tf.keras ≥ 2.4, Keras 3); what
 * it leaves out is 0 afterwards, too, where that is all of a row (Keras ≥ 3.14). Its shape has to broadcast.
 */
export type MaskedSoftmax = 'ignored' | 'lowered' | 'zeroed';

interface ElementWiseSettings {
  /** A name in `functions.ts`: `leakyRelu`, `relu`, `softmax`, ... */
  fn: string;
  parameters: FunctionParameters;
  masked: MaskedSoftmax;
}

/**
 * Activations with fixed parameters; masks pass through, which tfjs' own LeakyReLU, ELU, ThresholdedReLU and
 * Softmax refuse. Any shape in, the same out.
 * Source: keras/layers/advanced_activations.py of 0.3.3, 1.2.2, 2.3.1; keras/src/layers/activation(s) of 2.15.0, 3.15.1.
 */
export class ElementWise extends PlainLayer<ElementWiseSettings> {
  static readonly className = 'CarryoverElementWise';

  constructor(args: PlainArgs<ElementWiseSettings, 'fn'>) {
    super(args, {fn: undefined, parameters: {}, masked: 'ignored'});
    functionOf(args.fn);
  }

  override computeOutputShape(inputShape: Shapes): Shape {
    return activatedShape(this.settings, onlyShape(inputShape));
  }

  override compute(x: tf.Tensor, _training: boolean, mask: tf.Tensor | undefined): tf.Tensor {
    const {fn, parameters, masked} = this.settings;
    const apply = functionOf(fn);
    if (mask === undefined || masked === 'ignored') return apply(x, parameters);
    const valid = tf.cast(mask, 'float32');
    const y = apply(tf.add(x, tf.mul(tf.sub(valid, 1), LARGE)), parameters);
    return masked === 'zeroed' ? tf.mul(y, valid) : y;
  }
}
tf.serialization.registerClass(ElementWise);
