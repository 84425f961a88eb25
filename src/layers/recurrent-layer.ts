import * as tf from '@tensorflow/tfjs-core';
import {layers, type Shape, type SymbolicTensor} from '@tensorflow/tfjs-layers';
import type {Behaviour, Dialect} from '../dialects/dialect';
import {float32} from '../engines/float32';
import {runRecurrence} from '../engines/kernel';
import type {TensorsOf} from '../engines/types';
import {CarryoverError} from '../errors';
import {recordOf} from '../recurrence/records';
import {type Recurrence, STATES, type StateName} from '../recurrence/types';
import {
  type AnyInputs,
  type AnyOutputs,
  applyWithStates,
  type CallArguments,
  type SymbolicTensors,
  type Tensors,
} from './apply';
import {spread} from './canonical';
import {enforceConstraint} from './constraints';
import {dropped} from './dropout';
import {DialectInstance, type LayerConfig} from './instance';
import {type Kwargs, takeMask} from './plain/base';

/** What every recurrent layer takes beside its library's arguments. */
export interface CommonArgs {
  readonly name?: string;
  readonly trainable?: boolean;
  readonly inputShape?: Shape;
  readonly batchInputShape?: Shape;
  readonly batchSize?: number;
  /** Initial values of the arrays. */
  readonly weights?: tf.Tensor[];
  /** The release whose behaviour is meant. */
  readonly version?: string;
  /** What the inputs after x are: `mask`, or states (`h`, `c`). All states in order by default. */
  readonly given?: readonly (StateName | 'mask')[];
}

/**
 * A tfjs layer that behaves as one library's recurrent layer. Input `[batch, time, features]`, or a list of it
 * and the initial states `[batch, units]`; output `[batch, time, units]` or `[batch, units]`, and the final
 * states after it where the library's `return_state` asks for them.
 */
export abstract class RecurrentLayer extends layers.Layer {
  /** @internal */
  readonly behaviour: Behaviour;
  /** Set by a wrapper that holds several layers: keeps the names of their variables apart. */
  variablePrefix = '';
  private readonly instance: DialectInstance;
  /** What engines are given, the same object at every call: they know it again. */
  private readonly plain: Recurrence;
  /** What the inputs after x are: `mask` or states. All states in order, where nothing else is said. */
  private readonly given: CommonArgs['given'];
  /** For arrays with a row for each row of a batch. */
  private readonly batch: number | undefined;
  /** Between calls of a stateful layer; zeros while undefined. */
  private states: tf.Tensor[] | undefined;

  constructor(
    config: LayerConfig,
    /** What the library calls the layer and how it means it. */
    readonly dialect: Dialect,
  ) {
    super(tfjsArguments(config) as ConstructorParameters<typeof layers.Layer>[0]);
    this.batch = (config.batchSize as number | undefined) ?? undefined;
    this.instance = new DialectInstance(dialect, config, this.batch);
    this.behaviour = dialect.behaviour(this.args, this.version);
    this.plain = {...this.recurrence, input: 'features'};
    this._stateful = this.behaviour.stateful;
    this.given = (config.given as CommonArgs['given']) ?? undefined;
    this.supportsMasking = true;
  }

  /**
   * The library's arguments, defaults of the release included.
   * @internal
   */
  get args(): DialectInstance['args'] {
    return this.instance.args;
  }

  /** The release whose behaviour this is. */
  get version(): string {
    return this.instance.version;
  }

  /**
   * What the arguments mean.
   * @internal
   */
  get recurrence(): DialectInstance['recurrence'] {
    return this.instance.recurrence;
  }

  /**
   * How many features the input has, told from the shapes of the library's arrays, in their order.
   * @internal
   */
  inputSizeOf(shapes: readonly (readonly number[])[]): number {
    return this.instance.inputSizeOf(shapes);
  }

  /** The names of the states, in the order in which they are passed and returned. */
  get stateNames(): readonly StateName[] {
    return STATES[this.recurrence.cell];
  }

  override build(inputShape: Shape | Shape[]): void {
    const shape = this.flatShape(firstShape(inputShape));
    const features = shape[2];
    if (shape.length !== 3 || features == null) {
      throw new CarryoverError(
        'E_SHAPE',
        `layer '${this.name}' got an input of shape [${shape.map(n => n ?? 'null').join(', ')}]; ` +
          'expected [batch, time, features] with the features known',
      );
    }
    const variables = this.instance.build(features, this.name, this.variablePrefix, (...weight) =>
      this.addWeight(...weight),
    );
    for (const variable of variables) enforceConstraint(variable);
    this.built = true;
  }

  /** All dimensions after time as one, where the library takes more than three. */
  private flatShape(shape: Shape): Shape {
    if (!this.behaviour.flattens || shape.length <= 3) return shape;
    const rest = shape.slice(2);
    const known = rest.every(n => n !== null);
    return [shape[0]!, shape[1]!, known ? (rest as number[]).reduce((a, b) => a * b, 1) : null];
  }

  /** The library's names of its arrays, in the order of `getWeights()`. */
  get arrayNames(): string[] {
    return this.instance.arrayNames;
  }

