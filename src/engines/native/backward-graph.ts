import type {BackwardGraph, WeightGradient} from '../../recurrence/differentiate';
import type {Id} from '../../recurrence/expression';
import type {StepGraph} from '../../recurrence/step';
import {GATES, type Recurrence, STATES} from '../../recurrence/types';
import {type CompiledGraph, FLOAT, GraphWriter, INT} from './graph-def';
import {Layout} from './layout';
import {leafKey, runSteps, stackSource} from './loop';

export interface BackwardSpec {
  readonly step: StepGraph;
  readonly backward: BackwardGraph;
  readonly returns: 'sequence' | 'last';
  /** Canonical weights whose gradients come out. */
  readonly weights: readonly string[];
}

/**
 * Back-propagation through time and the products that make gradients of weights, as one graph. Feeds as
 * `Layout` names them, and `dy`, `dstate.…`, `saved.…` (stacks `[time, batch, ·]`), `steps` where there is a limit.
 * Outputs: the gradient of the pre-activations `[count, batch, gates·units]` of the steps that carried any, in
 * time order; of the carried states before them; of the weights.
 */
export function backwardGraph(r: Recurrence, spec: BackwardSpec): CompiledGraph {
  const {step, backward} = spec;
  const g = new GraphWriter();
  const layout = new Layout(g, r);
  const {outside: t} = layout;
  const {ints} = t;
  const time = layout.size('x', 1);
  const limited = r.bptt?.steps !== undefined;
  const count = limited ? g.add('Minimum', [layout.feed('steps', 'int32'), time], INT) : time;
  // The steps processed last: the late ones, or the early ones of a backward layer.
  const first = limited && r.direction === 'forward' ? ints.sub(time, count) : 0;
  const part = (stack: string): string => (limited ? t.slice(stack, [first, 0, 0], [count, -1, -1]) : stack);
  const savedOf = (id: Id): string => part(layout.feed(`saved.${backward.saved.indexOf(id)}`));

  const stacked = [...new Set([...backward.inputs.map(({id}) => id), ...backward.weights.map(({dy}) => dy)])];
  const {carried, stacks} = runSteps(g, 'steps', {
    nodes: backward.nodes,
    count,
    reverse: r.direction === 'forward',
    carried: step.carried.map(name => ({
      leaf: leafKey({op: 'upstream', name}),
      start: STATES[r.cell].includes(name)
        ? layout.feed(`dstate.${name}`)
        : t.zeros(layout.size('x', 0), layout.stateSize(name)),
      next: backward.states[name] ?? -1,
    })),
    sources: [
      ...layout.maskSources(backward.nodes, part),
      ...backward.nodes.flatMap(node =>
        node.op === 'saved' ? [stackSource(leafKey(node), savedOf(node.id))] : [],
      ),
      stackSource(leafKey({op: 'upstream', name: 'output'}), part(outputGradients(layout, spec.returns))),
    ],
    fixed: layout.fixedLeaves(backward.nodes),
    stacked,
    last: [],
  });
  const stack = (id: Id): string => stacks[stacked.indexOf(id)]!;
  const products = new WeightGradients(layout, spec.backward, stack, savedOf, part);
  const weights = spec.weights.map(name => products.of(name));
  return g.compile(layout.feeds, [products.dz, ...carried, ...weights]);
}

/** The gradient of every step's output, `[time, batch, units]` in time order. */
function outputGradients(layout: Layout, returns: 'sequence' | 'last'): string {
  const {outside: t, r} = layout;
  const dy = layout.feed('dy');
  if (returns === 'sequence') {
    const steps = layout.turned(dy);
    return r.direction === 'backward' && r.outputOrder === 'processed' ? t.reverse(steps, 0) : steps;
  }
  const others = t.ints.sub(layout.size('x', 1), 1);
  const none = t.zeros(others, layout.size('dy', 0), layout.size('dy', 1));
  const own = t.expand(dy, 0);
  return t.concat(r.direction === 'forward' ? [none, own] : [own, none], 0);
}

/** A block of columns, and how many gates it covers. */
interface Block {
  readonly value: string;
  readonly gates: number;
}

/** Products over all steps, as `src/engines/gradients.ts` makes them with tfjs ops. */
class WeightGradients {
  /** Of all pre-activations, side by side. */
  readonly dz: string;

  constructor(
    private readonly layout: Layout,
    private readonly backward: BackwardGraph,
    private readonly stack: (id: Id) => string,
    private readonly savedOf: (id: Id) => string,
    private readonly part: (stack: string) => string,
  ) {
    const {outside: t} = layout;
    const like = stack(backward.inputs[0]?.id ?? backward.weights[0]!.dy);
    const blocks = backward.inputs.map(({gates, id}): [string, Block] => [
      gates[0]!,
      {value: stack(id), gates: gates.length},
    ]);
    const none = (): string => t.zeros(t.size(like, 0), t.size(like, 1), layout.units);
    this.dz = this.sideBySide(new Map(blocks), 2, none);
  }

  of(name: string): string {
    const {outside: t} = this.layout;
    if (name === 'bias') return t.sumRows(this.rows(this.dz));
    if (name === 'kernel') {
      const x = this.part(this.layout.turned(this.layout.feed('x')));
      return t.matMulTransposedA(this.rows(x), this.rows(this.dz));
    }
    const blocks = new Map<string, Block>();
    const own = this.backward.weights.filter(({weight}) => weight === name);
    for (const gradient of own) {
      const [key, gates] = [gradient.gates[0] ?? '', gradient.gates.length];
      const sofar = blocks.get(key);
      const value = this.product(gradient);
      blocks.set(key, {value: sofar ? t.add(sofar.value, value) : value, gates});
    }
    const whole = this.layout.feed(`weight.${name}`);
    if (own.length === 0) return this.layout.g.add('ZerosLike', [whole], FLOAT);
    const ofNoGate = blocks.get('');
    if (ofNoGate) return ofNoGate.value;
    const {units} = this.layout;
    return own[0]!.kind === 'matrix'
      ? this.sideBySide(blocks, 1, () => t.zeros(t.size(whole, 0), units))
      : this.sideBySide(blocks, 0, () => t.zeros(units));
  }

  private product(gradient: WeightGradient): string {
    const {outside: t} = this.layout;
    const dy = this.rows(this.stack(gradient.dy));
    if (gradient.kind === 'vector') return t.sumRows(dy);
    return t.matMulTransposedA(this.rows(this.savedOf(gradient.x)), dy);
  }

  /** Blocks by their first gate; `none` stands for a gate that nothing flowed into. */
  private sideBySide(blocks: ReadonlyMap<string, Block>, axis: number, none: () => string): string {
    const gates = GATES[this.layout.r.cell];
    const list: string[] = [];
    for (let k = 0; k < gates.length; ) {
      const block = blocks.get(gates[k]!) ?? {value: none(), gates: 1};
      list.push(block.value);
      k += block.gates;
    }
    return list.length === 1 ? list[0]! : this.layout.outside.concat(list, axis);
  }

  /** Steps and rows of the batch in one. */
  private rows(x: string): string {
    const {outside: t} = this.layout;
    return t.reshape(x, -1, t.size(x, 2));
  }
}
