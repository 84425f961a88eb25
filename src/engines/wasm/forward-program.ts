import {gateColumns} from '../../recurrence/cells';
import type {Node} from '../../recurrence/expression';
import {recordOf} from '../../recurrence/records';
import type {StepGraph} from '../../recurrence/step';
import {type CarriedState, type Gate, STATES, type StateName, stateSize} from '../../recurrence/types';
import {ROUND} from './codes';
import {COUNTER_BYTES, Meeting} from './columns';
import {
  cutOff,
  dropoutPlaces,
  fillUp,
  maskPlaces,
  newParts,
  type Parts,
  roundProduct,
  vectorsAlongRows,
} from './common';
import {emitStep, type Sink} from './emit';
import type {Sizes} from './layout';
import {lower} from './lower';
import type {Packs} from './packs';
import {moved, type Place, type Program} from './program';
import {keptOf} from './saved';

export interface ForwardSpec {
  readonly step: StepGraph;
  /** Nodes whose values of all steps are kept; undefined: nothing is. */
  readonly saved: readonly number[] | undefined;
  /** States that are given. */
  readonly initial: readonly StateName[];
  /** x·W has a bias. */
  readonly biased: boolean;
  readonly returns: 'sequence' | 'last';
}

/** A program and where its tensors are. Places are of rows side by side, as tensors have them, unless it is said. */
export interface ForwardProgram {
  readonly program: Program;
  readonly packs: Packs;
  /** Bytes of all data that is its own. */
  readonly bytes: number;
  /** Bytes of what it shares with the programs that it meets, tensors among them. */
  readonly shared: number;
  /** To be 0 when they begin. */
  readonly counter: Place | undefined;
  readonly x: Place;
  readonly initial: Readonly<Partial<Record<StateName, Place>>>;
  /** As `maskPlaces` reads it. */
  readonly mask: Place;
  readonly dropout: Readonly<Partial<Record<Gate | 'all', Place>>>;
  readonly y: Place;
  readonly states: readonly Place[];
  /** Bytes of what is kept for the backward pass. */
  readonly kept: number;
}

/** As much of the pre-activations as stays in the second cache: rounds are as long as that allows. */
const ROUND_BYTES = 1 << 17;
const MOST_STEPS = 32;

/** The most steps of a round: the same for all shares of the columns, and two at least where they meet. */
function roundOf(sizes: Sizes): number {
  const step = sizes.gates.length * sizes.value(sizes.whole.units);
  const fit = Math.max(sizes.columns ? 2 : 1, Math.floor(ROUND_BYTES / step));
  return Math.min(sizes.time, MOST_STEPS, fit);
}

