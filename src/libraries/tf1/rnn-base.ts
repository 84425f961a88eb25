import * as tf from '@tensorflow/tfjs-core';
import {layers, type Shape, type SymbolicTensor} from '@tensorflow/tfjs-layers';
import {CarryoverError} from '../../errors';
import type {AnyInputs, AnyOutputs, CallArguments, SymbolicTensors, Tensors} from '../../layers/apply';
import {trainedOf, untrainedOf} from '../../layers/inner-weights';
import {type Kwargs, takeMask} from '../../layers/plain/base';
import type {SequenceCell} from '../../layers/sequence-cell';

/** What `dynamicRnn` and `staticRnn` take. */
export interface RnnArgs {
  /** The cell that runs over the sequence. */
  readonly cell: SequenceCell;
  /** Data are `[time, batch, features]`. Default false. */
  readonly timeMajor?: boolean;
  /** x is one step, `[batch, features]`, and so is y. Default false. */
  readonly singleStep?: boolean;
  /** The second input holds each row's length, `[batch]`. Told by `apply(x, {sequenceLength})`. */
  readonly sequenceLength?: boolean;
  /** Default: made up by tfjs. */
  readonly name?: string;
  /** Whether training changes the arrays. Default true. */
  readonly trainable?: boolean;
}

/** Arguments of a call by name. */
export interface SequenceArguments extends CallArguments {
  /** Each row's length, `[batch]`; steps from there on count for nothing. */
  readonly sequenceLength?: tf.Tensor | SymbolicTensor;
}

/**
 * Runs cells over sequences: `[x, (lengths), (initial states)]` in, `[y, final states]` out. Past a row's
 * length outputs are zero and the state is held.
 */
export abstract class SequenceLayer extends layers.Layer {
  readonly timeMajor: boolean;
  readonly singleStep: boolean;
  sequenceLength: boolean;

  constructor({
    cell: _cell,
    timeMajor = false,
    singleStep = false,
    sequenceLength = false,
    ...others
  }: RnnArgs) {
    super(others);
    this.timeMajor = timeMajor;
    this.singleStep = singleStep;
    this.sequenceLength = sequenceLength;
    this.supportsMasking = false;
  }

  abstract readonly cells: readonly SequenceCell[];
  /** The names of the outputs, in order: `y`, `state.c`, ... */
  abstract readonly outputNames: readonly string[];
  /** What `call` has put together, for the cells. */
  protected abstract runCells(
    x: tf.Tensor,
    mask: tf.Tensor | undefined,
    initial: tf.Tensor[],
    training: boolean,
  ): tf.Tensor[];
  protected abstract prefixOf(k: number): string;

  /** The library's names of the arrays, in the order of `getWeights()`. */
  get arrayNames(): string[] {
    return this.cells.flatMap((cell, k) => cell.arrayNames.map(name => this.prefixOf(k) + name));
  }

  /** The initial states that can be given, in order: `state.c`, `fw.state`, ... */
  get stateNames(): string[] {
    return this.outputNames.filter(name => /(^|\.)state/.test(name));
  }

  /** Whether weights start from zeros, which a file replaces. */
  override setFastWeightInitDuringBuild(value: boolean): void {
    super.setFastWeightInitDuringBuild(value);
    for (const cell of this.cells) cell.setFastWeightInitDuringBuild(value);
  }

  override build(inputShape: Shape | Shape[]): void {
    const shape = (Array.isArray(inputShape[0]) ? inputShape[0] : inputShape) as Shape;
    for (const [k, cell] of this.cells.entries()) {
      cell.variablePrefix = this.prefixOf(k);
      cell.build(shape);
      cell.built = true;
    }
    this.built = true;
  }

