import * as tf from '@tensorflow/tfjs-core';
import {CarryoverError} from '../../errors';

/** A sum of products over axes that are named by letters: those of two operands, and those of the result. */
export interface Equation {
  readonly left: readonly string[];
  readonly right: readonly string[];
  readonly result: readonly string[];
}

/**
 * Reads `abc,cd->abd`. An ellipsis stands for as many axes of the first operand as its other letters leave.
 * @param rank of the first operand
 */
export function parseEquation(text: string, rank: number, where: string): Equation {
  const parts = /^([a-zA-Z.]+),([a-zA-Z]+)->([a-zA-Z.]+)$/.exec(text.replaceAll(' ', ''));
  const letters = (part: string, between: readonly string[]): string[] => {
    const [before = '', after = ''] = part.split('...');
    return [...before, ...(part.includes('...') ? between : []), ...after];
  };
  const [, left = '', right = '', result = ''] = parts ?? [];
  // Names that no equation has.
  const open = Array.from({length: Math.max(rank - left.replace('...', '').length, 0)}, (_, k) => String(k));
  const equation = {left: letters(left, open), right: letters(right, []), result: letters(result, open)};
  const all = [equation.left, equation.right, equation.result];
  const isClear =
    parts !== null && equation.left.length === rank && all.every(axes => new Set(axes).size === axes.length);
  if (
    isClear &&
    equation.result.every(axis => equation.left.includes(axis) || equation.right.includes(axis))
  ) {
    return equation;
  }
  throw new CarryoverError(
    'E_ARCHITECTURE',
    `${where}: equation '${text}' does not fit an input of ${rank} axes; expected one such as 'abc,cd->abd', each letter once in each part`,
  );
}

const product = (numbers: readonly number[]): number => numbers.reduce((a, b) => a * b, 1);

/** Sums of products as an equation says, as one product of matrices, which has a gradient (tfjs' einsum has none). */
export function einsum(equation: Equation, a: tf.Tensor, b: tf.Tensor): tf.Tensor {
  const {result} = equation;
  const [left, x] = withoutLone(equation.left, a, [...equation.right, ...result]);
  const [right, y] = withoutLone(equation.right, b, [...left, ...result]);
  const both = left.filter(axis => right.includes(axis));
  const batch = both.filter(axis => result.includes(axis));
  const summed = both.filter(axis => !result.includes(axis));
  const rows = left.filter(axis => !both.includes(axis));
  const columns = right.filter(axis => !both.includes(axis));
  const sizes = new Map([
    ...left.map((axis, k) => [axis, x.shape[k]!] as const),
    ...right.map((axis, k) => [axis, y.shape[k]!] as const),
  ]);
  const sizeOf = (axes: readonly string[]): number[] => axes.map(axis => sizes.get(axis)!);
  const matrices = (z: tf.Tensor, axes: readonly string[], ...order: (readonly string[])[]): tf.Tensor =>
    tf.reshape(
      tf.transpose(
        z,
        order.flat().map(axis => axes.indexOf(axis)),
      ),
      order.map(group => product(sizeOf(group))),
    );
  const multiplied = tf.matMul(
    matrices(x, left, batch, rows, summed),
    matrices(y, right, batch, summed, columns),
  );
  const made = [...batch, ...rows, ...columns];
  return tf.transpose(
    tf.reshape(multiplied, sizeOf(made)),
    result.map(axis => made.indexOf(axis)),
  );
}

/** An operand without the axes that nothing else has, which are summed over. */
function withoutLone(
  axes: readonly string[],
  x: tf.Tensor,
  others: readonly string[],
): [readonly string[], tf.Tensor] {
  const lone = axes.flatMap((axis, k) => (others.includes(axis) ? [] : [k]));
  if (lone.length === 0) return [axes, x];
  return [axes.filter((_, k) => !lone.includes(k)), tf.sum(x, lone)];
}
