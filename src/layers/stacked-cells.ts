import type * as tf from '@tensorflow/tfjs-core';
import {CompositeCell} from './composite-cell';
import type {SequenceOptions, SequenceResult, StateSlot} from './sequence-cell';

/**
 * Cells on top of each other: each reads what the one below puts out. A sequence goes through one cell after the other,
 * each in one call, which is the same as through all of them step by step: a step that is masked changes no state, so that
 * what a cell reads at it counts for nothing.
 */
export abstract class StackedCells extends CompositeCell {
  get outputSize(): number {
    return this.cells.at(-1)!.outputSize;
  }

  get stateSlots(): readonly StateSlot[] {
    return this.cells.flatMap((cell, k) =>
      cell.stateSlots.map(({name, size}) => ({name: name ? `${k}.${name}` : `${k}`, size})),
    );
  }

  protected override prefixOf(k: number): string {
    return `cell_${k}/`;
  }

  runSequence(x: tf.Tensor, options: SequenceOptions): SequenceResult {
    const {initial, returns, ...shared} = options;
    const given = initial && this.statesByCell(initial);
    const last = this.cells.length - 1;
    const states: (readonly tf.Tensor[])[] = [];
    let y = x;
    for (const [k, cell] of this.cells.entries()) {
      const own = k === last ? {...shared, returns} : shared;
      const result = cell.runSequence(y, {...own, initial: given?.[k]});
      y = result.y;
      states.push(result.states);
    }
    return {y, states: this.joinStates(states)};
  }
}
