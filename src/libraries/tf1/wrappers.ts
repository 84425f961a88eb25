import * as tf from '@tensorflow/tfjs-core';
import type {Shape} from '@tensorflow/tfjs-layers';
import {CompositeCell} from '../../layers/composite-cell';
import {stepsOf} from '../../layers/pieces';
import type {SequenceCell, SequenceOptions, SequenceResult, StateSlot} from '../../layers/sequence-cell';

/** What a wrapper is made of. */
export interface WrapperArgs {
  /** The cell inside. */
  readonly cell?: SequenceCell;
  /** As saved: the wrapped cell alone. */
  readonly cells?: readonly SequenceCell[];
  /** Default: made up by tfjs. */
  readonly name?: string;
}

/** A cell around another one, with its states and arrays. */
abstract class CellWrapper extends CompositeCell {
  constructor({cell, cells, name}: WrapperArgs) {
    super(cells ?? (cell ? [cell] : []), {name});
  }

  protected get cell(): SequenceCell {
    return this.cells[0]!;
  }

  get outputSize(): number {
    return this.cell.outputSize;
  }

  get stateSlots(): readonly StateSlot[] {
    return this.cell.stateSlots;
  }
}

/** Adds the cell's input to its output. Source: rnn_cell_impl.py, ResidualWrapper, of TensorFlow 1.15.5. */
export class ResidualWrapper extends CellWrapper {
  static readonly className = 'CarryoverResidualWrapper';

  runSequence(x: tf.Tensor, options: SequenceOptions): SequenceResult {
    const {y, states} = this.cell.runSequence(x, options);
    // Where the step does not count the output stays zero.
    const through = options.mask ? tf.mul(x, tf.expandDims(tf.cast(options.mask, 'float32'), 2)) : x;
    return {y: tf.add(y, through), states};
  }
}
tf.serialization.registerClass(
  ResidualWrapper as unknown as Parameters<typeof tf.serialization.registerClass>[0],
);

/** What a DropoutWrapper is made of. */
export interface DropoutWrapperArgs extends WrapperArgs {
  /** Probabilities to keep a value. Default 1. */
  readonly inputKeepProb?: number;
  /** As `inputKeepProb`, of the output. */
  readonly outputKeepProb?: number;
  /** As `inputKeepProb`, of the state. */
  readonly stateKeepProb?: number;
  /** The same masks at every step (Gal & Ghahramani 2015). Default false. */
  readonly variationalRecurrent?: boolean;
}

/**
 * Dropout on a cell's input, output and state, in training alone. Kept values are scaled up. State dropout
 * spares the memory of an LSTM. Source: rnn_cell_impl.py, DropoutWrapper, of TensorFlow 1.15.5.
 */
export class DropoutWrapper extends CellWrapper {
  static readonly className = 'CarryoverDropoutWrapper';
  private readonly keep: {readonly input: number; readonly output: number; readonly state: number};
  private readonly variational: boolean;

  constructor(args: DropoutWrapperArgs) {
    super(args);
    const {inputKeepProb = 1, outputKeepProb = 1, stateKeepProb = 1, variationalRecurrent = false} = args;
    this.keep = {input: inputKeepProb, output: outputKeepProb, state: stateKeepProb};
    this.variational = variationalRecurrent;
  }

  runSequence(x: tf.Tensor, options: SequenceOptions): SequenceResult {
    if (!options.training) return this.cell.runSequence(x, options);
    const thinned = this.drop(x, this.keep.input);
    const {y, states} =
      this.keep.state < 1 ? this.stepByStep(thinned, options) : this.cell.runSequence(thinned, options);
    return {y: this.drop(y, this.keep.output), states};
  }

  /** A mask per step, or one for all of them. */
  private drop(x: tf.Tensor, keep: number): tf.Tensor {
    if (keep >= 1) return x;
    const noise = this.variational ? [x.shape[0]!, 1, x.shape[2]!] : x.shape;
    return tf.mul(x, tf.dropout(tf.ones(noise), 1 - keep));
  }

