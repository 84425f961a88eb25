import {gateColumns} from '../../../recurrence/cells';
import type {StepGraph} from '../../../recurrence/step';
import type {Gate, StateName} from '../../../recurrence/types';
import {allGather, COUNTER_BYTES} from './all-gather';
import {Compilation, type Compiled} from './compilation';
import {emitStep, type Sink} from './emit';
import type {Sizes} from './layout';
import {type DropoutPlaces, Leaves} from './leaves';
import {type Lowered, lower} from './lower';
import {moved, type Place, placesFrom} from './program';
import {type ReserveLayout, reserveLayout} from './reserve';
import {loadStates, type PlacesOf, stateSinks, stateTensors, storeStates} from './states';

export interface ForwardSpec {
  readonly step: StepGraph;
  /** Nodes whose values at all steps are kept; undefined where nothing is. */
  readonly saved: readonly number[] | undefined;
  /** The initial states that are given; the others are zero. */
  readonly initial: readonly StateName[];
  /** x·W has a bias. */
  readonly biased: boolean;
  readonly returns: 'sequence' | 'last';
}

/** A program and where its tensors are. Their rows lie side by side. */
export interface ForwardProgram extends Compiled {
  /** Bytes that all unit shards share, tensors among them. */
  readonly shared: number;
  /** What unit shards count barriers with; 0 before they run. */
  readonly counter: Place | undefined;
  readonly x: Place;
  readonly initial: PlacesOf<StateName>;
  /** `[time + 1, rows]`, as `writeMaskAndDropout` fills it. */
  readonly mask: Place;
  readonly dropout: DropoutPlaces;
  readonly y: Place;
  readonly states: PlacesOf<StateName>;
  /** Bytes of the reserve. */
  readonly reserve: number;
}

/** Bytes of an iteration's pre-activations: half of a second cache of 256 KB. */
const ITERATION_BYTES = 1 << 17;
const MOST_STEPS = 32;

/** The most steps of an iteration: the same for all unit shards, and two at least where there are shards. */
function iterationStepsOf(sizes: Sizes): number {
  const step = sizes.gates.length * sizes.value(sizes.whole.units);
  const fit = Math.max(sizes.shard ? 2 : 1, Math.floor(ITERATION_BYTES / step));
  return Math.min(sizes.time, MOST_STEPS, fit);
}

/** Compiles a call's whole sequence, or a time chunk of it; of all units or of a shard. */
export function compileForward(sizes: Sizes, spec: ForwardSpec): ForwardProgram {
  const {step, saved} = spec;
  const {recurrence: r, rows, time, width} = sizes;
  const c = new Compilation(sizes, iterationStepsOf(sizes));
  const reserve = saved && reserveLayout(sizes, step, saved);
  const counter = sizes.shard && c.tensors.allocate(COUNTER_BYTES);
  const x = reserve?.x ?? c.tensors.allocate(rows * time * width * 4);
  const mask = c.tensors.allocate((time + 1) * rows * 4);
  const initial = stateTensors(c, spec.initial);
  const carried = loadStates(c, step.carried, initial);
  const z = preactivations(c, x, spec.biased);
  const input = ({gates}: {readonly gates: readonly Gate[]}): readonly Place[] => {
    const [first, count] = gateColumns(r.cell, gates);
    const value = sizes.value(r.units);
    return placesFrom(moved(z, first * value), count, value);
  };
  const leaves = new Leaves(c, {input, state: ({name}) => [carried[name]!]}, mask, 0, 1);
  if (counter) c.whole = allGather(c, counter);
  const wanted = [...(saved ?? []), step.output, ...Object.values(step.next)];
  const lowered = lower(c, step.nodes, wanted, leaves);
  const same = step.carried.find(name => step.next[name] === step.output);
  const output = same === undefined ? c.value(sizes.output) : carried[same]!;
  const sinks = reserve ? reserveSinks(reserve, lowered) : [];
  if (same === undefined) {
    const value = lowered.blocks(step.output)[0]!;
    sinks.push({value, to: output, elements: sizes.output, direct: true});
  }
  // New states are last: they take the places of the old ones, which the others may read.
  sinks.push(...stateSinks(c, step.carried, step.next, lowered, carried));
  emitStep(c, lowered, sinks);
  const y = storeOutput(c, output, spec.returns);
  return {
    counter,
    x,
    initial,
    mask,
    y,
    states: storeStates(c, carried),
    ...c.finish(time),
    shared: sizes.shard ? c.tensors.bytes : 0,
    dropout: leaves.dropoutTensors,
    reserve: reserve?.bytes ?? 0,
  };
}

/** x·W + b for the steps of an iteration, gate after gate; or what x holds already. */
function preactivations(c: Compilation, x: Place, biased: boolean): Place {
  const {sizes} = c;
  const {recurrence: r, time, width} = sizes;
  const z = c.buffer(sizes.preactivations);
  const value = sizes.value(r.units);
  const row = sizes.row(r.units);
  const gates = sizes.gates.length;
  const against = r.direction === 'backward';
  const stride = (against ? -1 : 1) * width * 4;
  const first = {...moved(x, against ? (time - 1) * width * 4 : 0), step: stride};
  const from = {step: stride, row: time * width * 4};
  const to = {step: sizes.preactivations, row};
  if (r.input === 'preactivations') {
    for (let g = 0; g < gates; g++) {
      const own = g * sizes.inTensor(r.units) + sizes.first;
      c.copySteps('open', {...to, at: moved(z, g * value)}, {...from, at: moved(first, own * 4)}, r.units);
    }
    return z;
  }
  if (biased) {
    const bias = c.weights.vector('bias');
    for (let g = 0; g < gates; g++) {
      const at = moved(bias, g * row);
      c.copySteps('open', {...to, at: moved(z, g * value)}, {at, step: 0, row: 0}, row / 4);
    }
  } else c.clear('open', z, r.units, c.iterationSteps * gates);
  const kernel = {weight: 'kernel', gates: sizes.gates, transposed: false} as const;
  c.productOfSteps('open', {...from, at: first}, kernel, {...to, at: z}, value);
  return z;
}

/** Keeps the values of each step that the backward pass reads. */
function reserveSinks({stacks}: ReserveLayout, lowered: Lowered): Sink[] {
  return [...stacks].flatMap(([id, {place, elements, blocks, bytes}]) =>
    lowered.blocks(id).map((value, k) => {
      const to = {...moved(place, (k * bytes) / blocks), step: bytes};
      return {value, to, elements, direct: true};
    }),
  );
}

/** Stores the output of each step, or of the last one, into the tensor y. */
function storeOutput(c: Compilation, output: Place, returns: ForwardSpec['returns']): Place {
  const {sizes} = c;
  const {recurrence: r, time, output: elements} = sizes;
  if (returns === 'last') {
    const y = c.tensor(elements);
    c.store('after', y, output, elements);
    return y;
  }
  const y = c.tensor(elements, time);
  const row = sizes.inTensor(elements) * 4;
  const turned = r.direction === 'backward' && r.outputOrder === 'time';
  const first = moved(y, (turned ? time - 1 : 0) * row + sizes.first * 4);
  c.copy('step', {
    to: {...first, step: turned ? -row : row},
    toRow: time * row,
    from: output,
    fromRow: sizes.row(elements),
    elements,
  });
  return y;
}
