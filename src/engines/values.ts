import {engine, type Tensor} from '@tensorflow/tfjs-core';

/** A float32 tensor's numbers. */
export function valuesOf(tensor: Tensor): Float32Array {
  return tensor.dataSync() as Float32Array;
}

/** Reads tensors once, however often they are asked for: most backends make a copy at each reading. */
export function reader(): (tensor: Tensor) => Float32Array {
  const known = new Map<Tensor, Float32Array>();
  return tensor => {
    const values = known.get(tensor) ?? valuesOf(tensor);
    known.set(tensor, values);
    return values;
  };
}

/** A tensor of values that are known to be right, without tfjs looking through them again. */
export function tensorOf(data: Float32Array, shape: number[]): Tensor {
  return engine().makeTensor(data, shape, 'float32');
}
