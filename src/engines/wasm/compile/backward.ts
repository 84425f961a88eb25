import {gateColumns} from '../../../recurrence/cells';
import type {BackwardGraph} from '../../../recurrence/differentiate';
import type {Id} from '../../../recurrence/expression';
import {widthsOf} from '../../../recurrence/nodes';
import type {StepGraph} from '../../../recurrence/step';
import {type CarriedState, STATES, type StateName, stateSize} from '../../../recurrence/types';
import type {WeightName} from '../../../recurrence/weights';
import {Compilation, type Compiled, type Strided} from './compilation';
import {emitStep, type Sink} from './emit';
import type {Sizes} from './layout';
import {type DropoutPlaces, Leaves} from './leaves';
import {type Lowered, lower} from './lower';
import {moved, type Place, placesFrom} from './program';
import {reserveLayout} from './reserve';
import {loadStates, type PlacesOf, stateSinks, stateTensors, storeStates} from './states';
import {type WeightSum, weightSums} from './weight-gradients';

export interface BackwardSpec {
  readonly step: StepGraph;
  readonly backward: BackwardGraph;
  readonly returns: 'sequence' | 'last';
  /** Canonical weights whose gradients are wanted. */
  readonly weights: readonly WeightName[];
  /** Whether the gradient of x is wanted. */
  readonly dx: boolean;
}

/** A program and where its tensors are, as `ForwardProgram`. */
export interface BackwardProgram extends Compiled {
  readonly mask: Place;
  readonly dropout: DropoutPlaces;
  readonly dy: Place;
  /** Gradients of the final states. */
  readonly dStates: PlacesOf<StateName>;
  /** Undefined where it is not wanted. */
  readonly dx: Place | undefined;
  /** Gradients of the initial states. */
  readonly initial: PlacesOf<StateName>;
  readonly sums: ReadonlyMap<WeightName, WeightSum>;
}

/** Rows of the products that make weights' gradients: an iteration has about so many. */
const ITERATION_ROWS = 128;

/** Compiles back-propagation through time, the last processed step first, and all gradients of weights. */
export function compileBackward(sizes: Sizes, spec: BackwardSpec): BackwardProgram {
  const {step, backward, returns} = spec;
  const {recurrence: r, rows, time, width} = sizes;
  const steps = Math.min(time, r.bptt?.steps ?? time);
  const c = new Compilation(sizes, Math.max(1, Math.min(steps, Math.ceil(ITERATION_ROWS / rows))));
  const {x, stacks} = reserveLayout(sizes, step, backward.saved);
  const mask = c.tensors.allocate((time + 1) * rows * 4);
  const dStates = stateTensors(c, STATES[r.cell]);
  // Gradients that later steps left: of the states, and of the output.
  const states = loadStates(c, step.carried, dStates);
  const [dy, output] = loadOutput(c, returns);
  const stackAt = (id: Id): Place => {
    const {place, bytes} = stacks.get(id)!;
    return {...moved(place, (time - 1) * bytes), step: -bytes};
  };
  const upstream: PlacesOf<CarriedState | 'output'> = {...states, output};
  const saved = ({id}: {readonly id: Id}): readonly Place[] => {
    const {blocks, bytes} = stacks.get(id)!;
    return placesFrom(stackAt(id), blocks, bytes / blocks);
  };
  const leaves = new Leaves(c, {saved, upstream: ({name}) => [upstream[name]!]}, mask, time - 1, -1);
  const {nodes, inputs, weights} = backward;
  const wanted = [...inputs.map(({id}) => id), ...weights.map(gradient => gradient.dy)];
  const all = [...wanted, ...Object.values(backward.states)];
  const lowered = lower(c, nodes, all, leaves, widthsOf(step.nodes, r));
  const dz = c.buffer(sizes.preactivations);
  c.clear('before', dz, r.units, c.iterationSteps * sizes.gates.length);
  const sinks = preactivationSinks(sizes, backward, lowered, dz);
  const fromX = fromLastStep(sizes, x, width, r.direction === 'backward');
  const sums = weightSums(c, spec.weights, backward.weights, {
    x: fromX,
    dz,
    stackAt,
    stacks,
    blocks: lowered.blocks,
    sinks,
  });
  sinks.push(...stateSinks(c, step.carried, backward.states, lowered, states));
  emitStep(c, lowered, sinks);
  // Upstream gradients that the step does not replace.
  for (const name of step.carried)
    if (backward.states[name] === undefined) c.clear('step', states[name]!, stateSize(r, name));
  if (returns === 'last') c.clear('step', output, sizes.output);
  sums.write();
  return {
    mask,
    dy,
    dStates,
    dx: spec.dx ? gradientOfX(c, dz, steps < time) : undefined,
    initial: storeStates(c, states),
    ...c.finish(steps),
    dropout: leaves.dropoutTensors,
    sums: sums.of,
  };
}

