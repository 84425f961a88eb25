import * as tf from '@tensorflow/tfjs-core';
import {GATES, type Gate, outputSize, type Recurrence} from '../recurrence/types';
import type {CanonicalName} from '../recurrence/weights';

/** A block of rows of a library's array, and the canonical weight that it belongs to. */
export interface RowBlock {
  readonly weight: CanonicalName;
  /**
   * As many rows as x has features, as the cell has units, or as come out of the layer; `batch`: one for each
   * row of a batch; 1: a single row; 0: the array is a vector.
   */
  readonly rows: 'input' | 'units' | 'output' | 'batch' | 1 | 0;
}

/** One array of a library's layer: what it is called, how it is laid out, how it starts. */
export interface ArraySpec {
  readonly name: string;
  /** Gates in the order of the array's column blocks; none: a single block, which belongs to no gate. */
  readonly gates: readonly Gate[];
  /** `output`: one block, as wide as what comes out of the layer (a projection). Default: units per gate. */
  readonly columns?: 'output';
  /** From the top row down. */
  readonly rowBlocks: readonly RowBlock[];
  /** Name of the argument that initializes it, or an initializer by name; per gate where they differ. */
  readonly init: string | Readonly<Partial<Record<Gate | 'other', string>>>;
  /** Names of the arguments with its regularizer and constraint. */
  readonly regularizer?: string;
  readonly constraint?: string;
  /** Default true. */
  readonly trainable?: boolean;
  /** What it is, for people, where its blocks do not tell. */
  readonly meaning?: string;
}

/** `[inputSize, gates·units]` */
export const kernelRows: RowBlock = {weight: 'kernel', rows: 'input'};
/** `[outputSize, gates·units]` */
export const recurrentRows: RowBlock = {weight: 'recurrentKernel', rows: 'output'};

/** The sizes that an array's shape depends on. */
export interface Sizes extends Pick<Recurrence, 'units' | 'projection'> {
  /** Rows of arrays that hold one for each row of a batch. */
  readonly batch?: number;
}

/** Canonical arrays by name, as many as there are. */
export type Canonical = Partial<Record<CanonicalName, tf.Tensor>>;

/** The shape of a library's array. */
export function shapeOf(spec: ArraySpec, inputSize: number, sizes: Sizes): number[] {
  const columns =
    spec.columns === 'output' ? outputSize(sizes) : Math.max(1, spec.gates.length) * sizes.units;
  if (spec.rowBlocks.length === 1 && spec.rowBlocks[0]!.rows === 0) return [columns];
  const rows = spec.rowBlocks.map(rowBlock => rowsOf(rowBlock, inputSize, sizes));
  return [rows.reduce((a, b) => a + b, 0), columns];
}

function rowsOf(rowBlock: RowBlock, inputSize: number, sizes: Sizes): number {
  switch (rowBlock.rows) {
    case 'input':
      return inputSize;
    case 'units':
      return sizes.units;
    case 'output':
      return outputSize(sizes);
    case 'batch':
      return sizes.batch ?? 1;
    default:
      return rowBlock.rows;
  }
}

/**
 * A library's arrays as canonical weights: rowBlocks cut apart, gates put into canonical order. Differentiable;
 * an array that is canonical already is passed on as it is.
 */
export function toCanonical(
  specs: readonly ArraySpec[],
  arrays: readonly tf.Tensor[],
  recurrence: Sizes & Pick<Recurrence, 'cell'>,
  inputSize: number,
): Canonical {
  const gates = GATES[recurrence.cell];
  const {units} = recurrence;
  /** weight → gate → column block */
  const blocks = new Map<CanonicalName, Map<Gate, tf.Tensor>>();
  const whole: Canonical = {};
  for (const [k, spec] of specs.entries()) {
    const array = arrays[k]!;
    const [only] = spec.rowBlocks as [RowBlock];
    if (spec.gates.length === 0) {
      whole[only.weight] = only.rows === 1 ? tf.reshape(array, [units]) : array;
      continue;
    }
    if (spec.rowBlocks.length === 1 && only.rows !== 1 && sameOrder(spec.gates, gates)) {
      whole[only.weight] = array;
      continue;
    }
    let top = 0;
    for (const rowBlock of spec.rowBlocks) {
      const rows = rowsOf(rowBlock, inputSize, recurrence);
      const columns = blocks.get(rowBlock.weight) ?? new Map<Gate, tf.Tensor>();
      blocks.set(rowBlock.weight, columns);
      for (const [g, gate] of spec.gates.entries())
        columns.set(gate, block(array, rowBlock, top, rows, g, units));
      top += rows;
    }
  }
  for (const [weight, columns] of blocks) {
    const axis = [...columns.values()][0]!.rank - 1;
    const like = [...columns.values()][0]!;
    const ordered = gates.map(gate => columns.get(gate) ?? tf.zeros(like.shape));
    whole[weight] = ordered.length === 1 ? ordered[0]! : tf.concat(ordered, axis);
  }
  return whole;
}

function block(
  array: tf.Tensor,
  rowBlock: RowBlock,
  top: number,
  rows: number,
  gate: number,
  units: number,
): tf.Tensor {
  if (rowBlock.rows === 0) {
    return array.shape[0] === units ? array : tf.slice(array, [gate * units], [units]);
  }
  const everything = array.shape[0] === rows && array.shape[1] === units;
  const cut = everything ? array : tf.slice(array, [top, gate * units], [rows, units]);
  return rowBlock.rows === 1 ? tf.reshape(cut, [units]) : cut;
}

function sameOrder(a: readonly Gate[], b: readonly Gate[]): boolean {
  return a.length === b.length && a.every((gate, k) => gate === b[k]);
}

/**
 * Canonical weights as a library's arrays: the way back of `toCanonical`. Weights that are not there count as
 * zero.
 */
export function fromCanonical(
  specs: readonly ArraySpec[],
  weights: Readonly<Canonical>,
  recurrence: Sizes & Pick<Recurrence, 'cell'>,
  inputSize: number,
): tf.Tensor[] {
  const order = GATES[recurrence.cell];
  const {units} = recurrence;
  return specs.map(spec => {
    const shape = shapeOf(spec, inputSize, recurrence);
    const rowBlocks = spec.rowBlocks.map(rowBlock => {
      const weight = weights[rowBlock.weight];
      const rows = rowBlock.rows === 0 ? 1 : rowsOf(rowBlock, inputSize, recurrence);
      if (!weight) return tf.zeros([rows, shape.at(-1)!]);
      const matrix = tf.reshape(weight, [rows, -1]);
      if (spec.gates.length === 0) return matrix;
      const columns = spec.gates.map(gate =>
        tf.slice(matrix, [0, order.indexOf(gate) * units], [rows, units]),
      );
      return columns.length === 1 ? columns[0]! : tf.concat(columns, 1);
    });
    return tf.reshape(rowBlocks.length === 1 ? rowBlocks[0]! : tf.concat(rowBlocks, 0), shape);
  });
}
