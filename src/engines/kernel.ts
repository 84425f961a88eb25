import * as tf from '@tensorflow/tfjs-core';
import {keysOf, recordOf} from '../recurrence/records';
import {type Gate, type Recurrence, STATES, type StateName} from '../recurrence/types';
import {validate} from '../recurrence/validate';
import type {WeightName} from '../recurrence/weights';
import {engineFor} from './registry';
import {RELEASE} from './shared';
import {dependsOnVariables, tapeIsOn} from './tape';
import type {Call, Engine, ForwardOptions, Gradients, RecurrenceInputs} from './types';

/** Other releases in the process have another one. */
const KERNEL = `CarryoverRecurrence ${RELEASE}`;
/** More outputs than any recurrence has: y, the states and the reserve are all kept for the gradient. */
const MOST_OUTPUTS = 64;

/** Which tensor of a call an input of the kernel is. */
type Slot =
  | {readonly kind: 'x'}
  | {readonly kind: 'initial'; readonly name: StateName}
  | {readonly kind: 'weights'; readonly name: WeightName}
  | {readonly kind: 'dropout'; readonly name: Gate | 'all'};

/** What a call is about; tfjs hands it to the kernel and, with the saved tensors, to the gradient. */
interface Attributes {
  readonly recurrence: Recurrence;
  /** The tensors of the forward pass; they may be gone when it comes to the gradient, which has the saved ones. */
  readonly given: RecurrenceInputs;
  readonly options: ForwardOptions;
  readonly engine: Engine;
  /**
   * What the kernel's inputs are, which tfjs sees as a plain list. The mask is not among them: masks are
   * comparisons of the data, and tfjs would look for the gradient of a comparison. For the gradient it is kept as an
   * output instead.
   */
  readonly slots: readonly Slot[];
  /** What the engine kept outside of tensors. */
  kept?: unknown;
}

/**
 * Runs a recurrence on the engine of the day, as one tfjs kernel with one gradient.
 *
 * @param inputs see `RecurrenceInputs`; shapes are checked here, once
 * @param returns the whole sequence of outputs or the last processed one
 * @param asked whether the final states are asked for; of a small call each takes a hundredth of the time
 * @returns `y` `[batch, time, units]` or `[batch, units]`, and the final states by name, if asked for
 */
export function runRecurrence(
  recurrence: Recurrence,
  inputs: RecurrenceInputs,
  returns: ForwardOptions['returns'],
  asked = true,
): {y: tf.Tensor; states: Partial<Record<StateName, tf.Tensor>>} {
  validate(recurrence, inputs);
  registerKernelFor(tf.getBackend());
  const save = tapeIsOn();
  // A gradient counts on all outputs.
  const states = asked || save;
  const traced = save && dependsOnVariables(inputs.x);
  const options: ForwardOptions = {returns, save, states, traced};
  const [slots, tensors] = flatten(inputs);
  const engine = engineFor(recurrence, describe(inputs, options));
  const attributes: Attributes = {recurrence, given: inputs, options, engine, slots};
  const outputs: tf.Tensor[] = tf
    .engine()
    .runKernel(KERNEL, tensors as unknown as tf.NamedTensorMap, attributes as unknown as tf.NamedAttrMap);
  const stateNames = states ? STATES[recurrence.cell] : [];
  // Taken out of the list itself, which is the tape's: it would make a zero gradient for each of them.
  for (const reserved of outputs.splice(1 + stateNames.length)) reserved.dispose();
  const [y, ...finals] = outputs;
  return {y: y!, states: recordOf(stateNames, (_, k) => finals[k]!)};
}

function describe({x, mask, initial}: RecurrenceInputs, {returns, save}: ForwardOptions): Call {
  const {shape} = x;
  return {
    returns,
    save,
    batch: shape[0]!,
    time: shape[1]!,
    features: shape[2]!,
    masked: !!mask,
    initial: Object.keys(initial).length > 0,
  };
}

function flatten({x, initial, weights, dropout}: RecurrenceInputs): [Slot[], tf.Tensor[]] {
  const slots: Slot[] = [{kind: 'x'}];
  const tensors = [x];
  const put = (slot: Slot, tensor: tf.Tensor | undefined): void => {
    slots.push(slot);
    tensors.push(tensor!);
  };
  for (const name of keysOf(initial)) put({kind: 'initial', name}, initial[name]);
  for (const name of keysOf(weights)) put({kind: 'weights', name}, weights[name]);
  for (const name of keysOf(dropout)) put({kind: 'dropout', name}, dropout[name]);
  return [slots, tensors];
}

function unflatten(
  slots: readonly Slot[],
  tensors: readonly tf.Tensor[],
  mask?: tf.Tensor,
): RecurrenceInputs {
  const result = {x: tensors[0]!, mask, initial: {}, weights: {}, dropout: {}};
  for (const [k, slot] of slots.entries())
    if (slot.kind !== 'x') Object.assign(result[slot.kind], {[slot.name]: tensors[k]!});
  return result;
}

function registerKernelFor(backendName: string): void {
  if (tf.getKernel(KERNEL, backendName)) return;
  tf.registerKernel({
    kernelName: KERNEL,
    backendName,
    kernelFunc: ({attrs}) => {
      const call = attrs as unknown as Attributes;
      const {recurrence, given, options, engine} = call;
      const {y, states, reserve, kept} = engine.forward(recurrence, given, options);
      call.kept = kept;
      const keptMask = given.mask && options.save ? [tf.clone(given.mask)] : [];
      return [y, ...states, ...keptMask, ...reserve];
    },
  });
}

tf.registerGradient({
  kernelName: KERNEL,
  saveAllInputs: true,
  outputsToSave: new Array<boolean>(MOST_OUTPUTS).fill(true),
  gradFunc: (dys, saved, attrs) => {
    const {recurrence, given, options, engine, slots, kept} = attrs as unknown as Attributes;
    const {mask} = given;
    const count = STATES[recurrence.cell].length;
    const [dy, ...rest] = dys as tf.Tensor[];
    const others = saved.slice(slots.length + 1 + count);
    const inputs = unflatten(slots, saved, mask && others[0]);
    const reserve = mask ? others.slice(1) : others;
    const gradients = engine.backward(recurrence, inputs, options, {
      reserve,
      kept,
      dy: dy!,
      dStates: rest.slice(0, count),
    });
    return Object.fromEntries(slots.map((slot, k) => [k, () => gradientOf(slot, gradients, saved[k]!)]));
  },
});

function gradientOf(slot: Slot, gradients: Gradients, input: tf.Tensor): tf.Tensor {
  switch (slot.kind) {
    case 'x':
      return gradients.x();
    case 'initial':
      return gradients.initial(slot.name);
    case 'weights':
      return gradients.weight(slot.name);
    case 'dropout':
      return tf.zerosLike(input);
  }
}
