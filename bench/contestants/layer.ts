import * as tf from '@tensorflow/tfjs-core';
import type {layers} from '@tensorflow/tfjs-layers';
import {timed} from '../../src/cli/bench/turns';
import {type Data, discard, tensorOf} from '../data';
import {LEARNING_RATE, type Problem} from '../problem';
import type {Contestant} from './contestant';

/** Where and how a layer runs: set before each block, outside of what is timed. */
export interface Setting {
  readonly backend: string;
  set?(): void | Promise<void>;
  /** Milliseconds; the time of day by default. */
  clock?(): number;
}

/**
 * A tfjs layer as a contestant, Carryover's or tfjs' own: from `apply` to the values in JavaScript; or a training
 * step up to the loss.
 *
 * @param recurrentKernels which of the layer's weights make up the recurrent kernel
 */
export async function layerContestant(
  name: string,
  layer: layers.Layer,
  p: Problem,
  data: Data,
  recurrentKernels: readonly number[],
  {backend, set, clock}: Setting,
): Promise<Contestant> {
  const enter = async (): Promise<void> => {
    if (tf.getBackend() !== backend) await tf.setBackend(backend);
    await set?.();
  };
  await enter();
  const x = tensorOf(data.x);
  const mask = data.mask && tensorOf(data.mask);
  const weights = data.weights.map(tensorOf);
  // tfjs' own layers are built at their first call.
  if (!layer.built) (layer.apply(x) as tf.Tensor).dispose();
  layer.setWeights(weights);
  tf.dispose(weights);
  const apply = (): tf.Tensor => layer.apply(x, mask && {mask}) as tf.Tensor;
  const optimizer = tf.train.sgd(LEARNING_RATE);
  const variables = layer.trainableWeights.map(weight => weight.read() as tf.Variable);
  const forward = (): void => {
    const y = apply();
    y.dataSync();
    y.dispose();
  };
  const train = (): void => {
    const loss = optimizer.minimize(() => tf.mean(tf.square(apply())) as tf.Scalar, true, variables)!;
    loss.dataSync();
    loss.dispose();
  };
  const kernels = (): Float32Array => {
    const parts = recurrentKernels.map(k => variables[k]!.dataSync() as Float32Array);
    return Float32Array.from(parts.flatMap(part => [...part]));
  };
  return {
    name,
    block: async calls => {
      await enter();
      return timed(p.training ? train : forward, calls, clock);
    },
    compute: async () => {
      await enter();
      if (p.training) {
        const before = kernels();
        train();
        return kernels().map((value, k) => value - before[k]!);
      }
      const y = apply();
      const values = Float32Array.from(y.dataSync());
      y.dispose();
      return values;
    },
    dispose: () => {
      tf.dispose(mask ? [x, mask] : [x]);
      optimizer.dispose();
      discard(layer);
    },
  };
}
