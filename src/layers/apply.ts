import type * as tf from '@tensorflow/tfjs-core';
import {layers, type SymbolicTensor} from '@tensorflow/tfjs-layers';

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

/** A layer that is called as tfjs' RNN is: initial states given by name join the inputs. */
export abstract class LayerWithStates extends layers.Layer {
  /** The output, or a list of it and all else that the layer returns: `apply<tf.Tensor[]>(x)`. */
  override apply<T extends Tensors = tf.Tensor>(inputs: Tensors, kwargs?: CallArguments): T;
  /** The same of symbolic tensors. */
  override apply<T extends SymbolicTensors = SymbolicTensor>(
    inputs: SymbolicTensors,
    kwargs?: CallArguments,
  ): T;
  override apply(inputs: AnyInputs, kwargs?: CallArguments): AnyOutputs;
  override apply(inputs: AnyInputs, kwargs: CallArguments = {}): AnyOutputs {
    const {initialState, ...others} = kwargs;
    if (initialState === undefined) return super.apply(inputs, kwargs);
    return super.apply([inputs, initialState].flat() as AnyInputs, others);
  }
}
