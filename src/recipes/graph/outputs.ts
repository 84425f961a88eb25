import type {GraphNode} from '../../../converters/graph-def/node';
import type {GraphCell} from './cells';
import {type Place, wholePlace} from './layout';
import type {GraphSequence} from './sequences';
import type {StateNames} from './state-names';
import {finalState, isZero} from './states';
import {fillersOf, type StepOutput, type StepOutputs} from './step-outputs';
import {outputSize, stateSizes, type Unit} from './units';
import {dataInputs, type GraphView, outputRef, type Ref} from './view';

/** How a layer's data lie in the recipe, once it is put in place. */
export interface Laid {
  readonly timeAxis: 0 | 1;
  readonly steps?: number;
}

/** A tensor that a recurrent layer puts out, and which layer that is. */
export interface UnitOutput {
  readonly unit: Unit;
  /** Its place, once it is known how the layer's data lie. */
  placed(laid: Laid): Place;
}

/** What recurrent layers put out: all steps, single steps, final states. */
export class SequenceOutputs {
  private readonly users: ReadonlyMap<GraphCell, readonly (readonly GraphNode[])[]>;

  constructor(
    private readonly view: GraphView,
    private readonly units: readonly Unit[],
    private readonly names: StateNames,
    private readonly steps: StepOutputs,
    internal: ReadonlySet<GraphNode>,
  ) {
    this.users = usersOfSteps(view, steps, internal);
  }

  at(ref: Ref): UnitOutput | undefined {
    const at = this.view.resolve(ref);
    for (const unit of this.units) {
      const sides = unit.backward ? ['fw.', 'bw.'] : [''];
      for (const [k, sequence] of [unit.forward, unit.backward].entries()) {
        const placed = sequence && this.placeOf(unit, sequence, sides[k]!, at);
        if (placed) return {unit, placed};
      }
    }
    return undefined;
  }

  private placeOf(
    unit: Unit,
    sequence: GraphSequence,
    side: string,
    at: Ref,
  ): ((laid: Laid) => Place) | undefined {
    const last = sequence.cells.at(-1)!;
    const size = outputSize(last);
    const name = side ? `${unit.name}.${side}y` : unit.name;
    const state = this.stateAt(sequence, at);
    const found = sequence.kind === 'static' ? this.steps.at(at) : undefined;
    if (found?.cell === last && this.isOutput(sequence, found, at)) {
      const users = this.users.get(last);
      const own = state && {state: `${unit.name}.${side}${state.name}`};
      return laid => {
        const step = {...wholePlace(name, {rank: 3, size, ...laid}), form: 'step', users, ...own} as const;
        return {...step, ...countedIn(sequence, unit, found.step, last.steps.length)};
      };
    }
    if (sequence.output !== undefined && this.view.resolve(sequence.output) === at) {
      if (sequence.kind === 'call') return () => wholePlace(name, {rank: 2, size});
      const turned =
        unit.backward === sequence ? (sequence.lengths === undefined ? 'all' : 'rows') : undefined;
      // As a loop makes them: time first.
      return laid => ({
        ...wholePlace(name, {rank: 3, size, ...laid}),
        swapped: laid.timeAxis === 1,
        reversed: turned,
        steps: laid.steps,
      });
    }
    return state && (() => wholePlace(`${unit.name}.${side}${state.name}`, {rank: 2, size: state.size}));
  }

  /** An output is zero on rows that have ended; its cell's input is added or not, as in the recipe. */
  private isOutput({residual}: GraphSequence, {cell, step}: StepOutput, at: Ref): boolean {
    if (residual.has(cell) !== (this.steps.residualAt(at) === cell)) return false;
    const fillers = fillersOf(this.view, at, this.view.resolve(cell.steps[step]!.output)) ?? [];
    return fillers.every(filler => isZero(this.view, filler));
  }

  private stateAt(sequence: GraphSequence, at: Ref): {name: string; size: number} | undefined {
    const names = this.names.namesOf(sequence);
    for (const [k, cell] of sequence.cells.entries()) {
      const j = finalState(this.view, cell, this.names.of(cell), at);
      const name = j === undefined ? undefined : names[k]?.[j];
      if (name !== undefined) return {name, size: stateSizes(cell)[j!]!};
    }
    return undefined;
  }
}

/** Steps in the order of time; where rows of several lengths are turned round, in the order in which they are made. */
function countedIn(
  sequence: GraphSequence,
  {backward}: Unit,
  step: number,
  steps: number,
): Pick<Place, 'step' | 'steps' | 'reversed'> {
  if (backward !== sequence) return {step, steps};
  return sequence.lengths === undefined ? {step: steps - 1 - step, steps} : {step, steps, reversed: 'rows'};
}

/** Of each cell, what uses its output of each step, beside the cells themselves and what wraps them. */
function usersOfSteps(
  view: GraphView,
  steps: StepOutputs,
  internal: ReadonlySet<GraphNode>,
): Map<GraphCell, GraphNode[][]> {
  const users = new Map<GraphCell, GraphNode[][]>();
  for (const node of view.nodes) {
    if (internal.has(node) || steps.at(outputRef(node))) continue;
    for (const input of dataInputs(node)) {
      const found = steps.at(input);
      if (!found) continue;
      const lists = users.get(found.cell) ?? found.cell.steps.map(() => []);
      users.set(found.cell, lists);
      lists[found.step]!.push(node);
    }
  }
  return users;
}
