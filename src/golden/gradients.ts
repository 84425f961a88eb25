import * as tf from '@tensorflow/tfjs-core';
import type {LayersModel, LayerVariable} from '@tensorflow/tfjs-layers';
import type {NdArray} from '../../converters/arrays';
import {inputPorts, outputPorts} from '../verify/ports';
import {inputTensors, toTensor} from '../verify/verify';
import {goldenPorts} from './outputs';

export interface ModelGradients {
  readonly inputs: ReadonlyMap<string, NdArray>;
  /** In the order asked for. */
  readonly weights: readonly NdArray[];
}

/**
 * Derivatives of Σ over the outputs in `factors` of sum(output · R), in test mode.
 * @param inputs every input of the model, by name
 * @param wanted the inputs whose derivatives are asked for
 * @param weightsOf the weights whose derivatives are asked for, trained or not
 */
export function gradientsOf(
  model: LayersModel,
  inputs: Readonly<Record<string, NdArray>>,
  factors: Readonly<Record<string, NdArray>>,
  wanted: readonly string[],
  weightsOf: readonly LayerVariable[],
): ModelGradients {
  const ports = inputPorts(model);
  const byInput = new Map<string, NdArray>();
  const weights: NdArray[] = [];
  tf.tidy(() => {
    const xs = inputTensors(model, inputs);
    const loss = (...given: tf.Tensor[]): tf.Scalar => lossOf(model, given, factors);
    const chosen = wanted.map(name => ports.indexOf(name));
    if (chosen.length > 0) {
      const through = (...some: tf.Tensor[]): tf.Scalar => {
        const position = new Map(chosen.map((k, place) => [k, some[place]!]));
        return loss(...xs.map((x, k) => position.get(k) ?? x));
      };
      const gradients = tf.grads(through)(chosen.map(k => xs[k]!));
      for (const [place, name] of wanted.entries()) byInput.set(name, toArray(gradients[place]!));
    }
    const variables = weightsOf.map(weight => weight.read() as tf.Variable);
    const {grads} = withAllTrainable(variables, () => tf.variableGrads(() => loss(...xs), variables));
    // A weight that nothing reads has no gradient: it is zero.
    for (const variable of variables) weights.push(toArray(grads[variable.name] ?? tf.zerosLike(variable)));
  });
  return {inputs: byInput, weights};
}

/** tfjs gives gradients of trainable variables alone; libraries have some of arrays that they do not train. */
function withAllTrainable<T>(variables: readonly tf.Variable[], compute: () => T): T {
  const frozen = variables.filter(variable => !variable.trainable);
  for (const variable of frozen) variable.trainable = true;
  try {
    return compute();
  } finally {
    for (const variable of frozen) variable.trainable = false;
  }
}

function lossOf(model: LayersModel, xs: tf.Tensor[], factors: Readonly<Record<string, NdArray>>): tf.Scalar {
  const y = model.apply(xs.length === 1 ? xs[0]! : xs, {training: false}) as tf.Tensor | tf.Tensor[];
  const outputs = Array.isArray(y) ? y : [y];
  const ports = goldenPorts(outputPorts(model), Object.keys(factors));
  const terms = Object.entries(factors).map(([name, factor]) =>
    tf.sum(tf.mul(outputs[ports.indexOf(name)]!, toTensor(factor, 'float32'))),
  );
  return tf.addN(terms) as tf.Scalar;
}

function toArray(tensor: tf.Tensor): NdArray {
  return {dtype: 'float32', shape: tensor.shape, values: Float32Array.from(tensor.dataSync())};
}
