import {engine, type Tensor} from '@tensorflow/tfjs-core';

/** A float32 tensor's numbers. */
export function valuesOf(tensor: Tensor): Float32Array {
  return tensor.dataSync() as Float32Array;
}

/** A tensor of values that are known to be right, without tfjs looking through them again. */
export function tensorOf(data: Float32Array, shape: number[]): Tensor {
  return engine().makeTensor(data, shape, 'float32');
}
