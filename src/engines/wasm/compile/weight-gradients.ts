import {gateColumns} from '../../../recurrence/cells';
import type {WeightGradient} from '../../../recurrence/differentiate';
import type {Id} from '../../../recurrence/expression';
import {type WeightName, weightOf} from '../../../recurrence/weights';
import {CONSTANTS} from '../isa';
import type {Blocks, Operand} from './actions';
import type {Compilation} from './compilation';
import type {Sink} from './emit';
import {type InstructionWords, moved, type Place, placesFrom} from './program';
import type {Stack} from './reserve';

const {GROUP, ITERATION} = CONSTANTS;

/** The sum of a weight's gradient over all steps and rows, as the kernel leaves it. */
export interface WeightSum {
  readonly place: Place;
  /** Rows of the weight; 1 of a vector. */
  readonly rows: number;
  /** Gates side by side, each filled up to whole vectors. */
  readonly gates: number;
  /** Columns of a gate. */
  readonly columns: number;
}

/** What the sums are made of. Places begin at the last processed step. */
interface Operands {
  readonly x: Place;
  readonly dz: Place;
  readonly stackAt: (id: Id) => Place;
  readonly stacks: ReadonlyMap<Id, Stack>;
  readonly blocks: (id: Id) => Blocks;
  /** What the sums read of each step is added to these. */
  readonly sinks: Sink[];
}

/** A gradient that is summed: of a vector, the sum of dy's rows; of a matrix, the sum of aᵀ·dy. */
interface Term {
  readonly sum: WeightSum;
  readonly dy: readonly Place[];
  /** The first of the weight's gates that dy has. */
  readonly first: number;
  readonly a?: Pick<InstructionWords<'outerProduct'>, 'a' | 'aRow'>;
}

/** Sums of gradients, by the names of the weights. */
interface WeightSums {
  readonly of: ReadonlyMap<WeightName, WeightSum>;
  /** Writes the instructions of an iteration's end; the step has been written before. */
  write(): void;
}

/**
 * Sums the gradients of weights, an iteration of steps at a time.
 * @param wanted the weights whose gradients are wanted
 * @param gradients those that the step has
 */
export function weightSums(
  c: Compilation,
  wanted: readonly WeightName[],
  gradients: readonly WeightGradient[],
  operands: Operands,
): WeightSums {
  const {sizes} = c;
  const {recurrence: r} = sizes;
  const of = new Map(wanted.map(name => [name, allocate(c, name)]));
  const terms: Term[] = [];
  for (const gradient of gradients) {
    const sum = of.get(gradient.weight);
    if (!sum) continue;
    const dy = operands.blocks(gradient.dy).map(block => buffered(c, operands.sinks, block, sum.columns));
    const first = gradient.gates.length > 0 ? gateColumns(r.cell, gradient.gates)[0] : 0;
    if (gradient.kind === 'vector') terms.push({sum, dy, first});
    else {
      const aRow = sizes.row(operands.stacks.get(gradient.x)!.elements);
      terms.push({sum, dy, first, a: {a: operands.stackAt(gradient.x), aRow}});
    }
  }
  const dz = placesFrom(operands.dz, sizes.gates.length, sizes.value(r.units));
  for (const [name, sum] of of) {
    const {acts, rows} = weightOf(r, name)!;
    const a = rows === 'vector' ? undefined : {a: operands.x, aRow: sizes.time * sizes.width * 4};
    if (acts === 'input') terms.push({sum, dy: dz, first: 0, a});
  }
  const write = (): void => {
    // A transposed, then a group of panels of two vectors.
    const tallest = Math.max(1, ...[...of.values()].map(({rows}) => rows));
    const rows = c.iterationSteps * sizes.rows;
    const scratch = c.data.allocate(rows * (tallest + 2 * GROUP * sizes.lanes) * 4 + 16);
    for (const term of terms) {
      if (term.a) addOuter(c, term, term.a, scratch);
      else addRows(c, term);
    }
  };
  return {of, write};
}

/** Allocates a weight's sum, and clears it. */
function allocate(c: Compilation, weight: WeightName): WeightSum {
  const {sizes} = c;
  const {rows, gates, columns} = sizes.weight(weight);
  // The kernel may read a vector beyond the last row, where the last panel has one vector only.
  const bytes = rows * gates * sizes.row(columns) + sizes.row(1);
  const place = c.data.allocate(bytes);
  c.add('before', 'zero', {to: place, bytes});
  return {place, rows, gates, columns};
}

/** The buffer of a block of dy: one that a sink fills already, or a new one. */
function buffered(c: Compilation, sinks: Sink[], value: Operand, elements: number): Place {
  const known = sinks.find(sink => sink.value === value && sink.to.reset);
  if (known) return known.to;
  const to = c.buffer(c.sizes.value(elements));
  sinks.push({value, to, elements, direct: true});
  return to;
}

/** Adds aᵀ·dy to a sum: in one product where the blocks of dy lie in line. */
function addOuter(c: Compilation, {sum, dy, first}: Term, a: Required<Term>['a'], scratch: Place): void {
  const {sizes} = c;
  const row = sizes.row(sum.columns);
  const bGate = sizes.value(sum.columns);
  const gateVectors = sizes.vectors(sum.columns);
  const [start] = dy;
  const inLine = dy.every(
    ({offset, step}, k) => offset === start!.offset + k * bGate && step === start!.step,
  );
  for (const [k, b] of inLine ? [[0, start!] as const] : dy.entries()) {
    c.add('close', 'outerProduct', {
      ...a,
      aStep: a.a.step!,
      columns: sum.rows,
      b,
      bStep: b.step!,
      bRow: row,
      bGate,
      rows: sizes.rows,
      vectors: (inLine ? dy.length : 1) * gateVectors,
      gateVectors,
      c: moved(sum.place, (first + k) * row),
      cRow: sum.gates * row,
      scratch,
    });
  }
}

/** Adds all rows of dy to a sum, gate by gate. */
function addRows(c: Compilation, {sum, dy, first}: Term): void {
  const {sizes} = c;
  const row = sizes.row(sum.columns);
  for (const [k, from] of dy.entries()) {
    c.add('close', 'sumRows', {
      to: moved(sum.place, (first + k) * row),
      from,
      fromOuter: from.step!,
      fromRow: row,
      outer: ITERATION,
      rows: sizes.rows,
      vectors: sizes.vectors(sum.columns),
    });
  }
}
