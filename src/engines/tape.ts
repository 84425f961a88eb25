import {engine, type Tensor, Variable} from '@tensorflow/tfjs-core';

/** Whether a gradient is being recorded, so that the forward pass must keep what the backward pass reads. */
export function tapeIsOn(): boolean {
  return engine().state.gradientDepth > 0;
}

/** Whether something of what has been recorded leads from a variable to this tensor. */
export function dependsOnVariables(x: Tensor): boolean {
  if (x instanceof Variable) return true;
  const dependent = new Set<number>();
  for (const {inputs, outputs} of engine().state.activeTape ?? []) {
    const reached = Object.values(inputs).some(input => input instanceof Variable || dependent.has(input.id));
    if (reached) for (const output of outputs) dependent.add(output.id);
  }
  return dependent.has(x.id);
}