  /** The state changes between steps, so that each is a call of its own. */
  private stepByStep(x: tf.Tensor, options: SequenceOptions): SequenceResult {
    const steps = stepsOf(x);
    const masks = options.mask && stepsOf(options.mask);
    if (options.backwards) {
      steps.reverse();
      masks?.reverse();
    }
    const fixed = this.cell.stateSlots.map(({size}) => this.stateMask([x.shape[0]!, size]));
    const outputs: tf.Tensor[] = [];
    let states = options.initial;
    for (const [k, step] of steps.entries()) {
      const mask = masks?.[k];
      const result = this.cell.runSequence(step, {...options, backwards: false, mask, initial: states});
      outputs.push(result.y);
      states = result.states.map((state, s) => {
        if (this.cell.stateSlots[s]!.name.split('.').at(-1) === 'c') return state;
        const noise = this.variational ? fixed[s]! : this.stateMask(state.shape);
        const fresh = tf.mul(state, noise);
        // A held state is held as it is.
        return mask ? tf.where(tf.cast(mask, 'bool'), fresh, state) : fresh;
      });
    }
    if (options.backwards) outputs.reverse();
    return {y: tf.concat(outputs, 1), states: states!};
  }

  private stateMask(shape: number[]): tf.Tensor {
    return tf.dropout(tf.ones(shape), 1 - this.keep.state);
  }

  override getConfig(): tf.serialization.ConfigDict {
    const {input, output, state} = this.keep;
    return {
      ...super.getConfig(),
      inputKeepProb: input,
      outputKeepProb: output,
      stateKeepProb: state,
      variationalRecurrent: this.variational,
    };
  }
}
tf.serialization.registerClass(
  DropoutWrapper as unknown as Parameters<typeof tf.serialization.registerClass>[0],
);

/** What an EmbeddingWrapper is made of. */
export interface EmbeddingWrapperArgs extends WrapperArgs {
  /** How many whole numbers there are. */
  readonly embeddingClasses: number;
  /** Size of what the cell is given. */
  readonly embeddingSize: number;
}

/**
 * Looks up an embedding of integer inputs `[batch, time, 1]` before the cell. Array: `embedding`, then the
 * cell's. Source: contrib/rnn/python/ops/core_rnn_cell.py, EmbeddingWrapper, of TensorFlow 1.15.5.
 */
export class EmbeddingWrapper extends CellWrapper {
  static readonly className = 'CarryoverEmbeddingWrapper';
  private readonly sizes: {readonly embeddingClasses: number; readonly embeddingSize: number};
  private table: ReturnType<EmbeddingWrapper['addWeight']> | undefined;

  constructor(args: EmbeddingWrapperArgs) {
    super(args);
    this.sizes = {embeddingClasses: args.embeddingClasses, embeddingSize: args.embeddingSize};
  }

  protected override featuresOf(): number {
    return this.sizes.embeddingSize;
  }

  override get arrayNames(): string[] {
    return ['embedding', ...super.arrayNames];
  }

  override build(inputShape: Shape | Shape[]): void {
    if (this.built) return;
    const {embeddingClasses, embeddingSize} = this.sizes;
    const limit = Math.sqrt(3);
    const uniform = {apply: (shape: number[]) => tf.randomUniform(shape, -limit, limit)};
    this.table = this.addWeight(
      `${this.variablePrefix}embedding`,
      [embeddingClasses, embeddingSize],
      'float32',
      uniform as unknown as Parameters<EmbeddingWrapper['addWeight']>[3],
    );
    super.build(inputShape);
  }

  override get trainableWeights(): CompositeCell['trainableWeights'] {
    return this.table && this.trainable ? [this.table, ...super.trainableWeights] : super.trainableWeights;
  }

  runSequence(x: tf.Tensor, options: SequenceOptions): SequenceResult {
    const indices = tf.cast(tf.reshape(x, x.shape.slice(0, 2)), 'int32');
    return this.cell.runSequence(tf.gather(this.table!.read(), indices), options);
  }

  override getConfig(): tf.serialization.ConfigDict {
    return {...super.getConfig(), ...this.sizes};
  }
}
tf.serialization.registerClass(
  EmbeddingWrapper as unknown as Parameters<typeof tf.serialization.registerClass>[0],
);
