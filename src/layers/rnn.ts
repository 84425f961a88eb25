import * as tf from '@tensorflow/tfjs-core';
import type {layers, Shape} from '@tensorflow/tfjs-layers';
import {CarryoverError} from '../errors';
import type {MaskRule} from '../recurrence/types';
import {restoreCell, type SavedCell, savedCell} from './composite-cell';
import {lossesOf, trainedOf, untrainedOf} from './inner-weights';
import type {ArrayData} from './other-arrays';
import type {SequenceCell} from './sequence-cell';
import {StackedRNNCells} from './stacked-rnn-cells';
import {
  firstShape,
  type Ran,
  type Running,
  StatefulLayer,
  type StateTensors,
  swapped,
  UNROLLED_BACKWARDS,
} from './stateful-layer';

/** What an RNN layer is made of. */
export interface RnnLayerArgs {
  /** The cell, or what `getConfig` made of it; a list of cells is a stack. */
  readonly cell: SequenceCell | SavedCell | readonly SequenceCell[];
  /** Default false. */
  readonly returnSequences?: boolean;
  /** Default false. */
  readonly returnState?: boolean;
  /** Default false. */
  readonly goBackwards?: boolean;
  /** Default false. */
  readonly stateful?: boolean;
  /** Data are `[time, batch, features]`. Default false. */
  readonly timeMajor?: boolean;
  /** A masked step puts out 0, where by default it repeats the output before. Default false. */
  readonly zeroOutputForMask?: boolean;
  /** Matters to Keras' own speed, and where masked steps put out 0 in a layer that runs backwards. Default false. */
  readonly unroll?: boolean;
  /** Initial states that a call is given count only while the kept ones are zero. Default false. */
  readonly keptStatesFirst?: boolean;
  /** Bidirectional has masked steps put out 0. Default false. */
  readonly zeroInBidirectional?: boolean;
  /** Default: made up by tfjs. */
  readonly name?: string;
  /** Whether training changes the arrays. Default true. */
  readonly trainable?: boolean;
  /** Of a first layer: `[batch, time, features]`, null where open. */
  readonly batchInputShape?: Shape;
  /** Of a first layer: `[time, features]`. */
  readonly inputShape?: Shape;
}

/**
 * Runs a cell, or a stack of cells, over sequences: `[batch, time, features]` in, or a list of it and the initial states;
 * out as of Keras' LSTM, all states of a stack one after another. Outputs of `goBackwards` stay in the order of
 * processing. Source: keras/layers/recurrent.py, RNN, of 2.3.1; keras/layers/rnn/base_rnn.py of tf.keras 2.15.
 */
export class Rnn extends StatefulLayer {
  /** The name under which tfjs saves and finds it. */
  static readonly className = 'CarryoverRNN';
  /** The cell, or the stack of cells. */
  readonly cell: SequenceCell;
  /** @internal */
  readonly behaviour: Running;
  readonly goesBackwards: boolean;
  private readonly settings: Pick<RnnLayerArgs, 'zeroOutputForMask' | 'zeroInBidirectional' | 'unroll'>;

  constructor(args: RnnLayerArgs) {
    const {cell, name, trainable, batchInputShape, inputShape} = args;
    super(given({name, trainable, batchInputShape, inputShape}));
    this.cell = cellOf(cell);
    const {returnSequences = false, returnState = false, stateful = false} = args;
    const {timeMajor = false, keptStatesFirst = false, goBackwards = false} = args;
    const {zeroOutputForMask = false, zeroInBidirectional = false, unroll = false} = args;
    const mirrored = unroll && goBackwards && zeroOutputForMask && zeroInBidirectional;
    this.behaviour = {
      ...{returnSequences, returnState, stateful, timeMajor, keptStatesFirst},
      ...(mirrored && {takesNoMask: UNROLLED_BACKWARDS}),
    };
    this.goesBackwards = goBackwards;
    this.settings = {zeroOutputForMask, zeroInBidirectional, unroll};
    this._stateful = stateful;
    this.supportsMasking = true;
  }

  get stateNames(): readonly string[] {
    const {stateSlots: slots} = this.cell;
    return slots.map(({name}) => name || 'h');
  }

  get arrayNames(): string[] {
    return [...this.cell.arrayNames];
  }

  /** @internal */
  get maskRule(): MaskRule {
    return this.settings.zeroOutputForMask ? 'holdZero' : 'holdRepeat';
  }

