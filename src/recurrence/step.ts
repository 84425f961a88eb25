import {CELLS} from './cells';
import {type Id, type Node, Recorder} from './expression';
import {type Recurrence, STATES} from './types';

/** A time step as a graph: what an engine runs in its loop. */
export interface StepGraph {
  readonly nodes: readonly Node[];
  /** States carried from step to step: the cell's own, and `y` where the previous output is repeated. */
  readonly carried: readonly string[];
  /** The carried states after the step. */
  readonly next: Readonly<Record<string, Id>>;
  /** What the layer puts out at this step. */
  readonly output: Id;
}

export interface StepOptions {
  /** There is a mask. */
  readonly masked: boolean;
  /** Every initial state is zero, so that repeating the output is the same as keeping h. */
  readonly zeroInitial: boolean;
}

/** Records one step of a recurrence, its mask rule included. */
export function recordStep(r: Recurrence, {masked, zeroInitial}: StepOptions): StepGraph {
  const g = new Recorder();
  const names = STATES[r.cell];
  const previous = Object.fromEntries(names.map(name => [name, g.state(name)]));
  const step = (states: Record<string, Id>): Record<string, Id> =>
    CELLS[r.cell](g, r, r.recurrentDropout === 'state' ? {...states, h: thinned(g, states.h!)} : states);
  const rule = r.mask === 'holdRepeat' && zeroInitial ? 'holdState' : r.mask;
  if (!masked) {
    const next = step(previous);
    return {nodes: g.nodes, carried: names, next, output: next.h!};
  }
  if (rule === 'forget') {
    const mask = g.mask('previous');
    const next = step(mapValues(previous, state => g.mul(state, mask)));
    return {nodes: g.nodes, carried: names, next, output: next.h!};
  }
  const mask = g.mask('this');
  const hold = (fresh: Id, old: Id): Id => g.add(g.mul(fresh, mask), g.mul(old, g.complement(mask)));
  const fresh = step(previous);
  const next: Record<string, Id> = mapValues(fresh, (state, name) => hold(state, previous[name]!));
  if (rule === 'holdState') return {nodes: g.nodes, carried: names, next, output: next.h!};
  if (rule === 'holdZero') return {nodes: g.nodes, carried: names, next, output: g.mul(fresh.h!, mask)};
  const output = hold(fresh.h!, g.state('y'));
  return {nodes: g.nodes, carried: [...names, 'y'], next: {...next, y: output}, output};
}

function thinned(g: Recorder, h: Id): Id {
  return g.mul(h, g.record({op: 'dropout'}));
}

function mapValues<T, U>(record: Record<string, T>, f: (value: T, key: string) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, f(value, key)]));
}
