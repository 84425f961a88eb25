import {gateColumns} from '../../recurrence/cells';
import type {BackwardGraph} from '../../recurrence/differentiate';
import type {Node} from '../../recurrence/expression';
import {recordOf} from '../../recurrence/records';
import type {StepGraph} from '../../recurrence/step';
import {type CarriedState, type Gate, STATES, type StateName, stateSize} from '../../recurrence/types';
import type {WeightName} from '../../recurrence/weights';
import {ROUND} from './codes';
import {cutOff, dropoutPlaces, fillUp, maskPlaces, newParts, roundProduct, vectorsAlongRows} from './common';
import {emitStep, type Sink} from './emit';
import {places} from './forward-program';
import type {Sizes} from './layout';
import {lower} from './lower';
import type {Packs} from './packs';
import {moved, type Place, type Program} from './program';
import {keptOf} from './saved';
import {type WeightSums, weightSums} from './weight-sums';

export interface BackwardSpec {
  readonly step: StepGraph;
  readonly backward: BackwardGraph;
  readonly returns: 'sequence' | 'last';
  /** Canonical weights whose gradients come out. */
  readonly weights: readonly WeightName[];
  /** Whether the gradient of x comes out. */
  readonly dx: boolean;
}

/** A program and where its tensors are, as `ForwardProgram`. */
export interface BackwardProgram {
  readonly program: Program;
  readonly packs: Packs;
  readonly bytes: number;
  readonly mask: Place;
  readonly dropout: Readonly<Partial<Record<Gate | 'all', Place>>>;
  readonly dy: Place;
  /** Gradients of the final states, in their order. */
  readonly dStates: readonly Place[];
  readonly dx: Place;
  readonly initial: Readonly<Record<StateName, Place>>;
  readonly sums: WeightSums;
}

/** As many rows as the products that make weights' gradients run over at once. */
const ROUND_ROWS = 128;

