import type {Id, Node} from '../recurrence/expression';
import type {CarriedState, Gate} from '../recurrence/types';
import type {WeightName} from '../recurrence/weights';
import {activate, clip, slope} from './activations';
import type {Arithmetic} from './arithmetic';

/** Where a graph's leaves get their values. */
export interface Leaves<T> {
  input(gates: readonly Gate[]): T;
  state(name: CarriedState): T;
  /** The columns of these gates in a weight; the whole of one that has but one block. */
  weight(name: WeightName, gates: readonly Gate[]): T;
  dropout(gate: Gate | undefined): T;
  mask(of: 'this' | 'previous'): T;
  saved(id: Id): T;
  upstream(name: CarriedState | 'output'): T;
}

/** Computes every node of a step's graph in order, with an engine's own arithmetic. */
export function interpret<T>(nodes: readonly Node[], leaves: Leaves<T>, m: Arithmetic<T>): T[] {
  const values: T[] = [];
  const splits = new Map<Id, readonly T[]>();
  const at = (id: Id): T => values[id]!;
  const compute = (node: Node): T => {
    switch (node.op) {
      case 'input':
        return leaves.input(node.gates);
      case 'state':
        return leaves.state(node.name);
      case 'weight':
        return leaves.weight(node.name, node.gates);
      case 'dropout':
        return leaves.dropout(node.gate);
      case 'mask':
        return leaves.mask(node.of);
      case 'saved':
        return leaves.saved(node.id);
      case 'upstream':
        return leaves.upstream(node.name);
      case 'product':
        return m.product(at(node.x), leaves.weight(node.weight, node.gates), node.transposed);
      case 'part': {
        const blocks = splits.get(node.x) ?? m.split(at(node.x), node.count);
        splits.set(node.x, blocks);
        return blocks[node.index]!;
      }
      case 'join':
        return m.concat(node.parts.map(at));
      case 'add':
        return m.add(at(node.a), at(node.b));
      case 'mul': {
        // The derivative of an activation always is the second factor.
        const slope = nodes[node.b]!;
        const fused =
          slope.op === 'slope' ? m.through?.(slope.activation, at(slope.y), at(node.a)) : undefined;
        return fused ?? m.mul(at(node.a), at(node.b));
      }
      case 'complement':
        return m.sub(m.scalar(1), at(node.x));
      case 'negate':
        return m.neg(at(node.x));
      case 'offset':
        return m.add(at(node.x), m.scalar(node.by));
      case 'activate':
        return activate(m, node.activation, at(node.x));
      case 'slope':
        return slope(m, node.activation, at(node.y));
      case 'normalCdf':
        return m.mul(m.add(m.erf(m.mul(at(node.x), m.scalar(Math.SQRT1_2))), m.scalar(1)), m.scalar(0.5));
      case 'softmax':
        return m.softmax(at(node.x));
      case 'softmaxGradient': {
        const [dy, y] = [at(node.dy), at(node.y)];
        return m.mul(y, m.sub(dy, m.rowSum(m.mul(dy, y))));
      }
      case 'clip':
        return clip(m, at(node.x), -node.limit, node.limit);
      case 'inside':
        return m.lessEqual(m.abs(at(node.x)), m.scalar(node.limit));
      case 'limitGradient':
        return at(node.x);
      case 'inverseDeviation': {
        const centred = m.sub(at(node.x), m.rowMean(at(node.x)));
        return m.rsqrt(m.add(m.rowMean(m.square(centred)), m.scalar(node.epsilon)));
      }
      case 'standardize':
        return m.mul(m.sub(at(node.x), m.rowMean(at(node.x))), at(node.scale));
      case 'standardizeGradient': {
        const [dy, y] = [at(node.dy), at(node.y)];
        const along = m.mul(y, m.rowMean(m.mul(dy, y)));
        return m.mul(m.sub(m.sub(dy, m.rowMean(dy)), along), at(node.scale));
      }
      case 'zeros':
        return m.zerosLike(at(node.like));
    }
  };
  for (const node of nodes) values.push(compute(node));
  return values;
}
