import {CELLS, type States} from './cells';
import {type Id, type Node, Recorder} from './expression';
import {recordOf} from './records';
import {
  type CarriedState,
  type CellKind,
  type MaskRule,
  type Recurrence,
  STATES,
  type StateName,
} from './types';

/** A time step as a graph: what an engine runs in its loop. */
export interface StepGraph {
  readonly nodes: readonly Node[];
  /** States carried from step to step: the cell's own, and `y` where the previous output is repeated. */
  readonly carried: readonly CarriedState[];
  /** The carried states after the step. */
  readonly next: Readonly<Partial<Record<CarriedState, Id>>>;
  /** What the layer puts out at this step. */
  readonly output: Id;
}

export interface StepOptions {
  /** There is a mask. */
  readonly masked: boolean;
  /** Every initial state is zero, so that repeating the output is the same as keeping h. */
  readonly zeroInitial: boolean;
}

/** The states of a cell, whichever it is: STATES has their names. */
type CellStates = States<CellKind>;

/** A cell's step under construction, and the states from which it starts. */
interface Masking {
  readonly g: Recorder;
  readonly names: readonly StateName[];
  readonly previous: CellStates;
  readonly step: (states: CellStates) => CellStates;
}

/** Records one step of a recurrence, its mask rule included. */
export function recordStep(r: Recurrence, {masked, zeroInitial}: StepOptions): StepGraph {
  const g = new Recorder();
  const names = STATES[r.cell];
  const cell = CELLS[r.cell] as (g: Recorder, r: Recurrence, previous: CellStates) => CellStates;
  const previous: CellStates = recordOf(names, name => g.state(name));
  const step = (states: CellStates): CellStates =>
    cell(g, r, r.recurrentDropout === 'state' ? {...states, h: g.mul(states.h, g.dropout())} : states);
  if (!masked) return {nodes: g.nodes, carried: names, ...computed(step(previous))};
  const rule = r.mask === 'holdRepeat' && zeroInitial ? 'holdState' : r.mask;
  const result = MASKED_STEPS[rule]({g, names, previous, step});
  return {nodes: g.nodes, carried: rule === 'holdRepeat' ? [...names, 'y'] : names, ...result};
}

type Result = Pick<StepGraph, 'next' | 'output'>;

const computed = (next: CellStates): Result => ({next, output: next.h});

/** A step that may be masked, by what masks do. */
const MASKED_STEPS: Readonly<Record<MaskRule, (masking: Masking) => Result>> = {
  forget: ({g, names, previous, step}) => {
    const mask = g.mask('previous');
    return computed(step(recordOf(names, name => g.mul(previous[name], mask))));
  },
  holdState: masking => computed(held(masking).next),
  holdZero: masking => {
    const {next, fresh} = held(masking);
    return {next, output: masking.g.mul(fresh.h, masking.g.mask('this'))};
  },
  holdRepeat: masking => {
    const {next, fresh} = held(masking);
    const y = hold(masking.g, fresh.h, masking.g.state('y'));
    return {next: {...next, y}, output: y};
  },
};

/** The states that a step computes, and those that it leaves: where it is masked, those of before. */
function held({g, names, previous, step}: Masking): {fresh: CellStates; next: CellStates} {
  const fresh = step(previous);
  return {fresh, next: recordOf(names, name => hold(g, fresh[name], previous[name]))};
}

/** The new value where the step counts, the old one where it is masked. */
function hold(g: Recorder, fresh: Id, old: Id): Id {
  const mask = g.mask('this');
  return g.add(g.mul(fresh, mask), g.mul(old, g.complement(mask)));
}
