/**
 * How a release counts the inputs and outputs of an array when it scales random weights.
 * `firstIsOutput`: through 0.2, every axis after the first is an input. `rootOfSize`, `th`, `tf`: 0.3 to 1.2, by kernel
 * layout. `channelsLast`: since 2.0, of any rank from 3.
 */
export type FanRule = 'firstIsOutput' | 'th' | 'tf' | 'channelsLast';

const product = (values: readonly number[]): number => values.reduce((a, b) => a * b, 1);

/** [fan in, fan out]. Source: get_fans of keras/initializations.py (0.x, 1.x), _compute_fans (2.x). */
export function fans(shape: readonly number[], rule: FanRule): [number, number] {
  const rank = shape.length;
  if (rank === 2) return [shape[0]!, shape[1]!];
  if (rule === 'firstIsOutput') return [product(shape.slice(1)), shape[0]!];
  const kernel = rule === 'channelsLast' ? rank >= 3 : rank === 4 || rank === 5;
  if (!kernel) {
    const root = Math.sqrt(product(shape));
    return [root, root];
  }
  if (rule === 'th') {
    const field = product(shape.slice(2));
    return [shape[1]! * field, shape[0]! * field];
  }
  const field = product(shape.slice(0, -2));
  return [shape[rank - 2]! * field, shape[rank - 1]! * field];
}
