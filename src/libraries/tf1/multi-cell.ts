import * as tf from '@tensorflow/tfjs-core';
import {CarryoverError} from '../../errors';
import {piecesOf} from '../../layers/pieces';
import type {SequenceCell, StateSlot} from '../../layers/sequence-cell';
import {StackedCells} from '../../layers/stacked-cells';

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
export class MultiRNNCell extends StackedCells {
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

  override get stateSlots(): readonly StateSlot[] {
    const slots = super.stateSlots;
    return this.stateIsTuple ? slots : [{name: '', size: slots.reduce((sum, {size}) => sum + size, 0)}];
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
