import * as tf from '@tensorflow/tfjs-core';
import type {layers, Shape} from '@tensorflow/tfjs-layers';
import type {Behaviour} from '../dialects/dialect';
import {CarryoverError} from '../errors';
import type {MaskRule} from '../recurrence/types';
import {LayerWithStates} from './apply';
import type {ArrayData} from './other-arrays';
import {type Kwargs, takeMask} from './plain/base';

/** How a layer runs over sequences. */
export type Running = Pick<Behaviour, 'returnSequences' | 'returnState' | 'stateful'> &
  Partial<
    Pick<
      Behaviour,
      'timeMajor' | 'keptStatesFirst' | 'takesNoMask' | 'needsMask' | 'ignoresMask' | 'flattens'
    >
  >;

/**
 * Why an unrolled layer that runs backwards and puts out 0 for masked steps takes no mask: Keras lays the mask the other
 * way round than the outputs. Source: `rnn` in backend.py of tf.keras 2.15, backend/tensorflow/rnn.py of Keras 3.
 */
export const UNROLLED_BACKWARDS =
  'is unrolled and runs backwards, where Keras puts its zeros for masked steps at the wrong end; set unroll to false, or leave the mask out';

/** Tensors by the names of the layer's states. */
export type StateTensors = Readonly<Partial<Record<string, tf.Tensor>>>;

/** What a layer makes of a sequence. */
export interface Ran {
  /** `[batch, time, ...]` of a layer that returns sequences, else the last step's, `[batch, ...]`. */
  readonly y: tf.Tensor;
  /** The final states, in the order of their names. */
  readonly states: readonly tf.Tensor[];
}

/**
 * A layer that runs over the steps of a sequence and carries states along. Input `[batch, time, ...]`, or a list of it
 * and the initial states; output the sequence or its last step, and the final states after it where `returnState` asks
 * for them. Knows states from call to call, masks, and data with time first; what a step does is its subclass' matter.
 */
export abstract class StatefulLayer extends LayerWithStates {
  /** @internal */
  abstract readonly behaviour: Running;
  /** Set by a wrapper that holds several layers: keeps the names of their variables apart. */
  variablePrefix = '';
  /** Between calls of a stateful layer; zeros while undefined. */
  private states: tf.Tensor[] | undefined;

  /** The names of the states, in the order in which they are passed and returned. */
  abstract get stateNames(): readonly string[];
  /** The library's names of its arrays, in the order of `getWeights()`. */
  abstract get arrayNames(): string[];
  /**
   * What masked steps do.
   * @internal
   */
  abstract get maskRule(): MaskRule;
  /** How many values each state has for each row (and place); one number where all have as many. */
  abstract get stateSizes(): number | readonly number[];
  /** Whether it begins with the last step. */
  abstract get goesBackwards(): boolean;
  /** What Bidirectional changes in the config of the layers that it makes of this one. */
  abstract insideBidirectional(): Readonly<Record<string, unknown>>;
  /**
   * Arrays of the library in the layer's own layout, where a file has them in another one, which their shapes tell.
   * @returns undefined where they are in the layer's own layout, or in none that is known
   * @throws CarryoverError `E_WEIGHTS` where they are of no use to this layer
   * @internal
   */
  abstract fromOtherArrays(arrays: readonly ArrayData[]): readonly ArrayData[] | undefined;
  /**
   * Gradients of the layer's arrays as those of the arrays that another layout has in their place.
   * @returns undefined where these shapes are those of the layer's own arrays
   * @internal
   */
  gradientsOfOther(
    _gradients: readonly ArrayData[],
    _shapes: readonly (readonly number[])[],
  ): readonly ArrayData[] | undefined {
    return undefined;
  }

  /**
   * The shapes of the whole sequence of outputs and of the states, of an input with its batch first.
   * @internal
   */
  protected abstract shapesOf(inputShape: Shape): [sequence: Shape, ...states: Shape[]];
  /**
   * Runs over a sequence.
   * @param x `[batch, time, ...]`
   * @param mask `[batch, time]`
   * @param initial zeros where there is none
   * @internal
   */
  protected abstract run(
    x: tf.Tensor,
    mask: tf.Tensor | undefined,
    initial: StateTensors,
    training: boolean,
  ): Ran;

  /** What the inputs after x are. All states in order, where nothing else is said. */
  protected get given(): readonly string[] {
    return this.stateNames;
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: Kwargs = {}): tf.Tensor | tf.Tensor[] {
    const passedMask = takeMask(kwargs);
    return tf.tidy(() => {
      const [x, ...rest] = Array.isArray(inputs) ? inputs : [inputs];
      const {mask = passedMask, ...given} = this.named(rest);
      this.checkMask(mask);
      const {returnSequences, returnState, stateful, timeMajor, ignoresMask} = this.behaviour;
      const turned = (tensor: tf.Tensor): tf.Tensor => (timeMajor ? batchFirst(tensor) : tensor);
      const heeded = ignoresMask ? undefined : mask;
      const ran = this.run(
        turned(x!),
        heeded && turned(heeded),
        this.initialStates(given),
        kwargs.training === true,
      );
      if (stateful) this.keepStates(ran.states);
      const y = returnSequences ? turned(ran.y) : ran.y;
      return returnState ? [y, ...ran.states] : y;
    });
  }

