import type {BackwardGraph} from '../../recurrence/differentiate';
import type {Id} from '../../recurrence/expression';
import type {StepGraph} from '../../recurrence/step';
import {type Recurrence, runsAgainstTime} from '../../recurrence/types';
import type {WeightName} from '../../recurrence/weights';
import type {FeedName} from './feeds';
import {type CompiledGraph, GraphWriter} from './graph-def';
import type {Int} from './integers';
import {Layout} from './layout';
import {leafKey, runSteps, type Source, stackSource} from './loop';
import {TRAINING} from './loop-schedule';
import {Sums} from './sums';

const UPSTREAM = leafKey({op: 'upstream', name: 'output'});

export interface BackwardSpec {
  readonly step: StepGraph;
  readonly backward: BackwardGraph;
  readonly returns: 'sequence' | 'last';
  /** Canonical weights whose gradients come out. */
  readonly weights: readonly WeightName[];
  /** So does that of x. */
  readonly x: boolean;
}

/**
 * Back-propagation through time and the products that make gradients of weights, as one graph. Feeds as
 * `Layout` names them, and `dy`, `dstate.…`, `saved.…` (stacks `[time, batch, ·]`), `steps` where there is a limit.
 * Outputs: the gradients of the carried states before the steps that carried any; of x, where it is wanted,
 * `[batch, time, ·]`; of the weights.
 */
export function backwardGraph(r: Recurrence, spec: BackwardSpec): CompiledGraph {
  const {step, backward} = spec;
  const g = new GraphWriter();
  const layout = new Layout(g, r);
  const {outside: t} = layout;
  const {ints} = t;
  const time = layout.size('x', 1);
  const limited = r.bptt?.steps !== undefined;
  const count = limited ? ints.ref(ints.min(layout.feed('steps', 'int32'), time)) : time;
  // The steps processed last: the late ones, or the early ones of a backward layer.
  const first = limited && r.direction === 'forward' ? ints.sub(time, count) : 0;
  const part = (stack: string): string => (limited ? t.slice(stack, [first, 0, 0], [count, -1, -1]) : stack);
  const savedOf = (id: Id): string => part(layout.feed(`saved.${backward.saved.indexOf(id)}`));

  const sums = new Sums(layout, spec, {first, savedOf});
  const {carried, accumulated} = runSteps(g, 'steps', {
    nodes: backward.nodes,
    count,
    ...TRAINING,
    reverse: r.direction === 'forward',
    carried: step.carried.map(name => ({
      leaf: leafKey({op: 'upstream', name}),
      start:
        name === 'y' ? t.zeros(layout.size('x', 0), layout.stateSize(name)) : layout.feed(`dstate.${name}`),
      next: backward.states[name] ?? -1,
    })),
    sources: [
      ...layout.maskSources(backward.nodes, part),
      ...backward.nodes.flatMap(node =>
        node.op === 'saved' ? [stackSource(leafKey(node), savedOf(node.id))] : [],
      ),
      spec.returns === 'sequence' && !runsAgainstTime(r)
        ? rowSource(layout, UPSTREAM, 'dy', first)
        : stackSource(UPSTREAM, part(outputGradients(layout, spec.returns))),
    ],
    fixed: layout.fixedLeaves(backward.nodes),
    stacked: [],
    last: [],
    accumulated: sums.accumulators,
  });
  return g.compile(layout.feeds, [...carried, ...sums.results(accumulated)]);
}

/** A tensor of the call, `[batch, time, ·]`, as the values of a leaf from time step `first` on. */
function rowSource(layout: Layout, leaf: string, name: FeedName, first: Int): Source {
  const {outside, slices} = layout;
  const x = outside.reshape(layout.feed(name), -1, layout.size(name, 2));
  return {
    leaves: [leaf],
    read: (frame, t, begin, count) => {
      const start = first === 0 ? begin : t.ints.add(begin, frame.enter(outside.ints.ref(first)));
      const values = slices.read(frame, x, start, count);
      return [count === 1 ? [values] : t.split(values, count, 0)];
    },
  };
}

/** The gradient of every step's output, `[time, batch, units]` in time order. */
function outputGradients(layout: Layout, returns: 'sequence' | 'last'): string {
  const {outside: t, r} = layout;
  const dy = layout.feed('dy');
  if (returns === 'sequence') {
    const steps = layout.turned(dy);
    return runsAgainstTime(r) ? t.reverse(steps, 0) : steps;
  }
  const others = t.ints.sub(layout.size('x', 1), 1);
  const none = t.zeros(others, layout.size('dy', 0), layout.size('dy', 1));
  const own = t.expand(dy, 0);
  return t.concat(r.direction === 'forward' ? [none, own] : [own, none], 0);
}
