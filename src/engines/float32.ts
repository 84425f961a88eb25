import {cast, type Tensor} from '@tensorflow/tfjs-core';

/** As float32; what is already is not copied, as tfjs-node would. */
export function float32(x: Tensor): Tensor {
  return x.dtype === 'float32' ? x : cast(x, 'float32');
}
