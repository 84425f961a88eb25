import * as tf from '@tensorflow/tfjs-core';
import {layers, type Shape} from '@tensorflow/tfjs-layers';
import type {CellDialect, DropoutRule, StateLayout} from '../dialects/dialect';
import {float32} from '../engines/float32';
import {runRecurrence} from '../engines/kernel';
import type {TensorsOf} from '../engines/types';
import {CarryoverError} from '../errors';
import {recordOf} from '../recurrence/records';
import {outputSize, type Recurrence, STATES, type StateName, stateSize} from '../recurrence/types';
import {variant} from '../recurrence/variant';
import {dropped} from './dropout';
import {DialectInstance, type LayerConfig} from './instance';
import type {ArrayData} from './other-arrays';
import {piecesOf} from './pieces';
import type {SequenceCell, SequenceOptions, SequenceResult, StateSlot} from './sequence-cell';

/** A cell's state: one tensor, or several by name (`{c, h}`). */
export type CellState = tf.Tensor | Readonly<Record<string, tf.Tensor>>;

/**
 * One library's recurrent cell as a tfjs RNN cell: usable in `tf.layers.rnn({cell})` (states in tfjs' order,
 * the output's first), one step at a time with `step` (states as the library has them), and over whole
 * sequences by the layers of this package, in one kernel call.
 */
export abstract class DialectCell extends layers.RNNCell implements SequenceCell {
  /** How the library lists the states. */
  readonly layout: StateLayout;
  /** Set by what holds several cells: keeps the names of their variables apart. */
  variablePrefix = '';
  private readonly instance: DialectInstance;
  /** What engines are given; variants of it are the same objects at every call, so that they know them again. */
  private readonly plain: Recurrence;
  private readonly dropout: DropoutRule | undefined;

  constructor(
    config: LayerConfig,
    readonly dialect: CellDialect,
  ) {
    super({name: config.name as string | undefined, trainable: config.trainable as boolean | undefined});
    this.instance = new DialectInstance(dialect, config);
    this.plain = {...this.recurrence, input: 'features', direction: 'forward'};
    this.dropout = dialect.dropout?.(this.args, this.version);
    this.layout = dialect.states?.(this.args) ?? {order: STATES[this.recurrence.cell], joined: false};
  }

  /** The library's arguments, defaults filled in. */
  get args(): DialectInstance['args'] {
    return this.instance.args;
  }

  /** The release whose behaviour this is. */
  get version(): string {
    return this.instance.version;
  }

  /** What the arguments mean. */
  get recurrence(): DialectInstance['recurrence'] {
    return this.instance.recurrence;
  }

  /** Sizes of the states in tfjs' order: h, then c. */
  get stateSize(): number | number[] {
    const sizes = STATES[this.recurrence.cell].map(name => stateSize(this.recurrence, name));
    return sizes.length === 1 ? sizes[0]! : sizes;
  }

  get outputSize(): number {
    return outputSize(this.recurrence);
  }

  get stateSlots(): readonly StateSlot[] {
    const slots = this.layout.order.map(name => ({name, size: stateSize(this.recurrence, name)}));
    if (slots.length === 1) return [{name: '', size: slots[0]!.size}];
    if (!this.layout.joined) return slots;
    return [{name: '', size: slots.reduce((sum, {size}) => sum + size, 0)}];
  }

  /** The library's names of its arrays, in the order of `getWeights()`. */
  get arrayNames(): string[] {
    return this.instance.arrayNames;
  }

  /** See `RecurrentLayer.fromOtherArrays`. */
  fromOtherArrays(arrays: readonly ArrayData[]): readonly ArrayData[] | undefined {
    return this.instance.fromOtherArrays(arrays);
  }

  /** How many features the input has, told from the shapes of the library's arrays, in their order. */
  inputSizeOf(shapes: readonly (readonly number[])[]): number {
    return this.instance.inputSizeOf(shapes);
  }

  override build(inputShape: Shape | Shape[]): void {
    const shape = (Array.isArray(inputShape[0]) ? inputShape[0] : inputShape) as Shape;
    const features = shape.at(-1);
    if (features == null) {
      throw new CarryoverError(
        'E_SHAPE',
        `${this.dialect.className} '${this.name}': expected inputs.shape[-1] to be known, saw shape [${shape.map(n => n ?? 'null').join(', ')}]`,
      );
    }
    if (this.built) {
      this.checkInputSize(features);
      return;
    }
    this.instance.build(features, this.name, this.variablePrefix, (...weight) => this.addWeight(...weight));
    this.built = true;
  }

  /** A cell that several layers share is built by the first of them. */
  private checkInputSize(features: number): void {
    const {inputSize} = this.instance;
    if (features === inputSize) return;
    throw new CarryoverError(
      'E_SHAPE',
      `${this.dialect.className} '${this.name}' was built for ${inputSize} features; got ${features}`,
    );
  }

