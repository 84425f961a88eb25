import {gateColumns} from '../../../recurrence/cells';
import type {Id} from '../../../recurrence/expression';
import {CONSTANTS} from '../isa';
import type {Blocks, Operand} from './actions';
import type {BackwardSpec} from './backward';
import type {Compilation} from './compilation';
import type {Sink} from './emit';
import {align, type Sizes} from './layout';
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

/** Sums of gradients of weights, by the weights' names. */
interface WeightSums {
  readonly of: ReadonlyMap<string, WeightSum>;
  /** Writes the instructions of an iteration's end; the step has been written before. */
  write(): void;
}

/** Sums all gradients of weights, an iteration of steps at a time. */
export function weightSums(c: Compilation, spec: BackwardSpec, operands: Operands): WeightSums {
  const {sizes} = c;
  const {cell, input, units} = sizes.recurrence;
  const of = new Map<string, WeightSum>();
  const gradients = spec.backward.weights
    .filter(({weight}) => spec.weights.includes(weight))
    .map(gradient => {
      const elements = gradient.weight === 'projection' ? sizes.output : units;
      const dy = operands.blocks(gradient.dy).map(block => buffered(c, operands.sinks, block, elements));
      return {gradient, dy, sum: sumOf(c, of, gradient.weight, gradient.kind === 'matrix')};
    });
  const wanted = (weight: string): boolean => input === 'features' && spec.weights.includes(weight);
  const kernel = wanted('kernel') && sumOf(c, of, 'kernel', true);
  const bias = wanted('bias') && sumOf(c, of, 'bias', false);
  const write = (): void => {
    const scratch = scratchFor(c, of);
    const dz = placesFrom(operands.dz, sizes.gates.length, sizes.value(units));
    if (kernel) addMatrix(c, kernel, {a: operands.x, aRow: sizes.time * sizes.width * 4, scratch}, dz, 0);
    if (bias) addRows(c, bias, dz, 0);
    for (const {gradient, dy, sum} of gradients) {
      const first = gradient.gates.length > 0 ? gateColumns(cell, gradient.gates)[0] : 0;
      if (gradient.kind === 'vector') addRows(c, sum, dy, first);
      else {
        const aRow = sizes.row(operands.stacks.get(gradient.x)!.elements);
        addMatrix(c, sum, {a: operands.stackAt(gradient.x), aRow, scratch}, dy, first);
      }
    }
  };
  return {of, write};
}

/** The sum of a weight's gradient, allocated and cleared once. */
function sumOf(c: Compilation, of: Map<string, WeightSum>, weight: string, matrix: boolean): WeightSum {
  const known = of.get(weight);
  if (known) return known;
  const sum = {...shapeOf(c.sizes, weight, matrix), place: c.data.allocate(0)};
  return sum;
}