  private checkMask(mask: tf.Tensor | undefined): void {
    const {needsMask, takesNoMask} = this.behaviour;
    if (needsMask && !mask) {
      throw new CarryoverError(
        'E_USAGE',
        `layer '${this.name}' runs backwards and needs a mask, [batch, time]`,
        {layer: this.name},
      );
    }
    if (takesNoMask && mask) {
      throw new CarryoverError('E_USAGE', `layer '${this.name}' ${takesNoMask}`, {layer: this.name});
    }
  }

  /** The inputs after x by what they are. */
  private named(rest: readonly tf.Tensor[]): StateTensors {
    const names = this.given;
    if (rest.length > 0 && rest.length !== names.length) {
      throw new CarryoverError(
        'E_SHAPE',
        `layer '${this.name}' was given ${rest.length} initial states; expected ${names.length} (${names.join(', ')})`,
      );
    }
    return rest.length === 0 ? {} : Object.fromEntries(names.map((name, k) => [name, rest[k]!]));
  }

  private initialStates(given: StateTensors): StateTensors {
    const {states} = this;
    if (!states) return given;
    const kept = Object.fromEntries(this.stateNames.map((name, k) => [name, states[k]!]));
    const both = Object.keys(given).length > 0;
    if (!both || !this.behaviour.keptStatesFirst) return {...kept, ...given};
    const counts = states.map(state => tf.sum(tf.cast(tf.notEqual(state, 0), 'float32')));
    const first = tf.cast(tf.greater(tf.addN(counts), 0), 'float32');
    const chosen = Object.entries(given).map(([name, state]) => [
      name,
      tf.add(tf.mul(kept[name]!, first), tf.mul(state!, tf.sub(1, first))),
    ]);
    return {...kept, ...Object.fromEntries(chosen)};
  }

  private keepStates(states: readonly tf.Tensor[]): void {
    this.forgetStates();
    this.states = states.map(state => tf.keep(tf.clone(state)));
  }

  /** Frees everything but the layer's variables. */
  forget(): void {
    this.forgetStates();
  }

  /** Frees the states of a stateful layer; the next call starts from zeros. */
  forgetStates(): void {
    for (const state of this.states ?? []) state.dispose();
    this.states = undefined;
  }

  /**
   * Sets the states of a stateful layer: to zero, or to the given ones, `[batch, units]` each, in the order of
   * `stateNames`.
   */
  override resetStates(states?: tf.Tensor | tf.Tensor[]): void {
    if (!this.behaviour.stateful) {
      throw new CarryoverError(
        'E_USAGE',
        `layer '${this.name}' is not stateful: build it with stateful: true`,
      );
    }
    this.forgetStates();
    if (!states) return;
    const list = Array.isArray(states) ? states : [states];
    if (list.length !== this.stateNames.length) {
      throw new CarryoverError(
        'E_SHAPE',
        `layer '${this.name}' has ${this.stateNames.length} states (${this.stateNames.join(', ')}), got ${list.length}`,
      );
    }
    this.keepStates(list);
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape | Shape[] {
    const {returnSequences, returnState, timeMajor} = this.behaviour;
    const first = firstShape(inputShape);
    const [sequence, ...states] = this.shapesOf(timeMajor ? swapped(first) : first);
    const whole = timeMajor ? swapped(sequence) : sequence;
    const y = returnSequences ? whole : [sequence[0]!, ...sequence.slice(2)];
    return returnState ? [y, ...states] : y;
  }

  override computeMask(
    _inputs: tf.Tensor | tf.Tensor[],
    mask?: tf.Tensor | tf.Tensor[],
  ): tf.Tensor | tf.Tensor[] {
    const own = Array.isArray(mask) ? mask[0] : mask;
    const passed = this.behaviour.returnSequences ? (own ?? null) : null;
    // tfjs' types have no word for "no mask", which is null.
    const masks = this.behaviour.returnState ? [passed, ...this.stateNames.map(() => null)] : passed;
    return masks as unknown as tf.Tensor | tf.Tensor[];
  }

  override dispose(): ReturnType<layers.Layer['dispose']> {
    const result = super.dispose();
    if (result.refCountAfterDispose === 0) this.forget();
    return result;
  }
}

/** The shape of the first input. */
export function firstShape(shape: Shape | Shape[]): Shape {
  return (Array.isArray(shape[0]) ? shape[0] : shape) as Shape;
}

/** A shape with its first two dimensions the other way round. */
export function swapped([first, second, ...rest]: Shape): Shape {
  return [second!, first!, ...rest];
}

/** The first two axes the other way round. */
function batchFirst(tensor: tf.Tensor): tf.Tensor {
  return tf.transpose(tensor, [1, 0, ...tensor.shape.slice(2).map((_, k) => k + 2)]);
}
