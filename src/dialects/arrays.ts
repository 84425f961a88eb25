import * as tf from '@tensorflow/tfjs-core';
import {GATES, type Gate, outputSize, type Recurrence} from '../recurrence/types';
import {type CanonicalName, MATRICES} from '../recurrence/weights';

/** One array of a library's layer: what it is called, how it is laid out, how it starts. */
export interface ArraySpec {
  readonly name: string;
  /** The canonical weights that it holds, from the top row down. */
  readonly holds: readonly CanonicalName[];
  /** Gates in the order of the array's column blocks; none: a single block, which belongs to no gate. */
  readonly gates: readonly Gate[];
  /**
   * How a single weight that is a vector is written: as a `row`, `[1, columns]`; as one for each row of a `batch`. By
   * default it is a vector, `[columns]`. Several weights in one array are rows, or one after another in a `line`; a weight
   * that is named twice is the sum of both.
   */
  readonly form?: 'row' | 'batch' | 'line';
  /**
   * How the block of each gate of a matrix lies, where it does not lie as it multiplies: `transposed`; `refilled`: the
   * numbers of the transposed block in the shape of the block, which is how cuDNN has them.
   */
  readonly blocks?: 'transposed' | 'refilled';
  /** How it starts; of a `line`, how each of its weights does, where they differ. */
  readonly init: Start | readonly Start[];
  /** Names of the arguments with its regularizer and constraint. */
  readonly regularizer?: string;
  readonly constraint?: string;
  /** Default true. */
  readonly trainable?: boolean;
  /** What it is, for people, where that does not follow from what it holds. */
  readonly meaning?: string;
}

/** Name of the argument that initializes an array, or an initializer by name; per gate where they differ. */
export type Start = string | Readonly<Partial<Record<Gate | 'other', string>>>;

/** The sizes that an array's shape depends on. */
export interface Sizes extends Pick<Recurrence, 'units' | 'projection'> {
  /** Rows of arrays that hold one for each row of a batch. */
  readonly batch?: number;
}

/** Canonical arrays by name, as many as there are. */
export type Canonical = Partial<Record<CanonicalName, tf.Tensor>>;

/** How many rows of an array: a size, or a single one. */
export type Rows = 'input' | 'units' | 'output' | 'batch' | 1;

/** The rows of each weight that an array holds, from the top down; none of an array that is a vector. */
export function rowsOf({holds, form}: ArraySpec): Rows[] {
  if (form === 'line') return [];
  if (form !== undefined) return [form === 'row' ? 1 : form];
  const [first, ...others] = holds.map(name => MATRICES[name]?.rows ?? 1);
  return first === 1 && others.length === 0 ? [] : [first!, ...others];
}

/** The shape of a library's array. */
export function shapeOf(spec: ArraySpec, inputSize: number, sizes: Sizes): number[] {
  const width = MATRICES[spec.holds[0]!]?.columns === 'output' ? outputSize(sizes) : sizes.units;
  const columns = Math.max(1, spec.gates.length) * width;
  const rows = rowsOf(spec);
  if (rows.length === 0) return [spec.holds.length * columns];
  return [rows.reduce((sum, row) => sum + countOf(row, inputSize, sizes), 0), columns];
}

function countOf(rows: Rows, inputSize: number, sizes: Sizes): number {
  if (rows === 1) return 1;
  const {units, batch = 1} = sizes;
  return {input: inputSize, units, output: outputSize(sizes), batch}[rows];
}

/**
 * How many features x has, from the shape of the array that multiplies it.
 * @param shapes of the arrays, in the order of their specs
 */
export function inputSizeOf(
  specs: readonly ArraySpec[],
  shapes: readonly (readonly number[])[],
  sizes: Sizes,
): number {
  const index = specs.findIndex(({holds}) => holds.includes('kernel'));
  // With no features, its rows are those of the other weights in it.
  return shapes[index]![0]! - shapeOf(specs[index]!, 0, sizes)[0]!;
}

/**
 * A library's arrays as canonical weights: rows cut apart, gates put into canonical order. Differentiable; an array that
 * is canonical already is passed on as it is.
 */
