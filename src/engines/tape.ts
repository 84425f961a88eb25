import {engine, type Tensor, Variable} from '@tensorflow/tfjs-core';

/** Whether a gradient is being recorded, so that the forward pass must keep what the backward pass reads. */
export function tapeIsOn(): boolean {
  return engine().state.gradientDepth > 0;
}

/** How much of a tape has been looked at, and the tensors on it that depend on variables. */
interface Looked {
  read: number;
  readonly dependent: Set<number>;
}

/** By tape. Tapes only grow: each step of a long one is looked at once, however many recurrences ask. */
const looked = new WeakMap<object, Looked>();

/** Whether something of what has been recorded leads from a variable to this tensor. */
export function dependsOnVariables(x: Tensor): boolean {
  if (x instanceof Variable) return true;
  const tape = engine().state.activeTape;
  if (!tape) return false;
  const known = looked.get(tape) ?? {read: 0, dependent: new Set<number>()};
  looked.set(tape, known);
  const {dependent} = known;
  for (; known.read < tape.length; known.read++) {
    const {inputs, outputs} = tape[known.read]!;
    const reached = Object.values(inputs).some(input => input instanceof Variable || dependent.has(input.id));
    if (reached) for (const output of outputs) dependent.add(output.id);
  }
  return dependent.has(x.id);
}
