import {engine} from '@tensorflow/tfjs-core';

/** Whether a gradient is being recorded, so that the forward pass must keep what the backward pass reads. */
export function tapeIsOn(): boolean {
  return engine().state.gradientDepth > 0;
}
