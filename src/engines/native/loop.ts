import type {Id, Node} from '../../recurrence/expression';
import {interpret} from '../interpret';
import {graphArithmetic} from './arithmetic';
import {countedLoop, type Frame} from './control-flow';
import {type Attribute, FLOAT, type GraphWriter} from './graph-def';
import {type Int, integers} from './integers';
import {type Tensors, tensors} from './tensors';

/**
 * So many steps are one round of the loop: its control flow costs as much as a small step does, and the
 * products with x of a round are one. More gained nothing.
 */
const STEPS_PER_ROUND = 10;

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
}

export interface StepResults {
  readonly carried: readonly string[];
  readonly stacks: readonly string[];
  readonly last: readonly string[];
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

/** Writes the loop: rounds of several steps, then the steps that are left over, one by one. */
export function runSteps(g: GraphWriter, name: string, spec: Steps): StepResults {
  const ints = integers(g);
  const rounds = ints.ref(ints.div(spec.count, STEPS_PER_ROUND));
  const left = ints.ref(ints.sub(spec.count, ints.mul(rounds, STEPS_PER_ROUND)));
  const size = ints.ref(ints.add(rounds, left));
  const sinks = spec.stacked.map(() => newArray(g, size));
  const handles = sinks.map(({handle}) => handle);
  const starts = [
    ...spec.carried.map(({start}) => start),
    ...spec.last.map(({start}) => start),
    ...sinks.map(({flow}) => flow),
  ];
  /** Where a round begins, and the place of its results among those of all rounds. */
  type Place = (round: string, i: ReturnType<typeof integers>, frame: Frame) => {begin: Int; element: Int};
  const whole: Place = (round, i, {enter}) => {
    const element = spec.reverse ? i.sub(i.sub(enter(rounds), 1), round) : round;
    const begin = i.mul(element, STEPS_PER_ROUND);
    // What is left over comes first in time where the steps run from the last to the first.
    if (!spec.reverse) return {begin, element};
    return {begin: i.add(begin, enter(left)), element: i.add(element, enter(left))};
  };
  const single: Place = (round, i, {enter}) => {
    if (spec.reverse) {
      const place = i.sub(i.sub(enter(left), 1), round);
      return {begin: place, element: place};
    }
    const before = i.mul(enter(rounds), STEPS_PER_ROUND);
    return {begin: i.add(before, round), element: i.add(enter(rounds), round)};
  };
  const loop = (label: string, values: string[], times: string, steps: number, place: Place): string[] =>
    countedLoop(g, {
      name: `${name}/${label}`,
      starts: values,
      rounds: times,
      body: (frame, counter, before) => {
        const {begin, element} = place(counter, integers(g, frame.enter), frame);
        return round(g, spec, handles, frame, before, {begin, element, steps});
      },
    });
  const half = loop('rounds', starts, rounds, STEPS_PER_ROUND, whole);
  const ends = loop('rest', half, left, 1, single);

  const states = spec.carried.length;
  const flows = ends.slice(states + spec.last.length);
  return {
    carried: ends.slice(0, states),
    last: ends.slice(states, states + spec.last.length),
    stacks: handles.map((handle, k) =>
      g.add('TensorArrayConcatV3', [handle, flows[k]!], {
        dtype: {type: 'float32'},
        element_shape_except0: {shape: null},
      }),
    ),
  };
}

/** Some steps, one after the other, and what they leave. */
function round(
  g: GraphWriter,
  spec: Steps,
  handles: readonly string[],
  frame: Frame,
  before: readonly string[],
  {begin, element, steps}: {begin: Int; element: Int; steps: number},
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
  const latest = results[spec.reverse ? 0 : steps - 1]!;
  const flows = handles.map((handle, k) => {
    const values = results.map(list => list[spec.stacked[k]!]!);
    const stack = steps === 1 ? inside.expand(values[0]!, 0) : inside.pack(values);
    const flow = before[states + spec.last.length + k]!;
    return g.add('TensorArrayWriteV3', [frame.enter(handle), inside.ints.ref(element), stack, flow], FLOAT);
  });
  return [...carried, ...spec.last.map(({id}) => latest[id]!), ...flows];
}

interface TensorArray {
  readonly handle: string;
  readonly flow: string;
}

/** For results of rounds, `[steps, batch, ·]` each: rounds of several steps, and single steps. */
function newArray(g: GraphWriter, size: string): TensorArray {
  const attributes: Record<string, Attribute> = {
    dtype: {type: 'float32'},
    element_shape: {shape: null},
    dynamic_size: {bool: false},
    clear_after_read: {bool: true},
    identical_element_shapes: {bool: false},
    tensor_array_name: {text: ''},
  };
  const handle = g.add('TensorArrayV3', [size], attributes);
  g.setType(handle, 'resource');
  g.setType(`${handle}:1`, 'float32');
  return {handle, flow: `${handle}:1`};
}
