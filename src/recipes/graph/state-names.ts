import type {GraphCell} from './cells';
import type {GraphSequence} from './sequences';
import {type CellStates, statesOf} from './states';
import {stateSizes} from './units';
import type {GraphView, Ref} from './view';

/** A state before the first step. */
export interface InitialState {
  readonly ref: Ref;
  /** `state.c`, `fw.state.0`, ... */
  readonly state: string;
  readonly size: number;
}

/** What a recipe calls the states of cells. */
export class StateNames {
  private readonly states: ReadonlyMap<GraphCell, CellStates>;

  constructor(view: GraphView, sequences: readonly GraphSequence[]) {
    const cells = sequences.flatMap(sequence => sequence.cells);
    this.states = new Map(cells.map(cell => [cell, statesOf(view, cell)]));
  }

  of(cell: GraphCell): CellStates {
    return this.states.get(cell)!;
  }

  /** All states of a MultiRNNCell in one tensor. */
  isJoined(cells: readonly GraphCell[]): boolean {
    const roots = cells.map(cell => this.of(cell).roots[0]);
    return cells.length > 1 && new Set(roots).size === 1;
  }

  /** Of each cell, the names of its states. */
  namesOf({cells}: GraphSequence): string[][] {
    if (this.isJoined(cells)) return cells.map((_, k) => (k === 0 ? ['state'] : []));
    return cells.map((cell, k) => {
      const prefix = cells.length > 1 ? `state.${k}` : 'state';
      const {roots, joined} = this.of(cell);
      return joined || roots.length === 1 ? [prefix] : [`${prefix}.c`, `${prefix}.h`];
    });
  }

  initialOf(sequence: GraphSequence, side: string): InitialState[] {
    const {cells} = sequence;
    const names = this.namesOf(sequence);
    const joined = this.isJoined(cells);
    const total = sum(cells.flatMap(stateSizes));
    return cells.flatMap((cell, k) => {
      const {initial, joined: concatenated} = this.of(cell);
      const sizes = stateSizes(cell);
      return names[k]!.map((state, j) => ({
        ref: initial[j]!,
        state: side + state,
        size: joined ? total : concatenated ? sum(sizes) : sizes[j]!,
      }));
    });
  }
}

const sum = (sizes: readonly number[]): number => sizes.reduce((a, b) => a + b, 0);
