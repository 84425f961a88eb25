import * as tf from '@tensorflow/tfjs-core';
import {CarryoverError} from '../errors';
import type {Recurrence} from '../recurrence/types';
import {STATES} from '../recurrence/types';
import {validate} from '../recurrence/validate';
import {engineFor} from './registry';
import {dependsOnVariables, tapeIsOn} from './tape';
import type {Call, Engine, ForwardOptions, RecurrenceInputs} from './types';

const KERNEL = 'CarryoverRecurrence';
/** More outputs than any recurrence has: y, the states and the reserve are all kept for the gradient. */
const MOST_OUTPUTS = 64;

/** What a call is about; tfjs hands it to the kernel and, with the saved tensors, to the gradient. */
interface Attributes {
  readonly recurrence: Recurrence;
  /** The tensors of the forward pass; they may be gone when it comes to the gradient, which has the saved ones. */
  readonly given: RecurrenceInputs;
  readonly options: ForwardOptions;
  readonly engine: Engine;
  /**
   * The names of the kernel's inputs, which tfjs sees as a plain list. The mask is not among them: masks are
   * comparisons of the data, and tfjs would look for the gradient of a comparison. For the gradient it is kept as an
   * output instead.
   */
  readonly names: readonly string[];
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
): {y: tf.Tensor; states: Record<string, tf.Tensor>} {
  validate(recurrence, inputs);
  registerKernelFor(tf.getBackend());
  const save = tapeIsOn();
  // A gradient counts on all outputs.
  const states = asked || save;
  const traced = save && dependsOnVariables(inputs.x);
  const options: ForwardOptions = {returns, save, states, traced};
  const [names, tensors] = flatten(inputs);
  const engine = engineFor(recurrence, describe(inputs, options));
  const attributes: Attributes = {recurrence, given: inputs, options, engine, names};
  const outputs: tf.Tensor[] = tf
    .engine()
    .runKernel(KERNEL, tensors as unknown as tf.NamedTensorMap, attributes as unknown as tf.NamedAttrMap);
  const stateNames = states ? STATES[recurrence.cell] : [];
  // Taken out of the list itself, which is the tape's: it would make a zero gradient for each of them.
  for (const reserved of outputs.splice(1 + stateNames.length)) reserved.dispose();
  const [y, ...finals] = outputs;
  return {y: y!, states: Object.fromEntries(stateNames.map((name, k) => [name, finals[k]!]))};
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

const KINDS = ['initial', 'weights', 'dropout'] as const;

function flatten(inputs: RecurrenceInputs): [string[], tf.Tensor[]] {
  const names = ['x'];
  const tensors = [inputs.x];
  for (const kind of KINDS) {
    const own = inputs[kind];
    for (const name in own) {
      names.push(`${kind} ${name}`);
      tensors.push(own[name]!);
    }
  }
  return [names, tensors];
}

function unflatten(
  names: readonly string[],
  tensors: readonly tf.Tensor[],
  mask?: tf.Tensor,
): RecurrenceInputs {
  const byName = new Map(names.map((name, k) => [name, tensors[k]!]));
  const under = (prefix: string): Record<string, tf.Tensor> =>
    Object.fromEntries(
      [...byName]
        .filter(([name]) => name.startsWith(prefix))
        .map(([name, t]) => [name.slice(prefix.length), t]),
    );
  return {
    x: byName.get('x')!,
    mask,
    initial: under('initial '),
    weights: under('weights '),
    dropout: under('dropout '),
  };
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
    const {recurrence, given, options, engine, names, kept} = attrs as unknown as Attributes;
    const {mask} = given;
    const count = STATES[recurrence.cell].length;
    const [dy, ...rest] = dys as tf.Tensor[];
    const others = saved.slice(names.length + 1 + count);
    const inputs = unflatten(names, saved, mask && others[0]);
    const reserve = mask ? others.slice(1) : others;
    const gradients = engine.backward(recurrence, inputs, options, {
      reserve,
      kept,
      dy: dy!,
      dStates: rest.slice(0, count),
    });
    return Object.fromEntries(names.map((name, k) => [k, () => gradientOf(name, gradients, saved[k]!)]));
  },
});

function gradientOf(name: string, gradients: ReturnType<Engine['backward']>, input: tf.Tensor): tf.Tensor {
  const [kind, rest] = [name.split(' ', 1)[0]!, name.slice(name.indexOf(' ') + 1)];
  switch (kind) {
    case 'x':
      return gradients.x();
    case 'initial':
      return gradients.initial(rest);
    case 'weights':
      return gradients.weight(rest);
    case 'dropout':
      return tf.zerosLike(input);
    default:
      throw new CarryoverError('E_ENGINE', `no gradient is known for input '${name}' of a recurrence`);
  }
}