export function toCanonical(
  specs: readonly ArraySpec[],
  arrays: readonly tf.Tensor[],
  recurrence: Sizes & Pick<Recurrence, 'cell'>,
  inputSize: number,
): Canonical {
  const gates = GATES[recurrence.cell];
  const whole: Canonical = {};
  /** The columns of each gate of the weights that are not whole in one array. */
  const columns = new Map<CanonicalName, Map<Gate, tf.Tensor>>();
  for (const [k, spec] of specs.entries()) {
    const [name] = spec.holds as [CanonicalName];
    const {form, blocks} = spec;
    if (spec.gates.length === 0) {
      whole[name] = form === 'row' ? tf.reshape(arrays[k]!, [recurrence.units]) : arrays[k]!;
    } else if (spec.holds.length === 1 && !form && !blocks && sameOrder(spec.gates, gates)) {
      whole[name] = arrays[k]!;
    } else {
      for (const {weight, gate, block} of blocksOf(spec, arrays[k]!, recurrence, inputSize)) {
        const own = columns.get(weight) ?? new Map<Gate, tf.Tensor>();
        columns.set(weight, own.set(gate, sum(own.get(gate), block)));
      }
    }
  }
  for (const [weight, own] of columns) {
    const {shape} = own.values().next().value!;
    const ordered = gates.map(gate => own.get(gate) ?? tf.zeros(shape));
    whole[weight] = ordered.length === 1 ? ordered[0]! : tf.concat(ordered, shape.length - 1);
  }
  return whole;
}

const sum = (part: tf.Tensor | undefined, other: tf.Tensor): tf.Tensor =>
  part ? tf.add(part, other) : other;

/** An array cut into the blocks of its weights and gates: matrices, or vectors where a weight has a single row. */
function blocksOf(
  spec: ArraySpec,
  array: tf.Tensor,
  sizes: Sizes,
  inputSize: number,
): {weight: CanonicalName; gate: Gate; block: tf.Tensor}[] {
  const {units} = sizes;
  const rows = rowsOf(spec);
  let top = 0;
  return spec.holds.flatMap((weight, w) => {
    // None of an array that is a vector.
    const size = rows[w] === undefined ? [] : [countOf(rows[w], inputSize, sizes)];
    const first = size.length === 0 ? [] : [top];
    top += size[0] ?? 0;
    const before = spec.form === 'line' ? w * spec.gates.length : 0;
    return spec.gates.map((gate, g) => {
      const isAll = array.size === [...size, units].reduce((a, b) => a * b, 1);
      const cut = isAll ? array : tf.slice(array, [...first, (before + g) * units], [...size, units]);
      return {weight, gate, block: rows[w] === 1 ? tf.reshape(cut, [units]) : asItMultiplies(cut, spec)};
    });
  });
}

/** The block of a gate as it multiplies x or h. */
function asItMultiplies(block: tf.Tensor, {blocks}: ArraySpec): tf.Tensor {
  if (!blocks) return block;
  const [rows, columns] = block.shape as [number, number];
  return tf.transpose(blocks === 'transposed' ? block : tf.reshape(block, [columns, rows]));
}

/** The block of a gate as the array has it: the way back of `asItMultiplies`. */
function asItLies(block: tf.Tensor, {blocks}: ArraySpec): tf.Tensor {
  if (!blocks) return block;
  const turned = tf.transpose(block);
  return blocks === 'transposed' ? turned : tf.reshape(turned, block.shape);
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
    const rows = rowsOf(spec);
    const parts = spec.holds.map((name, w) => {
      const count = countOf(rows[w] ?? 1, inputSize, recurrence);
      const weight = weights[name];
      if (!weight) return tf.zeros([count, shape.at(-1)! / (spec.form === 'line' ? spec.holds.length : 1)]);
      const parts = spec.holds.filter(other => other === name).length;
      const whole = tf.reshape(weight, [count, -1]);
      const matrix = parts === 1 ? whole : tf.div(whole, parts);
      if (spec.gates.length === 0) return matrix;
      const columns = spec.gates.map(gate =>
        asItLies(tf.slice(matrix, [0, order.indexOf(gate) * units], [count, units]), spec),
      );
      return columns.length === 1 ? columns[0]! : tf.concat(columns, 1);
    });
    return tf.reshape(parts.length === 1 ? parts[0]! : tf.concat(parts, 0), shape);
  });
}
