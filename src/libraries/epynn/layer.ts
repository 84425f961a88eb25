import * as tf from '@tensorflow/tfjs-core';
import type {Shape} from '@tensorflow/tfjs-layers';
import {shapeOf} from '../../dialects/arrays';
import {RecurrentLayer} from '../../layers/recurrent-layer';

/** Tensors by EpyNN's names of its parameters (`Uf`, `Vf`, `bf`) or of their gradients (`dUf`). */
export type Parameters = Readonly<Record<string, tf.Tensor>>;

/** EpyNN's layers with the steps of its training loop. Source: epynn/{lstm,gru,rnn}/models.py of 1.2.13. */
export abstract class EpynnLayer extends RecurrentLayer {
  /**
   * The shapes of all parameters for an input `[m, s, e]`: U (e, u), V (u, u), b (1, u).
   */
  computeShapes(inputShape: Shape): Record<string, number[]> {
    const specs = this.dialect.arrays(this.args, this.version);
    return Object.fromEntries(specs.map(spec => [spec.name, shapeOf(spec, inputShape[2]!, this.recurrence)]));
  }

  /** Makes the parameters for an input `[m, s, e]`, U and V by `initialization`, b zero. */
  initializeParameters(inputShape: Shape): Parameters {
    if (!this.built) this.build(inputShape);
    return this.parameters();
  }

  /** The parameters by name. */
  parameters(): Parameters {
    return Object.fromEntries(this.arrayNames.map((name, k) => [name, this.weights[k]!.read()]));
  }

  /**
   * Gradients of the loss with respect to the parameters, clipped where `clipGradients` says so.
   * @param x the layer's input `[m, s, e]`
   * @param dA the gradient of the loss with respect to its output
   */
  computeGradients(x: tf.Tensor, dA: tf.Tensor): Parameters {
    return tf.tidy(() => {
      const variables = this.weights.map(weight => weight.read() as tf.Variable);
      const loss = (): tf.Scalar => tf.sum(tf.mul(this.apply(x) as tf.Tensor, dA));
      const {grads} = tf.variableGrads(loss, variables);
      return Object.fromEntries(this.arrayNames.map((name, k) => [`d${name}`, grads[variables[k]!.name]!]));
    });
  }

  /** Takes a step against the gradients of `computeGradients`. */
  updateParameters(gradients: Parameters, learningRate: number): void {
    tf.tidy(() => {
      for (const [k, name] of this.arrayNames.entries()) {
        const variable = this.weights[k]!.read() as tf.Variable;
        variable.assign(tf.sub(variable, tf.mul(gradients[`d${name}`]!, learningRate)));
      }
    });
  }
}
