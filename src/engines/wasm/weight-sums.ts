import {gateColumns} from '../../recurrence/cells';
import type {WeightGradient} from '../../recurrence/differentiate';
import type {Id} from '../../recurrence/expression';
import type {WeightName} from '../../recurrence/weights';
import type {BackwardSpec} from './backward-program';
import {ROUND} from './codes';
import type {Parts} from './common';
import type {Sink} from './emit';
import {align} from './layout';
import type {Operand} from './lower';
import {moved, type Place, type Word} from './program';
import type {Stack} from './saved';

/** The sum of a weight's gradient over all steps and rows, as the kernel leaves it. */
export interface Sum {
  readonly place: Place;
  /** Rows of the weight; 1 for a vector. */
  readonly rows: number;
  /** Gates side by side, each filled up to whole vectors. */
  readonly gates: number;
  /** Of each gate. */
  readonly columns: number;
}

export interface WeightSums {
  readonly of: ReadonlyMap<WeightName, Sum>;
  /** Writes the instructions; the step's own must have been written. */
  write(): void;
}

interface Given {
  readonly spec: BackwardSpec;
  readonly round: number;
  /** From the last processed step on. */
  readonly x: Place;
  readonly dz: Place;
  readonly stackAt: (id: Id) => Place;
  readonly stacks: ReadonlyMap<Id, Stack>;
  readonly operands: (id: Id) => readonly Operand[];
  /** What the sums read of each step is added to these. */
  readonly sinks: Sink[];
}

/** Sums of all gradients of weights, a round of steps at a time. */
export function weightSums(parts: Parts, given: Given): WeightSums {
  const {writer, sizes, room} = parts;
  const {spec, round, sinks} = given;
  const {recurrence: r, rows} = sizes;
  const value = sizes.value(r.units);
  const of = new Map<WeightName, Sum>();

  const sumOf = (weight: WeightName, matrix: boolean): Sum => {
    const known = of.get(weight);
    if (known) return known;
    const projection = weight === 'projection';
    const columns = projection ? sizes.output : r.units;
    const one = projection || /^(peephole|gain|shift)\./.test(weight);
    const gates = one ? 1 : sizes.gates.length;
    const height = !matrix ? 1 : weight === 'kernel' ? sizes.width : projection ? r.units : sizes.output;
    // A last vector that stands for nothing may be read behind the last row.
    const bytes = height * gates * sizes.row(columns) + sizes.row(1);
    const sum = {place: room.take(bytes), rows: height, gates, columns};
    writer.add('before', 'zero', sum.place, align(bytes));
    of.set(weight, sum);
    return sum;
  };

  /** Where a part of dy is kept for a round: already, or from now on. */
  const keep = (part: Operand, numbers: number): Place => {
    const known = sinks.find(sink => sink.value === part && sink.to.reset);
    if (known) return known.to;
    const bytes = sizes.value(numbers);
    const place = {...room.take(round * bytes), step: bytes, reset: true};
    sinks.push({value: part, to: place, numbers, direct: true});
    return place;
  };
  const gradients = spec.backward.weights
    .filter(({weight}) => spec.weights.includes(weight))
    .map(gradient => {
      const numbers = gradient.weight === 'projection' ? sizes.output : r.units;
      const stacks = given.operands(gradient.dy).map(part => keep(part, numbers));
      return {gradient, stacks, sum: sumOf(gradient.weight, gradient.kind === 'matrix')};
    });
  const kernel =
    spec.weights.includes('kernel') && r.input === 'features' ? sumOf('kernel', true) : undefined;
  const bias = spec.weights.includes('bias') && r.input === 'features' ? sumOf('bias', false) : undefined;

  const write = (): void => {
    const tallest = Math.max(1, ...[...of.values()].map(sum => sum.rows));
    // A transposed, then four panels of two vectors.
    const scratch = room.take(round * rows * (tallest * 4 + 8 * sizes.lanes * 4) + 16);
    const outer = (
      sum: Sum,
      a: Place,
      row: number,
      b: Place,
      {gate, first, count}: {readonly gate: number; readonly first: number; readonly count: number},
    ): void => {
      const perGate = sizes.vectors(sum.columns);
      const to = moved(sum.place, first * sizes.row(sum.columns));
      const left: Word[] = [a, a.step!, row, sum.rows];
      const right: Word[] = [b, b.step!, sizes.row(sum.columns), gate, rows, count * perGate, perGate];
      writer.add('close', 'outerProduct', ...left, ...right, to, sum.gates * sizes.row(sum.columns), scratch);
    };
    if (kernel) {
      const all = {gate: value, first: 0, count: sizes.gates.length};
      outer(kernel, given.x, sizes.time * sizes.width * 4, given.dz, all);
    }
    const addUp = (to: Place, from: Place, numbers: number): void =>
      writer.add(
        'close',
        'addRows',
        to,
        from,
        from.step!,
        sizes.row(numbers),
        ROUND,
        rows,
        sizes.vectors(numbers),
      );
    if (bias) {
      for (let g = 0; g < bias.gates; g++)
        addUp(moved(bias.place, g * sizes.row(r.units)), moved(given.dz, g * value), r.units);
    }
    for (const {gradient, stacks, sum} of gradients) {
      const first = firstGate(gradient);
      if (gradient.kind === 'vector') {
        for (const [k, stack] of stacks.entries())
          addUp(moved(sum.place, (first + k) * sizes.row(sum.columns)), stack, sum.columns);
        continue;
      }
      const x = given.stackAt(gradient.x);
      const row = sizes.row(given.stacks.get(gradient.x)!.numbers);
      const gate = sizes.value(sum.columns);
      if (inLine(stacks, gate)) outer(sum, x, row, stacks[0]!, {gate, first, count: stacks.length});
      else for (const [k, b] of stacks.entries()) outer(sum, x, row, b, {gate, first: first + k, count: 1});
    }
  };
  const firstGate = ({gates}: WeightGradient): number =>
    gates.length > 0 ? gateColumns(r.cell, gates)[0] : 0;
  return {of, write};
}

/** Whether places follow each other at this distance. */
function inLine(list: readonly Place[], bytes: number): boolean {
  const [first] = list;
  return list.every(({offset, step}, k) => offset === first!.offset + k * bytes && step === first!.step);
}
