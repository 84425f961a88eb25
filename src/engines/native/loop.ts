import type {Id, Node} from '../../recurrence/expression';
import {interpret} from '../interpret';
import {graphArithmetic} from './arithmetic';
import {countedLoop, type Frame} from './control-flow';
import {type Attribute, FLOAT, type GraphWriter} from './graph-def';
import {type Int, integers} from './integers';
import {type Tensors, tensors} from './tensors';

/** Leaves that have a value of their own at every step. */
export interface Source {
  readonly leaves: readonly string[];
  /** Their values at `count` steps from `begin` on, in time order, one list per leaf. Runs inside the loop. */
  read(frame: Frame, inside: Tensors, begin: Int, count: number): readonly (readonly string[])[];
}

/** A loop over time steps that runs a step's graph. All values are references outside the loop. */
export interface Steps {
  readonly nodes: readonly Node[];
  /** How many steps, an int32 scalar. */
  readonly count: string;
  /**
   * How many steps an iteration of the loop runs. Control flow costs as much as a small step does, and the products with x
   * of an iteration are one product.
   */
  readonly stepsPerIteration: number;
  /** How many iterations may be in flight: their sums and products with x wait for no other iteration. */
  readonly parallelIterations: number;
  /** What is to be done before the first one. */
  readonly after?: readonly string[];
  /** From the last step to the first. Stacks stay in time order. */
  readonly reverse: boolean;
  /** Values carried from step to step: their leaf, their start, the node that each becomes; −1: zeros. */
  readonly carried: readonly {readonly leaf: string; readonly start: string; readonly next: Id}[];
  readonly sources: readonly Source[];
  /** Leaves that are the same at every step. */
  readonly fixed: ReadonlyMap<string, string>;
  /** Nodes whose values at every step come out, `[count, batch, ·]`. */
  readonly stacked: readonly Id[];
  /** Nodes whose value at the last step comes out, and what stands for it before the first. */
  readonly last: readonly {readonly id: Id; readonly start: string}[];
  readonly accumulated?: readonly Accumulator[];
}

/** A sum over all iterations. */
export interface Accumulator {
  readonly start: string;
  next(iteration: Iteration, before: string): string;
}

/** Some steps, one after the other, that have been computed, as what follows inside the loop sees them. */
export interface Iteration {
  readonly frame: Frame;
  readonly inside: Tensors;
  /** The first one in time. */
  readonly begin: Int;
  readonly count: number;
  /** A node's values in time order, `[batch, ·]` each. */
  steps(id: Id): readonly string[];
  /** All of them, `[count·batch, ·]`. */
  rows(id: Id): string;
}

export interface StepResults {
  readonly carried: readonly string[];
  readonly stacks: readonly string[];
  readonly last: readonly string[];
  readonly accumulated: readonly string[];
}

/** A leaf's name in a loop. */
export function leafKey(node: Node): string {
  return JSON.stringify(node);
}

/** A stack `[count, batch, ·]` as the values of a leaf. */
export function stackSource(leaf: string, stack: string): Source {
  return {
    leaves: [leaf],
    read: ({enter}, inside, begin, count) => {
      const rows = inside.slice(enter(stack), [begin, 0, 0], [count, -1, -1]);
      return [inside.unpack(rows, count)];
    },
  };
}

/** Writes the loop: iterations of several steps, then the steps that are left over, one by one. */
export function runSteps(g: GraphWriter, name: string, spec: Steps): StepResults {
  const ints = integers(g);
  const {stepsPerIteration, parallelIterations} = spec;
  const iterations = ints.ref(ints.div(spec.count, stepsPerIteration));
  const left = ints.ref(ints.sub(spec.count, ints.mul(iterations, stepsPerIteration)));
  const sinks = spec.stacked.map(() => newArray(g, spec.count));
  const handles = sinks.map(({handle}) => handle);
  const {accumulated: accumulators = []} = spec;
  const starts = [
    ...spec.carried.map(({start}) => start),
    ...spec.last.map(({start}) => start),
    ...sinks.map(({flow}) => flow),
    ...accumulators.map(({start}) => start),
  ];
  /** The time step at which an iteration begins. */
  type Begin = (iteration: string, i: ReturnType<typeof integers>, frame: Frame) => Int;
  const whole: Begin = (iteration, i, {enter}) => {
    if (!spec.reverse) return i.mul(iteration, stepsPerIteration);
    // What is left over comes first in time where the steps run from the last to the first.
    return i.add(i.mul(i.sub(i.sub(enter(iterations), 1), iteration), stepsPerIteration), enter(left));
  };
  const single: Begin = (iteration, i, {enter}) =>
    spec.reverse
      ? i.sub(i.sub(enter(left), 1), iteration)
      : i.add(i.mul(enter(iterations), stepsPerIteration), iteration);
  const loop = (label: string, values: string[], times: string, steps: number, begin: Begin): string[] =>
    countedLoop(g, {
      name: `${name}/${label}`,
      starts: values,
      iterations: times,
      parallelIterations,
      after: spec.after,
      body: (frame, counter, before) => {
        const first = begin(counter, integers(g, frame.enter), frame);
        return iteration(g, spec, handles, frame, before, {begin: first, steps});
      },
    });
  const half = loop('iterations', starts, iterations, stepsPerIteration, whole);
  const ends = loop('rest', half, left, 1, single);

  const all = g.add('Range', [ints.ref(0), spec.count, ints.ref(1)], {Tidx: {type: 'int32'}});
  const states = spec.carried.length;
  const flows = ends.slice(states + spec.last.length);
  return {
    carried: ends.slice(0, states),
    last: ends.slice(states, states + spec.last.length),
    accumulated: accumulators.map((_, k) => ends[ends.length - accumulators.length + k]!),
    stacks: handles.map((handle, k) =>
      g.add('TensorArrayGatherV3', [handle, all, flows[k]!], {
        dtype: {type: 'float32'},
        element_shape: {shape: null},
      }),
    ),
  };
}

