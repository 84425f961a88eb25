import * as tf from '@tensorflow/tfjs-core';
import {setEngine, takeUsedEngines} from '../../src/engines/registry';
import {keras2} from '../../src/libraries/all';
import {useBackend} from '../../src/node/backend';

/** A layer whose weights change under an engine that keeps something of them, on tfjs' cpu backend. */

await useBackend('cpu');

export type Layer = ReturnType<typeof keras2.lstm>;

export const X = tf.ones([2, 3, 2]);

export function buildLayer(): Layer {
  const layer = keras2.lstm({units: 3, returnSequences: true, biasInitializer: 'randomNormal'});
  layer.build(X.shape);
  return layer;
}

export function outputOf(layer: Layer, engine: string): number[] {
  setEngine(engine, {threads: 1});
  takeUsedEngines();
  const values = tf.tidy(() => (layer.apply(X) as tf.Tensor).dataSync());
  if (!takeUsedEngines().includes(engine)) throw new Error(`${engine} did not run`);
  return Array.from(values);
}

/** How far an engine is from `ops`. */
export function errorOf(layer: Layer, engine: string): number {
  const want = outputOf(layer, 'ops');
  return Math.max(...outputOf(layer, engine).map((value, k) => Math.abs(value - want[k]!)));
}

export function trainOn(layer: Layer, optimizer: tf.Optimizer): void {
  optimizer.minimize(() => tf.sum(layer.apply(X) as tf.Tensor));
}

/** Every way in which weights change. */
export const CHANGES: Readonly<Record<string, (layer: Layer) => void>> = {
  setWeights: layer => tf.tidy(() => layer.setWeights(layer.getWeights().map(w => tf.mul(w, -2)))),
  'an assignment to the bias alone': layer => layer.weights[2]!.write(tf.ones([12])),
  'an assignment to the kernel alone': layer => layer.weights[0]!.write(tf.ones([2, 12])),
  'a step of an optimizer': layer => trainOn(layer, tf.train.sgd(0.5)),
};
