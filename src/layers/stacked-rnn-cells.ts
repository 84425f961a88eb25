import * as tf from '@tensorflow/tfjs-core';
import type {SavedCell} from './composite-cell';
import {restoreCell} from './composite-cell';
import type {SequenceCell, StateSlot} from './sequence-cell';
import {StackedCells} from './stacked-cells';

/** In an object of its own: strings called `name` are what tfjs does not respell when it saves. */
export interface VariablePrefix {
  readonly name: string;
}

/** What a StackedRNNCells is made of. */
export interface StackedRNNCellsArgs {
  /** The cells, or what `getConfig` made of them, the first one nearest to the input. */
  readonly cells: readonly (SequenceCell | SavedCell)[];
  /** The last cell's states come first, as in Keras before 2.2.3. Default false. */
  readonly reverseStateOrder?: boolean;
  /** What stands before the names of each cell's variables: `{name: 'cell_0/'}`, the default, and so on. */
  readonly prefixes?: readonly VariablePrefix[] | null;
  /** Default: made up by tfjs. */
  readonly name?: string;
  /** Whether training changes the arrays. Default true. */
  readonly trainable?: boolean;
}

/**
 * Cells on top of each other as one cell. Source: keras/layers/recurrent.py, StackedRNNCells, of 2.2.2 and 2.3.1;
 * keras/layers/rnn/stacked_rnn_cells.py of tf.keras 2.15.
 */
export class StackedRNNCells extends StackedCells {
  /** The name under which tfjs saves and finds it. */
  static readonly className = 'CarryoverStackedRNNCells';
  private readonly reverseStateOrder: boolean;
  /** See `StackedRNNCellsArgs`; may be changed until the cells are built. @internal */
  prefixes: readonly VariablePrefix[] | null;

  constructor({cells, reverseStateOrder = false, prefixes, ...others}: StackedRNNCellsArgs) {
    super(
      cells.map(cell => ('runSequence' in cell ? cell : restoreCell(cell))),
      others,
    );
    this.reverseStateOrder = reverseStateOrder;
    this.prefixes = prefixes ?? null;
  }

  protected override prefixOf(k: number): string {
    return this.prefixes?.[k]?.name ?? super.prefixOf(k);
  }

  override get stateSlots(): readonly StateSlot[] {
    const slots = super.stateSlots;
    const byCell = this.cells.map((_, k) => slots.filter(({name}) => name.split('.')[0] === String(k)));
    return this.ordered(byCell).flat();
  }

  protected override statesByCell(states: readonly tf.Tensor[]): tf.Tensor[][] {
    let place = 0;
    const byCell = this.ordered(this.cells).map(({stateSlots: {length}}) => {
      place += length;
      return states.slice(place - length, place);
    });
    return [...this.ordered(byCell)];
  }

  protected override joinStates(states: readonly (readonly tf.Tensor[])[]): tf.Tensor[] {
    return this.ordered(states).flat();
  }

  /** From the order of cells to that of their states, and back. */
  private ordered<T>(items: readonly T[]): readonly T[] {
    return this.reverseStateOrder ? items.toReversed() : items;
  }

  override getConfig(): tf.serialization.ConfigDict {
    const prefixes = this.prefixes && {prefixes: this.prefixes.map(({name}) => ({name}))};
    return {...super.getConfig(), reverseStateOrder: this.reverseStateOrder, ...prefixes};
  }
}
tf.serialization.registerClass(
  StackedRNNCells as unknown as Parameters<typeof tf.serialization.registerClass>[0],
);