  /** tfjs' protocol: `[x, h]` or `[x, h, c]` in, `[y, h]` or `[y, h, c]` out. */
  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: {training?: boolean} = {}): tf.Tensor[] {
    return tf.tidy(() => {
      const [x, ...states] = Array.isArray(inputs) ? inputs : [inputs];
      const initial = recordOf(STATES[this.recurrence.cell], (_, k) => states[k]!);
      const {y, states: next} = this.run(tf.expandDims(x!, 1), {initial, returns: 'last', ...kwargs});
      return [y, ...STATES[this.recurrence.cell].map(name => next[name]!)];
    });
  }

  /**
   * One step with the state as the library has it.
   * @param x `[batch, features]`
   * @param state `{c, h}` for an LSTM with a tuple state, else one tensor; see `zeroState`
   * @returns the output `[batch, outputSize]` and the new state
   * @throws CarryoverError `E_SHAPE` for an input that is not a matrix
   */
  step(x: tf.Tensor, state: CellState): {y: tf.Tensor; state: CellState} {
    if (x.rank !== 2) {
      throw new CarryoverError(
        'E_SHAPE',
        `${this.dialect.className} takes inputs of rank 2, [batch, features]; got rank ${x.rank}`,
      );
    }
    if (!this.built) this.build(x.shape);
    const initial = state instanceof tf.Tensor ? [state] : this.stateSlots.map(({name}) => state[name]!);
    if (initial.some(value => !value)) {
      const names = this.stateSlots.map(slot => slot.name || 'one tensor').join(', ');
      throw new CarryoverError('E_SHAPE', `${this.dialect.className} needs all of its state: ${names}`);
    }
    const {y, states} = this.runSequence(tf.expandDims(x, 1), {initial});
    return {y: tf.squeeze(y, [1]), state: this.asState(states)};
  }

  /** The state before the first step: zeros, `[batch, size]` each. */
  zeroState(batch: number): CellState {
    return this.asState(this.stateSlots.map(({size}) => tf.zeros([batch, size])));
  }

  private asState(states: readonly tf.Tensor[]): CellState {
    const slots = this.stateSlots;
    return slots.length === 1 ? states[0]! : Object.fromEntries(slots.map(({name}, k) => [name, states[k]!]));
  }

  runSequence(x: tf.Tensor, options: SequenceOptions): SequenceResult {
    const given = options.initial && this.unpack(options.initial);
    const {y, states} = this.run(x, {returns: 'sequence', ...options, initial: given ?? {}});
    return {y, states: this.pack(states)};
  }

  private run(
    x: tf.Tensor,
    options: Omit<SequenceOptions, 'initial'> & {initial: TensorsOf<StateName>},
  ): ReturnType<typeof runRecurrence> {
    const {initial, mask, rule = this.plain.mask, backwards, training, returns} = options;
    const {weights} = this.instance.canonicalArrays();
    const recurrence = variant(this.plain, {mask: rule, direction: backwards ? 'backward' : 'forward'});
    const inputs = {x: float32(x), mask, initial, weights, dropout: {}};
    const call = training && this.dropout ? dropped(recurrence, inputs, this.dropout) : [recurrence, inputs];
    return runRecurrence(...(call as [Recurrence, typeof inputs]), returns ?? 'sequence');
  }

  /** tfjs' list of states (h, then c) as the library counts them. */
  fromTfjs(states: readonly tf.Tensor[]): tf.Tensor[] {
    return this.pack(recordOf(STATES[this.recurrence.cell], (_, k) => states[k]!));
  }

  /** The library's state tensors in tfjs' order. */
  toTfjs(states: readonly tf.Tensor[]): tf.Tensor[] {
    const canonical = this.unpack(states);
    return STATES[this.recurrence.cell].map(name => canonical[name]!);
  }

  /** The library's state tensors as canonical states. */
  private unpack(state: readonly tf.Tensor[]): TensorsOf<StateName> {
    const {order, joined} = this.layout;
    const slots = this.stateSlots;
    if (state.length !== slots.length) {
      throw new CarryoverError(
        'E_SHAPE',
        `${this.dialect.className} has ${slots.length} state tensors; got ${state.length}`,
      );
    }
    if (!joined) return recordOf(order, (_, k) => state[k]!);
    const sizes = order.map(name => stateSize(this.recurrence, name));
    const pieces = piecesOf(state[0]!, sizes, 1);
    return recordOf(order, (_, k) => pieces[k]!);
  }

  private pack(states: TensorsOf<StateName>): tf.Tensor[] {
    const ordered = this.layout.order.map(name => states[name]!);
    return this.layout.joined && ordered.length > 1 ? [tf.concat(ordered, 1)] : ordered;
  }

  /** Frees everything but the cell's variables. */
  forget(): void {
    this.instance.dispose();
  }

  override dispose(): ReturnType<layers.RNNCell['dispose']> {
    const result = super.dispose();
    if (result.refCountAfterDispose === 0) this.forget();
    return result;
  }

  override getConfig(): tf.serialization.ConfigDict {
    const {name} = this;
    return {...super.getConfig(), ...this.instance.config(), name} as tf.serialization.ConfigDict;
  }
}
