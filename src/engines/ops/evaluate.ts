import * as tf from '@tensorflow/tfjs-core';
import type {Id, Node} from '../../recurrence/expression';
import {activate, slope} from './activations';

/** Where a graph's leaves get their values. */
export interface Leaves {
  input(gates: readonly string[]): tf.Tensor;
  state(name: string): tf.Tensor;
  /** The columns of these gates in a weight; the whole of a peephole, which has but one block. */
  weight(name: string, gates: readonly string[]): tf.Tensor;
  dropout(gate: string | undefined): tf.Tensor;
  mask(of: 'this' | 'previous'): tf.Tensor;
  saved(id: Id): tf.Tensor;
  upstream(name: string): tf.Tensor;
}

/** Computes every node of a step's graph with tfjs ops, in order. */
export function evaluate(nodes: readonly Node[], leaves: Leaves): tf.Tensor[] {
  const values: tf.Tensor[] = [];
  const splits = new Map<Id, tf.Tensor[]>();
  const at = (id: Id): tf.Tensor => values[id]!;
  const compute = (node: Node): tf.Tensor => {
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
      case 'product':
        return tf.matMul(at(node.x), leaves.weight(node.weight, node.gates), false, node.transposed);
      case 'part': {
        const blocks = splits.get(node.x) ?? tf.split(at(node.x), node.count, 1);
        splits.set(node.x, blocks);
        return blocks[node.index]!;
      }
      case 'join':
        return tf.concat(node.parts.map(at), 1);
      case 'add':
        return tf.add(at(node.a), at(node.b));
      case 'mul':
        return tf.mul(at(node.a), at(node.b));
      case 'complement':
        return tf.sub(1, at(node.x));
      case 'negate':
        return tf.neg(at(node.x));
      case 'offset':
        return tf.add(at(node.x), node.by);
      case 'activate':
        return activate(node.activation, at(node.x));
      case 'slope':
        return slope(node.activation, at(node.y));
      case 'clip':
        return tf.clipByValue(at(node.x), -node.limit, node.limit);
      case 'inside':
        return tf.cast(tf.lessEqual(tf.abs(at(node.x)), node.limit), 'float32');
      case 'limitGradient':
        return at(node.x);
      case 'inverseDeviation':
        return tf.rsqrt(tf.add(tf.moments(at(node.x), 1, true).variance, node.epsilon));
      case 'standardize':
        return tf.mul(tf.sub(at(node.x), tf.mean(at(node.x), 1, true)), at(node.scale));
      case 'standardizeGradient': {
        const [dy, y] = [at(node.dy), at(node.y)];
        const along = tf.mul(y, tf.mean(tf.mul(dy, y), 1, true));
        return tf.mul(tf.sub(tf.sub(dy, tf.mean(dy, 1, true)), along), at(node.scale));
      }
      case 'zeros':
        return tf.zerosLike(at(node.like));
      case 'saved':
        return leaves.saved(node.id);
      case 'upstream':
        return leaves.upstream(node.name);
    }
  };
  for (const node of nodes) values.push(compute(node));
  return values;
}