/** Some steps, one after the other, and what they leave. */
function iteration(
  g: GraphWriter,
  spec: Steps,
  handles: readonly string[],
  frame: Frame,
  before: readonly string[],
  {begin, steps}: {begin: Int; steps: number},
): string[] {
  const inside = tensors(g, frame.enter);
  const arithmetic = graphArithmetic(g, frame);
  const states = spec.carried.length;
  const perStep = new Map<string, readonly string[]>();
  for (const source of spec.sources) {
    const values = source.read(frame, inside, begin, steps);
    for (const [k, leaf] of source.leaves.entries()) perStep.set(leaf, values[k]!);
  }
  let carried = before.slice(0, states);
  const results: string[][] = [];
  for (let s = 0; s < steps; s++) {
    const time = spec.reverse ? steps - 1 - s : s;
    const current = new Map(spec.carried.map(({leaf}, k) => [leaf, carried[k]!]));
    const of = (node: Node): string => {
      const key = leafKey(node);
      const fixed = spec.fixed.get(key);
      return current.get(key) ?? perStep.get(key)?.[time] ?? frame.enter(fixed!);
    };
    const values = interpret(
      spec.nodes,
      {
        input: gates => of({op: 'input', gates}),
        state: state => of({op: 'state', name: state}),
        weight: (weight, gates) => of({op: 'weight', name: weight, gates}),
        dropout: gate => of({op: 'dropout', gate}),
        mask: which => of({op: 'mask', of: which}),
        saved: id => of({op: 'saved', id}),
        upstream: what => of({op: 'upstream', name: what}),
      },
      arithmetic,
    );
    results[time] = values;
    carried = spec.carried.map(({next}, k) =>
      next < 0 ? g.add('ZerosLike', [carried[k]!], FLOAT) : values[next]!,
    );
  }
  const places = results.map((_, s) => inside.ints.ref(inside.ints.add(begin, s)));
  const latest = results[spec.reverse ? 0 : steps - 1]!;
  const flows = handles.map((handle, k) => {
    const values = results.map(list => list[spec.stacked[k]!]!);
    let flow = before[states + spec.last.length + k]!;
    for (const [s, value] of values.entries())
      flow = g.add('TensorArrayWriteV3', [frame.enter(handle), places[s]!, value, flow], FLOAT);
    return flow;
  });
  const done = iterationOf(frame, inside, begin, results);
  const first = states + spec.last.length + handles.length;
  const sums = (spec.accumulated ?? []).map((one, k) => one.next(done, before[first + k]!));
  return [...carried, ...spec.last.map(({id}) => latest[id]!), ...flows, ...sums];
}

function iterationOf(
  frame: Frame,
  inside: Tensors,
  begin: Int,
  results: readonly (readonly string[])[],
): Iteration {
  const joined = new Map<Id, string>();
  const steps = (id: Id): string[] => results.map(values => values[id]!);
  const rows = (id: Id): string => {
    const known = joined.get(id) ?? (results.length === 1 ? results[0]![id]! : inside.concat(steps(id), 0));
    joined.set(id, known);
    return known;
  };
  return {frame, inside, begin, count: results.length, steps, rows};
}

interface TensorArray {
  readonly handle: string;
  readonly flow: string;
}

/** For the results of so many steps, `[batch, ·]` each: written one by one, they are copied once, at the end. */
function newArray(g: GraphWriter, size: string): TensorArray {
  const attributes: Record<string, Attribute> = {
    dtype: {type: 'float32'},
    element_shape: {shape: null},
    dynamic_size: {bool: false},
    clear_after_read: {bool: true},
    identical_element_shapes: {bool: true},
    tensor_array_name: {text: ''},
  };
  const handle = g.add('TensorArrayV3', [size], attributes);
  g.setType(handle, 'resource');
  g.setType(`${handle}:1`, 'float32');
  return {handle, flow: `${handle}:1`};
}