  get stateSizes(): number | readonly number[] {
    const sizes = this.cell.stateSlots.map(({size}) => size);
    return new Set(sizes).size === 1 ? sizes[0]! : sizes;
  }

  insideBidirectional(): Readonly<Record<string, unknown>> {
    return this.settings.zeroInBidirectional ? {zeroOutputForMask: this.behaviour.returnSequences} : {};
  }

  /** See `RecurrentLayer.fromOtherArrays`. */
  fromOtherArrays(arrays: readonly ArrayData[]): readonly ArrayData[] | undefined {
    return this.cell.fromOtherArrays(arrays);
  }

  /** Whether weights start from zeros, which a file replaces. */
  override setFastWeightInitDuringBuild(value: boolean): void {
    super.setFastWeightInitDuringBuild(value);
    this.cell.setFastWeightInitDuringBuild(value);
  }

  override build(inputShape: Shape | Shape[]): void {
    const first = firstShape(inputShape);
    const [batch, , ...step] = this.behaviour.timeMajor ? swapped(first) : first;
    this.cell.variablePrefix = this.variablePrefix;
    this.cell.build([batch!, ...step]);
    this.cell.built = true;
    this.built = true;
  }

  /** @internal */
  protected run(x: tf.Tensor, mask: tf.Tensor | undefined, initial: StateTensors, training: boolean): Ran {
    const {returnSequences} = this.behaviour;
    const backwards = this.goesBackwards;
    const states = this.stateNames.map(
      (name, k) => initial[name] ?? tf.zeros([x.shape[0]!, this.cell.stateSlots[k]!.size]),
    );
    const {y, states: final} = this.cell.runSequence(x, {
      mask,
      training,
      backwards,
      rule: this.maskRule,
      returns: returnSequences ? 'sequence' : 'last',
      initial: Object.keys(initial).length > 0 ? states : undefined,
    });
    if (returnSequences) return {y: backwards ? tf.reverse(y, 1) : y, states: final};
    if (y.rank === 2) return {y, states: final};
    const last = backwards ? 0 : y.shape[1]! - 1;
    return {y: tf.squeeze(tf.slice(y, [0, last, 0], [-1, 1, -1]), [1]), states: final};
  }

  /** @internal */
  protected shapesOf([batch, time]: Shape): [sequence: Shape, ...states: Shape[]] {
    const states = this.cell.stateSlots.map(({size}): Shape => [batch!, size]);
    return [[batch!, time!, this.cell.outputSize], ...states];
  }

  /** What the inner weights cost. */
  override get losses(): layers.Layer['losses'] {
    return lossesOf([this.cell]);
  }

  override get trainableWeights(): layers.Layer['trainableWeights'] {
    return trainedOf(this.trainable, [this.cell]);
  }

  override get nonTrainableWeights(): layers.Layer['nonTrainableWeights'] {
    return untrainedOf(this.trainable, [this.cell]);
  }

  override getConfig(): tf.serialization.ConfigDict {
    const {returnSequences, returnState, stateful, timeMajor, keptStatesFirst} = this.behaviour;
    return {
      ...super.getConfig(),
      cell: savedCell(this.cell),
      ...{returnSequences, returnState, stateful},
      ...{timeMajor: timeMajor!, keptStatesFirst: keptStatesFirst!},
      ...(this.settings as tf.serialization.ConfigDict),
      goBackwards: this.goesBackwards,
    };
  }

  override forget(): void {
    super.forget();
    this.cell.forget();
  }
}
tf.serialization.registerClass(Rnn as unknown as Parameters<typeof tf.serialization.registerClass>[0]);

function cellOf(cell: RnnLayerArgs['cell'] | undefined): SequenceCell {
  if (Array.isArray(cell)) return new StackedRNNCells({cells: cell as readonly SequenceCell[]});
  if (typeof cell === 'object' && 'runSequence' in cell) return cell;
  if (typeof cell === 'object' && 'className' in cell) return restoreCell(cell);
  throw new CarryoverError('E_USAGE', 'an RNN layer needs a cell of Carryover, or a list of such cells');
}

/** The arguments that are there: tfjs' Layer takes no undefined ones. */
function given(args: Readonly<Record<string, unknown>>): ConstructorParameters<typeof layers.Layer>[0] {
  return Object.fromEntries(
    Object.entries(args).filter(([, value]) => value !== undefined && value !== null),
  );
}