/** A tensor `[rows, time, elements]`, read step by step from the last processed one on. */
function fromLastStep({time}: Sizes, tensor: Place, elements: number, alongTime: boolean): Place {
  const row = elements * 4;
  return {...moved(tensor, alongTime ? 0 : (time - 1) * row), step: (alongTime ? 1 : -1) * row};
}

/** Loads the gradient of the output, of each step or of the last one: its tensor, and its value. */
function loadOutput(c: Compilation, returns: BackwardSpec['returns']): [dy: Place, value: Place] {
  const {sizes} = c;
  const {recurrence: r, time, output: elements} = sizes;
  const to = c.value(elements);
  if (returns === 'last') {
    const dy = c.tensor(elements);
    c.load('before', to, dy, elements);
    return [dy, to];
  }
  const dy = c.tensor(elements, time);
  const alongTime = r.direction === 'backward' && r.outputOrder === 'time';
  const from = fromLastStep(sizes, dy, elements, alongTime);
  c.copy('step', {to, toRow: sizes.row(elements), from, fromRow: time * elements * 4, elements});
  return [dy, to];
}

/** Keeps the gradients of the pre-activations for the products at an iteration's end. */
function preactivationSinks(sizes: Sizes, {inputs}: BackwardGraph, lowered: Lowered, dz: Place): Sink[] {
  const {cell, units: elements} = sizes.recurrence;
  return inputs.flatMap(({gates, id}) => {
    const [first] = gateColumns(cell, gates);
    return lowered.blocks(id).map((value, k) => {
      const to = moved(dz, (first + k) * sizes.value(elements));
      return {value, to, elements, direct: true};
    });
  });
}

/**
 * dz·Wᵀ of each iteration, or dz itself where x holds pre-activations.
 * @param partly whether there are steps that carry no gradient
 */
function gradientOfX(c: Compilation, dz: Place, partly: boolean): Place {
  const {sizes} = c;
  const {recurrence: r, rows, time, width} = sizes;
  const bytes = rows * time * width * 4;
  const dx = c.tensors.allocate(bytes);
  if (partly) c.add('before', 'zero', {to: dx, bytes});
  const to = fromLastStep(sizes, dx, width, r.direction === 'backward');
  const inTensor = (at: Place): Strided => ({at, step: to.step!, row: time * width * 4});
  const gateOf = (g: number): Strided => ({
    at: moved(dz, g * sizes.value(r.units)),
    step: sizes.preactivations,
    row: sizes.row(r.units),
  });
  if (r.input === 'preactivations') {
    for (let g = 0; g < sizes.gates.length; g++)
      c.copySteps('close', inTensor(moved(to, g * r.units * 4)), gateOf(g), r.units);
    return dx;
  }
  const step = sizes.value(width);
  const whole = {at: c.buffer(step), step, row: sizes.row(width)};
  c.clear('close', whole.at, width, c.iterationSteps);
  for (const [g, gate] of sizes.gates.entries())
    c.productOfSteps('close', gateOf(g), {weight: 'kernel', gates: [gate], transposed: true}, whole, 0);
  c.copySteps('close', inTensor(to), whole, width);
  return dx;
}
