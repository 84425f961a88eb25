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
import type {LoopSchedule} from './loop-schedule';

export interface ForwardSpec {
  readonly step: StepGraph;
  /** Nodes whose values of all steps come out. */
  readonly saved: readonly number[];
  /** States that are given. */
  readonly initial: readonly StateName[];
  /** x·W has a bias. */
  readonly biased: boolean;
  readonly returns: 'sequence' | 'last';
  readonly schedule: LoopSchedule;
}

/**
 * The whole sequence as one graph. Feeds as `Layout` names them; outputs: `y` `[batch, time, ·]` or
 * `[batch, ·]`, the final states, and a stack `[time, batch, ·]` in time order for each saved value.
 */
export function forwardGraph(
  r: Recurrence,
  {step, saved, initial, biased, returns, schedule}: ForwardSpec,
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
  const buffer = sequence ? outputBuffer(layout, schedule) : undefined;
  const {carried, stacks, last, accumulated} = runSteps(g, 'steps', {
    nodes: step.nodes,
    count: layout.size('x', 1),
    ...schedule,
    after: buffer && [buffer.found],
    reverse: r.direction === 'backward',
    carried: step.carried.map(name => ({
      leaf: leafKey({op: 'state', name}),
      start: start(name),
      next: step.next[name]!,
    })),
    sources: [projection(layout, step.nodes, biased), ...layout.maskSources(step.nodes)],
    fixed: layout.fixedLeaves(step.nodes),
    stacked: saved,
    accumulated: buffer ? [outputs(layout, step.output, buffer.start)] : [],
    last: sequence ? [] : [{id: step.output, start: t.zeros(batch, layout.stateSize('y'))}],
  });
  const y = sequence
    ? t.reshape(accumulated[0]!, batch, layout.size('x', 1), layout.stateSize('y'))
    : last[0]!;
  const states = carried.slice(0, STATES[r.cell].length);
  return g.compile(layout.feeds, [y, ...states, ...stacks]);
}

/**
 * A buffer for y, allocated while the pre-activations of the iterations have one, and the node that waits for both. TensorFlow's
 * allocator keeps what it has had and gives out the smallest free piece that will do. Where it is asked for y first, each
 * call's y lies where the call before had the values of its iterations, and twice the memory of y stays resident.
 */
function outputBuffer(
  layout: Layout,
  {stepsPerIteration, parallelIterations}: LoopSchedule,
): {start: string; found: string} {
  const {g, r, slices, units} = layout;
  const {ints} = layout.outside;
  const values = ints.mul(
    layout.size('x', 0),
    ints.mul(units, GATES[r.cell].length * stepsPerIteration * parallelIterations),
  );
  const iteration = layout.outside.empty([values]);
  const start = slices.buffer(layout.stateSize('y'), {after: iteration});
  return {start, found: g.add('Shape', [iteration, `^${start}`], {...FLOAT, out_type: {type: 'int32'}})};
}

/** The outputs of all steps, written where they belong as they are computed. */
function outputs(layout: Layout, id: Id, start: string): Accumulator {
  const {r, slices} = layout;
  return {
    start,
    next: ({frame, inside: {ints}, begin, steps}, before) => {
      const last = runsAgainstTime(r) ? ints.sub(frame.enter(layout.size('x', 1)), 1) : undefined;
      return steps(id).reduce((buffer, value, s) => {
        const step = ints.add(begin, s);
        return slices.write(frame, buffer, last === undefined ? step : ints.sub(last, step), 1, value);
      }, before);
    },
  };
}

/** The pre-activations x·W + b of an iteration's steps in one product: those of the whole sequence would be large. */
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
      let z = layout.slices.read(frame, x, begin, count);
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
