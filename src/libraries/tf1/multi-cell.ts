import * as tf from '@tensorflow/tfjs-core';
import {CarryoverError} from '../../errors';
import {piecesOf} from '../../layers/pieces';
import type {SequenceCell, SequenceOptions, SequenceResult, StateSlot} from '../../layers/sequence-cell';
import {CompositeCell} from './composite';

/** What a stack of cells is made of. */
export interface MultiRNNCellArgs {
  /** The cells, the first one nearest to the input. */
  readonly cells: readonly SequenceCell[];
  /** False: all states side by side in one tensor. Default true. */
  readonly stateIsTuple?: boolean;
  /** Default: made up by tfjs. */
  readonly name?: string;
}

/**
 * Cells on top of each other: each reads what the one below puts out.
 *
 * Source: tensorflow/python/ops/rnn_cell_impl.py, MultiRNNCell, of 1.15.5.
 */
export class MultiRNNCell extends CompositeCell {
  static readonly className = 'CarryoverMultiRNNCell';
  private readonly stateIsTuple: boolean;

  constructor({cells, stateIsTuple = true, name}: MultiRNNCellArgs) {
    super(cells, {name});
    this.stateIsTuple = stateIsTuple;
    if (!stateIsTuple && cells.some(cell => cell.stateSlots.length > 1)) {
      throw new CarryoverError(
        'E_USAGE',
        'MultiRNNCell: some cells have tuple states, but stateIsTuple is false',
      );
    }
  }

  get outputSize(): number {
    return this.cells.at(-1)!.outputSize;
  }

  get stateSlots(): readonly StateSlot[] {
    const slots = this.cells.flatMap((cell, k) =>
      cell.stateSlots.map(({name, size}) => ({name: name ? `${k}.${name}` : `${k}`, size})),
    );
    return this.stateIsTuple ? slots : [{name: '', size: slots.reduce((sum, {size}) => sum + size, 0)}];
  }

  protected override prefixOf(k: number): string {
    return `cell_${k}/`;
  }

  runSequence(x: tf.Tensor, options: SequenceOptions): SequenceResult {
    const given = options.initial && this.statesByCell(options.initial);
    const states: (readonly tf.Tensor[])[] = [];
    let y = x;
    for (const [k, cell] of this.cells.entries()) {
      const result = cell.runSequence(y, {...options, initial: given?.[k]});
      y = result.y;
      states.push(result.states);
    }
    return {y, states: this.joinStates(states)};
  }

  protected override statesByCell(states: readonly tf.Tensor[]): tf.Tensor[][] {
    if (this.stateIsTuple) return super.statesByCell(states);
    const sizes = this.cells.flatMap(cell => cell.stateSlots.map(({size}) => size));
    return super.statesByCell(piecesOf(states[0]!, sizes, 1));
  }

  protected override joinStates(states: readonly (readonly tf.Tensor[])[]): tf.Tensor[] {
    return this.stateIsTuple ? states.flat() : [tf.concat(states.flat(), 1)];
  }

  override getConfig(): tf.serialization.ConfigDict {
    return {...super.getConfig(), stateIsTuple: this.stateIsTuple};
  }
}
tf.serialization.registerClass(
  MultiRNNCell as unknown as Parameters<typeof tf.serialization.registerClass>[0],
);