/** Back-propagation through time, the last processed step first, and all gradients of weights. */
export function backwardProgram(sizes: Sizes, spec: BackwardSpec): BackwardProgram {
  const {step, backward, returns} = spec;
  const {recurrence: r, rows, time, width} = sizes;
  const parts = newParts(sizes);
  const {writer, room, packs} = parts;
  const count = Math.min(time, r.bptt?.steps ?? time);
  const round = Math.max(1, Math.min(count, Math.ceil(ROUND_ROWS / rows)));
  const againstTime = r.direction === 'backward';
  /** A tensor `[rows, time, numbers]` in time order, from the last processed step on. */
  const fromTheEnd = (tensor: Place, numbers: number, turned: boolean): Place => ({
    ...moved(tensor, turned ? 0 : (time - 1) * numbers * 4),
    step: (turned ? 1 : -1) * numbers * 4,
  });

  const {x, stacks} = keptOf(sizes, step, backward.saved);
  const mask = room.take((time + 1) * rows * 4);
  const dy = room.take(rows * (returns === 'sequence' ? time : 1) * sizes.output * 4);
  const dStates = STATES[r.cell].map(name => room.take(rows * stateSize(r, name) * 4));
  const upstream: Partial<Record<CarriedState | 'output', Place>> = {};
  for (const name of step.carried) {
    const size = stateSize(r, name);
    upstream[name] = room.take(sizes.value(size));
    const given = name === 'y' ? undefined : dStates[STATES[r.cell].indexOf(name)];
    if (given) fillUp(parts, 'before', upstream[name], given, size);
    else writer.add('before', 'zero', upstream[name], sizes.value(size));
  }
  upstream.output = room.take(sizes.value(sizes.output));
  if (returns === 'last') fillUp(parts, 'before', upstream.output, dy, sizes.output);
  else {
    const from = fromTheEnd(dy, sizes.output, againstTime && r.outputOrder === 'time');
    const row = sizes.row(sizes.output);
    writer.add(
      'step',
      'copyRows',
      upstream.output,
      0,
      row,
      from,
      0,
      time * sizes.output * 4,
      1,
      rows,
      sizes.output,
    );
  }

  const stackAt = (id: number): Place => {
    const {place, bytes} = stacks.get(id)!;
    return {...moved(place, (time - 1) * bytes), step: -bytes};
  };
  const dropout = dropoutPlaces(parts);
  const weight = vectorsAlongRows(parts);
  const leaf = (node: Node): readonly Place[] => {
    switch (node.op) {
      case 'saved': {
        const {parts: number, bytes} = stacks.get(node.id)!;
        return places(stackAt(node.id), number, bytes / number);
      }
      case 'upstream':
        return [upstream[node.name]!];
      case 'weight':
        return weight(node);
      case 'dropout':
        return [dropout.leaf(node.gate)];
      default:
        throw new TypeError(`'${node.op}' is no leaf of a backward step`);
    }
  };
  const states = Object.values(backward.states);
  const wanted = [...backward.inputs.map(({id}) => id), ...backward.weights.map(({dy}) => dy), ...states];
  const lowered = lower(backward.nodes, wanted, sizes, {
    leaf,
    mask: maskPlaces(parts, mask, time - 1, -1),
    savedSize: id => stacks.get(id)!.numbers,
    room: (n, size) => places(room.take(n * sizes.value(size)), n, sizes.value(size)),
  });

  const sinks: Sink[] = [];
  const value = sizes.value(r.units);
  const dz = {...room.take(round * sizes.step), step: sizes.step, reset: true};
  writer.add('before', 'zero', dz, round * sizes.step);
  for (const {gates, id} of backward.inputs) {
    const [first] = gateColumns(r.cell, gates);
    for (const [k, part] of lowered.operands(id).entries())
      sinks.push({value: part, to: moved(dz, (first + k) * value), numbers: r.units, direct: true});
  }
  const sums = weightSums(parts, {
    spec,
    round,
    x: fromTheEnd(x, width, againstTime),
    dz,
    stackAt,
    stacks,
    operands: lowered.operands,
    sinks,
  });
  for (const name of step.carried) {
    const id = backward.states[name];
    const size = stateSize(r, name);
    if (id === undefined) continue;
    const [part] = lowered.operands(id);
    sinks.push({value: part!, to: upstream[name]!, numbers: size, direct: false});
  }
  emitStep(writer, lowered, sinks, parts);
  for (const name of step.carried)
    if (backward.states[name] === undefined)
      writer.add('step', 'zero', upstream[name]!, sizes.value(stateSize(r, name)));
  if (returns === 'last') writer.add('step', 'zero', upstream.output, sizes.value(sizes.output));
  sums.write();

  const dx = room.take(spec.dx ? rows * time * width * 4 : 0);
  if (spec.dx) {
    if (count < time) writer.add('before', 'zero', dx, rows * time * width * 4);
    gradientOfX(fromTheEnd(dx, width, againstTime));
  }
  const initial = recordOf(STATES[r.cell], name => {
    const to = room.take(rows * stateSize(r, name) * 4);
    cutOff(parts, 'after', to, upstream[name]!, stateSize(r, name));
    return to;
  });
  return {
    program: writer.finish(count, round),
    packs,
    bytes: room.bytes,
    mask,
    dropout: dropout.given,
    dy,
    dStates,
    dx,
    initial,
    sums,
  };

  /** dz·Wᵀ of a round, or dz itself. */
  function gradientOfX(to: Place): void {
    const row = sizes.row(r.units);
    if (r.input === 'preactivations') {
      for (let g = 0; g < sizes.gates.length; g++) {
        const [own, from] = [moved(to, g * r.units * 4), moved(dz, g * value)];
        writer.add(
          'close',
          'copyRows',
          own,
          to.step!,
          time * width * 4,
          from,
          sizes.step,
          row,
          ROUND,
          rows,
          r.units,
        );
      }
      return;
    }
    const own = sizes.value(width);
    const whole = {...room.take(round * own), step: own, reset: true};
    writer.add('close', 'zero', whole, round * own);
    for (const [g, gate] of sizes.gates.entries()) {
      const pack = {weight: 'kernel', gates: [gate], transposed: true} as const;
      const from = {step: sizes.step, row};
      const toStrides = {step: own, row: sizes.row(width)};
      roundProduct(parts, 'close', round, moved(dz, g * value), from, pack, whole, toStrides, 0);
    }
    const stride = time * width * 4;
    writer.add('close', 'copyRows', to, to.step!, stride, whole, own, sizes.row(width), ROUND, rows, width);
  }
}
