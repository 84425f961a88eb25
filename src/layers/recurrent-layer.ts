import type * as tf from '@tensorflow/tfjs-core';
import {reshape} from '@tensorflow/tfjs-core';
import type {layers, Shape} from '@tensorflow/tfjs-layers';
import type {Behaviour, Dialect} from '../dialects/dialect';
import {float32} from '../engines/float32';
import {runRecurrence} from '../engines/kernel';
import type {TensorsOf} from '../engines/types';
import {CarryoverError} from '../errors';
import {type MaskRule, type Recurrence, STATES, type StateName, stateSize} from '../recurrence/types';
import {spread} from './canonical';
import {enforceConstraint} from './constraints';
import {dropped} from './dropout';
import {DialectInstance, type LayerConfig} from './instance';
import type {ArrayData} from './other-arrays';
import {firstShape, type Ran, StatefulLayer, type StateTensors, swapped} from './stateful-layer';

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
export abstract class RecurrentLayer extends StatefulLayer {
  /** @internal */
  readonly behaviour: Behaviour;
  private readonly instance: DialectInstance;
  /** What engines are given, the same object at every call: they know it again. */
  private readonly plain: Recurrence;
  private readonly givenInputs: CommonArgs['given'];
  /** For arrays with a row for each row of a batch. */
  private readonly batch: number | undefined;

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
    this.givenInputs = (config.given as CommonArgs['given']) ?? undefined;
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

  /** @internal */
  fromOtherArrays(arrays: readonly ArrayData[]): readonly ArrayData[] | undefined {
    return this.instance.fromOtherArrays(arrays);
  }

  /** @internal */
  override gradientsOfOther(
    gradients: readonly ArrayData[],
    shapes: readonly (readonly number[])[],
  ): readonly ArrayData[] | undefined {
    return this.instance.gradientsOfOther(gradients, shapes);
  }

  /** The names of the states, in the order in which they are passed and returned. */
  get stateNames(): readonly StateName[] {
    return STATES[this.recurrence.cell];
  }

  /** @internal */
  get maskRule(): MaskRule {
    return this.recurrence.mask;
  }

  /** How many values a state has for each row. */
  get stateSizes(): number {
    return this.behaviour.units;
  }

  /** Whether it begins with the last step. */
  get goesBackwards(): boolean {
    return this.recurrence.direction === 'backward';
  }

  /** What Bidirectional changes in the config of the layers that it makes of this one. */
  insideBidirectional(): Readonly<Record<string, unknown>> {
    return this.dialect.insideBidirectional?.(this.args, this.version) ?? {};
  }

  protected override get given(): readonly string[] {
    return this.givenInputs ?? this.stateNames;
  }

  override build(inputShape: Shape | Shape[]): void {
    const first = firstShape(inputShape);
    const shape = this.flatShape(this.behaviour.timeMajor ? swapped(first) : first);
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

  /** @internal */
  protected run(x: tf.Tensor, mask: tf.Tensor | undefined, initial: StateTensors, training: boolean): Ran {
    const shape = this.flatShape(x.shape) as number[];
    const {returnSequences, returnState, stateful} = this.behaviour;
    const flat = shape.length === x.rank ? x : reshape(x, shape);
    const wanted = returnState || stateful;
    const {y, states} = runRecurrence(
      ...this.prepare(flat, mask, initial, training),
      returnSequences ? 'sequence' : 'last',
      wanted,
    );
    return {y, states: wanted ? this.stateNames.map(name => states[name]!) : []};
  }

  /** The recurrence of this very call and its tensors. */
  private prepare(
    x: tf.Tensor,
    mask: tf.Tensor | undefined,
    given: TensorsOf<StateName>,
    training: boolean,
  ): [Recurrence, Parameters<typeof runRecurrence>[1]] {
    const {weights, initial: learned} = this.instance.canonicalArrays();
    const initial = {...spread(learned, x.shape[0]!), ...given};
    const inputs = {x: float32(x), mask, initial, weights, dropout: {}};
    return training ? dropped(this.plain, inputs, this.behaviour.dropout) : [this.plain, inputs];
  }

  /** Frees everything but the layer's variables. */
  override forget(): void {
    this.instance.dispose();
    super.forget();
  }

  /** @internal */
  protected shapesOf([batch, time]: Shape): [sequence: Shape, ...states: Shape[]] {
    const states = this.stateNames.map((name): Shape => [batch!, stateSize(this.recurrence, name)]);
    return [[batch!, time!, this.behaviour.units], ...states];
  }

  override getConfig(): tf.serialization.ConfigDict {
    const {givenInputs: given, batch: batchSize} = this;
    const config = {
      ...super.getConfig(),
      ...this.instance.config(),
      ...(given && {given}),
      ...(batchSize && {batchSize}),
    };
    return config as unknown as tf.serialization.ConfigDict;
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
