import type * as tf from '@tensorflow/tfjs-core';
import {serialization} from '@tensorflow/tfjs-core';
import type {Shape} from '@tensorflow/tfjs-layers';
import {restoreCell, type SavedCell, savedCell} from '../../layers/composite-cell';
import type {SequenceCell, StateSlot} from '../../layers/sequence-cell';
import {type RnnArgs, SequenceLayer} from './rnn-base';

export type {RnnArgs} from './rnn-base';

const stateName = (prefix: string, {name}: StateSlot): string => prefix + (name ? `state.${name}` : 'state');

/**
 * `dynamic_rnn` and `static_rnn` (which here differ in nothing: data are one tensor for both). Source:
 * tensorflow/python/ops/rnn.py of 1.15.5.
 */
export class DynamicRnn extends SequenceLayer {
  static readonly className = 'CarryoverDynamicRnn';
  readonly cell: SequenceCell;

  constructor(args: RnnArgs) {
    super(args);
    this.cell = args.cell;
  }

  get cells(): readonly SequenceCell[] {
    return [this.cell];
  }

  get outputNames(): readonly string[] {
    return ['y', ...this.cell.stateSlots.map(slot => stateName('', slot))];
  }

  protected prefixOf(): string {
    return '';
  }

  protected runCells(
    x: tf.Tensor,
    mask: tf.Tensor | undefined,
    initial: tf.Tensor[],
    training: boolean,
  ): tf.Tensor[] {
    const {y, states} = this.cell.runSequence(x, {
      mask,
      training,
      initial: initial.length ? initial : undefined,
    });
    return [this.fromBatchMajor(y), ...states];
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape[] {
    const [y, states] = this.shapesOf(this.cell, inputShape);
    return [y, ...states];
  }

  override getConfig(): tf.serialization.ConfigDict {
    return {...super.getConfig(), cell: savedCell(this.cell)};
  }

  static override fromConfig<T extends tf.serialization.Serializable>(
    cls: tf.serialization.SerializableConstructor<T>,
    config: tf.serialization.ConfigDict,
  ): T {
    const cell = restoreCell(config.cell as unknown as SavedCell);
    return new cls({...config, cell} as unknown as tf.serialization.ConfigDict);
  }
}
serialization.registerClass(DynamicRnn as unknown as Parameters<typeof serialization.registerClass>[0]);

/** What `bidirectionalDynamicRnn` and `staticBidirectionalRnn` take. */
export interface BidirectionalRnnArgs extends Omit<RnnArgs, 'cell' | 'singleStep'> {
  /** The cell that runs forwards. */
  readonly cellFw: SequenceCell;
  /** The cell that runs backwards. */
  readonly cellBw: SequenceCell;
}

/**
 * `bidirectional_dynamic_rnn` and `static_bidirectional_rnn`: `[y fw, y bw, states fw, states bw]` out. The
 * backward cell begins at each row's own last step; its outputs are in time order. Source:
 * tensorflow/python/ops/rnn.py of 1.15.5.
 */
export class BidirectionalRnn extends SequenceLayer {
  static readonly className = 'CarryoverBidirectionalRnn';
  readonly cellFw: SequenceCell;
  readonly cellBw: SequenceCell;

  constructor({cellFw, cellBw, ...others}: BidirectionalRnnArgs) {
    super({...others, cell: cellFw});
    this.cellFw = cellFw;
    this.cellBw = cellBw;
  }

  get cells(): readonly SequenceCell[] {
    return [this.cellFw, this.cellBw];
  }

  get outputNames(): readonly string[] {
    const states = (prefix: string, cell: SequenceCell): string[] =>
      cell.stateSlots.map(slot => stateName(prefix, slot));
    return ['fw.y', 'bw.y', ...states('fw.', this.cellFw), ...states('bw.', this.cellBw)];
  }

  protected prefixOf(k: number): string {
    return k === 0 ? 'fw/' : 'bw/';
  }

  protected runCells(
    x: tf.Tensor,
    mask: tf.Tensor | undefined,
    initial: tf.Tensor[],
    training: boolean,
  ): tf.Tensor[] {
    const count = this.cellFw.stateSlots.length;
    const halves = [initial.slice(0, count), initial.slice(count)];
    const [fwInitial, bwInitial] = halves.map(states => (states.length > 0 ? states : undefined));
    const fw = this.cellFw.runSequence(x, {mask, training, initial: fwInitial});
    const bw = this.cellBw.runSequence(x, {mask, training, backwards: true, initial: bwInitial});
    return [this.fromBatchMajor(fw.y), this.fromBatchMajor(bw.y), ...fw.states, ...bw.states];
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape[] {
    const [yFw, statesFw] = this.shapesOf(this.cellFw, inputShape);
    const [yBw, statesBw] = this.shapesOf(this.cellBw, inputShape);
    return [yFw, yBw, ...statesFw, ...statesBw];
  }

  override getConfig(): tf.serialization.ConfigDict {
    return {...super.getConfig(), cellFw: savedCell(this.cellFw), cellBw: savedCell(this.cellBw)};
  }

  static override fromConfig<T extends tf.serialization.Serializable>(
    cls: tf.serialization.SerializableConstructor<T>,
    config: tf.serialization.ConfigDict,
  ): T {
    const cellFw = restoreCell(config.cellFw as unknown as SavedCell);
    const cellBw = restoreCell(config.cellBw as unknown as SavedCell);
    return new cls({...config, cellFw, cellBw} as unknown as tf.serialization.ConfigDict);
  }
}
serialization.registerClass(BidirectionalRnn as unknown as Parameters<typeof serialization.registerClass>[0]);