  /**
   * `sequenceLength` (`[batch]`) and `initialState` join the inputs.
   * @returns the outputs, then all final states: see `outputNames`
   */
  override apply(inputs: Tensors, kwargs?: SequenceArguments): tf.Tensor[];
  override apply(inputs: SymbolicTensors, kwargs?: SequenceArguments): SymbolicTensor[];
  override apply(inputs: AnyInputs, kwargs?: SequenceArguments): AnyOutputs;
  override apply(inputs: AnyInputs, kwargs: SequenceArguments = {}): AnyOutputs {
    const {sequenceLength, initialState, ...others} = kwargs;
    if (sequenceLength !== undefined) this.sequenceLength = true;
    const list = [inputs, sequenceLength ?? [], statesOf(initialState)].flat() as tf.Tensor[];
    return super.apply(list.length === 1 ? list[0]! : list, others);
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: Kwargs = {}): tf.Tensor[] {
    takeMask(kwargs);
    return tf.tidy(() => {
      const [data, ...rest] = Array.isArray(inputs) ? inputs : [inputs];
      const lengths = this.sequenceLength ? rest.shift() : undefined;
      const wanted = this.stateNames;
      if (rest.length > 0 && rest.length !== wanted.length) {
        throw new CarryoverError(
          'E_SHAPE',
          `layer '${this.name}' was given ${rest.length} initial states; expected ${wanted.length} (${wanted.join(', ')})`,
        );
      }
      const x = this.toBatchMajor(data!);
      const mask = lengths && maskOf(lengths, x.shape[1]!);
      return this.runCells(x, mask, rest, kwargs.training === true);
    });
  }

  /** `[batch, time, features]` */
  private toBatchMajor(x: tf.Tensor): tf.Tensor {
    if (this.singleStep) return tf.expandDims(x, 1);
    return this.timeMajor ? tf.transpose(x, [1, 0, 2]) : x;
  }

  protected fromBatchMajor(y: tf.Tensor): tf.Tensor {
    if (this.singleStep) return tf.squeeze(y, [1]);
    return this.timeMajor ? tf.transpose(y, [1, 0, 2]) : y;
  }

  /** The shape of an output of a cell, and the shapes of its states. */
  protected shapesOf(cell: SequenceCell, inputShape: Shape | Shape[]): [y: Shape, states: Shape[]] {
    const shape = (Array.isArray(inputShape[0]) ? inputShape[0] : inputShape) as Shape;
    const batch = this.timeMajor ? shape[1]! : shape[0]!;
    return [[...shape.slice(0, -1), cell.outputSize], cell.stateSlots.map(({size}): Shape => [batch, size])];
  }

  override computeMask(): tf.Tensor[] {
    // tfjs' types have no word for "no mask", which is null.
    return this.outputNames.map(() => null) as unknown as tf.Tensor[];
  }

  override get trainableWeights(): layers.Layer['trainableWeights'] {
    return trainedOf(this.trainable, this.cells);
  }

  override get nonTrainableWeights(): layers.Layer['nonTrainableWeights'] {
    return untrainedOf(this.trainable, this.cells);
  }

  override getConfig(): tf.serialization.ConfigDict {
    const {timeMajor, singleStep, sequenceLength} = this;
    return {...super.getConfig(), timeMajor, singleStep, sequenceLength};
  }
}

/** The tensors of a state as a program has it: a tensor, an `LSTMStateTuple`, or a list of such. */
function statesOf(state: unknown): unknown[] {
  if (state === undefined) return [];
  if (Array.isArray(state)) return state.flatMap(statesOf);
  const {c, h} = state as {c?: unknown; h?: unknown};
  return c !== undefined && h !== undefined ? [c, h] : [state];
}

/** From lengths, `[batch]` or `[batch, 1]`: `[batch, time]`, 1 before a row's length, 0 from there on. */
function maskOf(lengths: tf.Tensor, time: number): tf.Tensor {
  const steps = tf.expandDims(tf.range(0, time, 1, 'int32'), 0);
  return tf.cast(tf.less(steps, tf.reshape(tf.cast(lengths, 'int32'), [-1, 1])), 'float32');
}