/** A call's whole sequence as a program, or some of its columns. */
export function forwardProgram(sizes: Sizes, spec: ForwardSpec): ForwardProgram {
  const {step, saved, returns} = spec;
  const {recurrence: r, rows, time, width} = sizes;
  const parts = newParts(sizes);
  const {writer, room, tensors, packs} = parts;
  const backwards = r.direction === 'backward';

  const kept = saved && keptOf(sizes, step, saved);
  const counter = sizes.columns && tensors.take(COUNTER_BYTES);
  const x = kept?.x ?? tensors.take(rows * time * width * 4);
  const mask = tensors.take((time + 1) * rows * 4);
  const given: Partial<Record<CarriedState, Place>> = recordOf(spec.initial, name =>
    tensors.take(rows * sizes.ofAll(stateSize(r, name)) * 4),
  );
  const carried: Partial<Record<CarriedState, Place>> = {};
  for (const name of step.carried) {
    const size = stateSize(r, name);
    const to = room.take(sizes.value(size));
    carried[name] = to;
    const from = given[name];
    if (from) fillUp(parts, 'before', to, from, size);
    else writer.add('before', 'zero', to, sizes.value(size));
  }

  const round = roundOf(sizes);
  const z = {...room.take(round * sizes.step), step: sizes.step, reset: true};
  preactivations(parts, x, z, round);

  const dropout = dropoutPlaces(parts);
  const weight = vectorsAlongRows(parts);
  const lowered = lower(step.nodes, [...(saved ?? []), step.output, ...Object.values(step.next)], sizes, {
    leaf: node => leafPlaces(node, {z, carried, weight, dropout: dropout.leaf, sizes}),
    mask: maskPlaces(parts, mask, 0, 1),
    savedSize: () => 0,
    room: (count, size) => places(room.take(count * sizes.value(size)), count, sizes.value(size)),
  });

  // Kept values, then the output, then the states, which change what the others read.
  const sinks: Sink[] = [];
  for (const [id, {place, numbers, parts: count, bytes}] of kept?.stacks ?? []) {
    const first = {...place, step: bytes};
    for (const [k, value] of lowered.operands(id).entries())
      sinks.push({value, to: moved(first, (k * bytes) / count), numbers, direct: true});
  }
  const same = step.carried.find(name => step.next[name] === step.output);
  const output = same === undefined ? room.take(sizes.value(sizes.output)) : carried[same]!;
  const [result] = lowered.operands(step.output);
  if (same === undefined) sinks.push({value: result!, to: output, numbers: sizes.output, direct: true});
  for (const name of step.carried) {
    const [value] = lowered.operands(step.next[name]!);
    sinks.push({value: value!, to: carried[name]!, numbers: stateSize(r, name), direct: false});
  }
  emitStep(writer, lowered, sinks, parts, counter && new Meeting(parts, counter, round));

  const size = sizes.output;
  const row = sizes.ofAll(size) * 4;
  const y = tensors.take(rows * (returns === 'sequence' ? time : 1) * row);
  if (returns === 'sequence') {
    const turned = backwards && r.outputOrder === 'time';
    const first = (turned ? time - 1 : 0) * row + sizes.first * 4;
    const to = {...moved(y, first), step: turned ? -row : row};
    writer.add('step', 'copyRows', to, 0, time * row, output, 0, sizes.row(size), 1, rows, size);
  } else cutOff(parts, 'after', y, output, size);
  const states = STATES[r.cell].map(name => {
    const to = tensors.take(rows * sizes.ofAll(stateSize(r, name)) * 4);
    cutOff(parts, 'after', to, carried[name]!, stateSize(r, name));
    return to;
  });
  return {
    program: writer.finish(time, round),
    packs,
    bytes: room.bytes,
    shared: sizes.columns ? tensors.bytes : 0,
    counter,
    x,
    initial: given,
    mask,
    dropout: dropout.given,
    y,
    states,
    kept: kept?.bytes ?? 0,
  };

  /** x·W + b for the steps of a round, gate after gate; or what x holds already. */
  function preactivations({writer, packs}: Parts, x: Place, z: Place, round: number): void {
    const value = sizes.value(r.units);
    const row = sizes.row(r.units);
    const stride = (backwards ? -1 : 1) * width * 4;
    const first = {...moved(x, backwards ? (time - 1) * width * 4 : 0), step: stride};
    const gates = sizes.gates.length;
    if (r.input === 'preactivations') {
      for (let g = 0; g < gates; g++) {
        const own = g * sizes.ofAll(r.units) + sizes.first;
        const [to, from] = [moved(z, g * value), moved(first, own * 4)];
        writer.add(
          'open',
          'copyRows',
          to,
          sizes.step,
          row,
          from,
          stride,
          time * width * 4,
          ROUND,
          rows,
          r.units,
        );
      }
      return;
    }
    if (spec.biased) {
      const bias = packs.vector('bias', gates).place;
      for (let g = 0; g < gates; g++) {
        const [to, from] = [moved(z, g * value), moved(bias, g * row)];
        writer.add('open', 'copyRows', to, sizes.step, row, from, 0, 0, ROUND, rows, row / 4);
      }
    } else writer.add('open', 'zero', z, round * sizes.step);
    const pack = {weight: 'kernel', gates: sizes.gates, transposed: false} as const;
    const from = {step: stride, row: time * width * 4};
    roundProduct(parts, 'open', round, first, from, pack, z, {step: sizes.step, row}, value);
  }
}

function leafPlaces(
  node: Node,
  own: {
    readonly z: Place;
    readonly carried: Readonly<Partial<Record<CarriedState, Place>>>;
    readonly weight: ReturnType<typeof vectorsAlongRows>;
    readonly dropout: (gate?: Gate) => Place;
    readonly sizes: Sizes;
  },
): readonly Place[] {
  switch (node.op) {
    case 'input': {
      const [first, count] = gateColumns(own.sizes.recurrence.cell, node.gates);
      const value = own.sizes.value(own.sizes.units);
      return places(moved(own.z, first * value), count, value);
    }
    case 'state':
      return [own.carried[node.name]!];
    case 'weight':
      return own.weight(node);
    case 'dropout':
      return [own.dropout(node.gate)];
    default:
      throw new TypeError(`'${node.op}' is no leaf of a forward step`);
  }
}

/** Values that lie one after the other. */
export function places(first: Place, count: number, bytes: number): readonly Place[] {
  return Array.from({length: count}, (_, k) => moved(first, k * bytes));
}
