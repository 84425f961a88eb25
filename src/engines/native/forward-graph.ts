import type {Id, Node} from '../../recurrence/expression';
import type {StepGraph} from '../../recurrence/step';
import {
  type CarriedState,
  GATES,
  type Recurrence,
  runsAgainstTime,
  STATES,
  type StateName,
} from '../../recurrence/types';
import {type CompiledGraph, FLOAT, GraphWriter} from './graph-def';
import {Layout} from './layout';
import {type Accumulator, leafKey, runSteps, type Source} from './loop';
import type {Pace} from './pace';

export interface ForwardSpec {
  readonly step: StepGraph;
  /** Nodes whose values of all steps come out. */
  readonly saved: readonly number[];
  /** States that are given. */
  readonly initial: readonly StateName[];
  /** x·W has a bias. */
  readonly biased: boolean;
  readonly returns: 'sequence' | 'last';
  readonly pace: Pace;
}

/**
 * The whole sequence as one graph. Feeds as `Layout` names them; outputs: `y` `[batch, time, ·]` or
 * `[batch, ·]`, the final states, and a stack `[time, batch, ·]` in time order for each saved value.
 */
export function forwardGraph(
  r: Recurrence,
  {step, saved, initial, biased, returns, pace}: ForwardSpec,
): CompiledGraph {
  const g = new GraphWriter();
  const layout = new Layout(g, r);
  const {outside: t} = layout;
  const sequence = returns === 'sequence';
  const batch = layout.size('x', 0);
  const start = (state: CarriedState): string =>
    state !== 'y' && initial.includes(state)
      ? layout.feed(`initial.${state}`)
      : t.zeros(batch, layout.stateSize(state));
  const room = sequence ? roomForOutputs(layout, pace) : undefined;
  const {carried, stacks, last, accumulated} = runSteps(g, 'steps', {
    nodes: step.nodes,
    count: layout.size('x', 1),
    ...pace,
    after: room && [room.found],
    reverse: r.direction === 'backward',
    carried: step.carried.map(name => ({
      leaf: leafKey({op: 'state', name}),
      start: start(name),
      next: step.next[name]!,
    })),
    sources: [projection(layout, step.nodes, biased), ...layout.maskSources(step.nodes)],
    fixed: layout.fixedLeaves(step.nodes),
    stacked: saved,
    accumulated: room ? [outputs(layout, step.output, room.start)] : [],
    last: sequence ? [] : [{id: step.output, start: t.zeros(batch, layout.stateSize('y'))}],
  });
  const y = sequence
    ? t.reshape(accumulated[0]!, batch, layout.size('x', 1), layout.stateSize('y'))
    : last[0]!;
  const states = carried.slice(0, STATES[r.cell].length);
  return g.compile(layout.feeds, [y, ...states, ...stacks]);
}

/**
 * Room for y, found while a place for the pre-activations of rounds is taken, and the node that says so. TensorFlow's
 * allocator keeps what it has had and gives out the smallest free piece that will do. Where it is asked for y first, each
 * call's y lies where the call before had the values of its rounds, and twice the room of y stays resident.
 */
function roomForOutputs(layout: Layout, {perRound, parallel}: Pace): {start: string; found: string} {
  const {g, r, rows, units} = layout;
  const {ints} = layout.outside;
  const values = ints.mul(layout.size('x', 0), ints.mul(units, GATES[r.cell].length * perRound * parallel));
  const round = layout.outside.empty([values]);
  const start = rows.room(layout.stateSize('y'), {after: round});
  return {start, found: g.add('Shape', [round, `^${start}`], {...FLOAT, out_type: {type: 'int32'}})};
}

/** The outputs of all steps, written where they belong as they are computed. */
function outputs(layout: Layout, id: Id, start: string): Accumulator {
  const {r, rows} = layout;
  return {
    start,
    next: ({frame, inside: {ints}, begin, steps}, before) => {
      const last = runsAgainstTime(r) ? ints.sub(frame.enter(layout.size('x', 1)), 1) : undefined;
      return steps(id).reduce((room, value, s) => {
        const step = ints.add(begin, s);
        return rows.write(frame, room, last === undefined ? step : ints.sub(last, step), 1, value);
      }, before);
    },
  };
}

/** The pre-activations x·W + b of a round's steps in one product: those of the whole sequence would be large. */
function projection(layout: Layout, nodes: readonly Node[], biased: boolean): Source {
  const {r} = layout;
  const inputs = nodes.filter(node => node.op === 'input');
  // All steps of all sequences.
  const x = layout.outside.reshape(layout.feed('x'), -1, layout.size('x', 2));
  const units = layout.outside.ints.ref(layout.units);
  const ofAllGates = inputs.every(({gates}) => gates.length === GATES[r.cell].length);
  return {
    leaves: inputs.map(leafKey),
    read: (frame, t, begin, count) => {
      const {enter} = frame;
      let z = layout.rows.read(frame, x, begin, count);
      if (r.input === 'features') {
        z = t.matMul(z, enter(layout.feed('weight.kernel')));
        if (biased) z = t.biasAdd(z, enter(layout.feed('weight.bias')));
      }
      return inputs.map(({gates}) => {
        const columns = ofAllGates ? z : layout.columns(t, z, 2, gates, enter(units));
        return count === 1 ? [columns] : t.split(columns, count, 0);
      });
    },
  };
}
