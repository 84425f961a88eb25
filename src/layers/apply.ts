import type * as tf from '@tensorflow/tfjs-core';
import type {layers, SymbolicTensor} from '@tensorflow/tfjs-layers';

/* Calls and their types: tfjs' own `apply` gives whatever a call could give, of tensors and symbolic tensors alike. */

/** What any layer of tfjs takes. */
export type AnyInputs = Parameters<layers.Layer['apply']>[0];

/** What any layer of tfjs gives. */
export type AnyOutputs = ReturnType<layers.Layer['apply']>;

/** Arguments of a call of a recurrent layer by name. */
export interface CallArguments {
  /** Initial states, `[batch, units]` each: one, or a list in the layer's order. */
  readonly initialState?: unknown;
  /** `[batch, time]`; masked steps are 0. */
  readonly mask?: tf.Tensor | tf.Tensor[];
  /** Whether dropout acts. Default false. */
  readonly training?: boolean;
  readonly [name: string]: unknown;
}

/** One tensor or several. */
export type Tensors = tf.Tensor | tf.Tensor[];

/** One symbolic tensor or several. */
export type SymbolicTensors = SymbolicTensor | SymbolicTensor[];

/**
 * Calls a layer as tfjs' RNN is called: initial states given by name join the inputs.
 * @param apply the layer's `apply` of all inputs in one list
 */
export function applyWithStates(
  apply: (inputs: AnyInputs, kwargs: CallArguments) => AnyOutputs,
  inputs: AnyInputs,
  kwargs: CallArguments,
): AnyOutputs {
  const {initialState, ...others} = kwargs;
  if (initialState === undefined) return apply(inputs, kwargs);
  return apply([inputs, initialState].flat() as AnyInputs, others);
}