  /**
   * As in tfjs' RNN, `initialState` may be given by name; it joins the inputs. Of a layer that returns its states the
   * result is a list: `apply<tf.Tensor[]>(x)`.
   */
  override apply<T extends Tensors = tf.Tensor>(inputs: Tensors, kwargs?: CallArguments): T;
  override apply<T extends SymbolicTensors = SymbolicTensor>(
    inputs: SymbolicTensors,
    kwargs?: CallArguments,
  ): T;
  override apply(inputs: AnyInputs, kwargs?: CallArguments): AnyOutputs;
  override apply(inputs: AnyInputs, kwargs: CallArguments = {}): AnyOutputs {
    return applyWithStates((...call) => super.apply(...call), inputs, kwargs);
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: Kwargs = {}): tf.Tensor | tf.Tensor[] {
    const passedMask = takeMask(kwargs);
    return tf.tidy(() => {
      const [x, ...rest] = Array.isArray(inputs) ? inputs : [inputs];
      const {mask = passedMask, ...given} = this.named(rest);
      if (this.behaviour.needsMask && !mask) {
        throw new CarryoverError(
          'E_USAGE',
          `layer '${this.name}' runs backwards and needs a mask, [batch, time]`,
        );
      }
      const shape = this.flatShape(x!.shape) as number[];
      const {returnSequences, returnState, stateful} = this.behaviour;
      const flat = shape.length === x!.rank ? x! : tf.reshape(x!, shape);
      const {y, states} = runRecurrence(
        ...this.prepare(flat, this.behaviour.ignoresMask ? undefined : mask, given, kwargs.training === true),
        returnSequences ? 'sequence' : 'last',
        returnState || stateful,
      );
      if (!returnState && !stateful) return y;
      const list = this.stateNames.map(name => states[name]!);
      if (stateful) this.keepStates(list);
      return returnState ? [y, ...list] : y;
    });
  }

  /** The recurrence of this very call and its tensors. */
  private prepare(
    x: tf.Tensor,
    mask: tf.Tensor | undefined,
    given: TensorsOf<StateName>,
    training: boolean,
  ): [Recurrence, Parameters<typeof runRecurrence>[1]] {
    const {weights, initial: learned} = this.instance.canonicalArrays();
    const initial = {...spread(learned, x.shape[0]!), ...this.keptStates(), ...given};
    const inputs = {x: float32(x), mask, initial, weights, dropout: {}};
    return training ? dropped(this.plain, inputs, this.behaviour.dropout) : [this.plain, inputs];
  }

  /** The inputs after x by what they are. */
  private named(rest: readonly tf.Tensor[]): TensorsOf<StateName | 'mask'> {
    const names = this.given ?? this.stateNames;
    if (rest.length > 0 && rest.length !== names.length) {
      throw new CarryoverError(
        'E_SHAPE',
        `layer '${this.name}' was given ${rest.length} initial states; expected ${names.length} (${names.join(', ')})`,
      );
    }
    return rest.length === 0 ? {} : recordOf(names, (_, k) => rest[k]!);
  }

  private keptStates(): TensorsOf<StateName> {
    const {states} = this;
    return states ? recordOf(this.stateNames, (_, k) => states[k]!) : {};
  }

  private keepStates(states: readonly tf.Tensor[]): void {
    this.forgetStates();
    this.states = states.map(state => tf.keep(tf.clone(state)));
  }

  /** Frees everything but the layer's variables. */
  forget(): void {
    this.instance.dispose();
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
    const [batch, time] = firstShape(inputShape) as [number | null, number | null];
    const {units, returnSequences, returnState} = this.behaviour;
    const y: Shape = returnSequences ? [batch, time, units] : [batch, units];
    return returnState ? [y, ...this.stateNames.map((): Shape => [batch, units])] : y;
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

  override getConfig(): tf.serialization.ConfigDict {
    const {given, batch: batchSize} = this;
    const config = {
      ...super.getConfig(),
      ...this.instance.config(),
      ...(given && {given}),
      ...(batchSize && {batchSize}),
    };
    return config as unknown as tf.serialization.ConfigDict;
  }

  override dispose(): ReturnType<layers.Layer['dispose']> {
    const result = super.dispose();
    if (result.refCountAfterDispose === 0) this.forget();
    return result;
  }
}

/** What tfjs' Layer itself takes; the input shape from `inputDim` and `inputLength` where old code gives those. */
function tfjsArguments(config: LayerConfig): Record<string, unknown> {
  const {name, trainable, dtype, weights, batchSize, inputShape, batchInputShape} = config;
  const features = config.inputDim ?? config.input_dim;
  const length = config.inputLength ?? config.input_length ?? null;
  const result: Record<string, unknown> = {name, trainable, dtype, weights, batchSize};
  if (batchInputShape) result.batchInputShape = batchInputShape;
  else if (inputShape) result.inputShape = inputShape;
  else if (features) result.inputShape = [length, features];
  return Object.fromEntries(
    Object.entries(result).filter(([, value]) => value !== undefined && value !== null),
  );
}

function firstShape(shape: Shape | Shape[]): Shape {
  return (Array.isArray(shape[0]) ? shape[0] : shape) as Shape;
}
