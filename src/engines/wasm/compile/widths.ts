import type {Id, Node} from '../../../recurrence/expression';
import {outputSize, type Recurrence} from '../../../recurrence/types';

/** Elements of a block's row of each value of a step; 0 of a value that is one number for the whole row. */
export function elementsOf(nodes: readonly Node[], r: Recurrence, savedElements: (id: Id) => number): number[] {
  const output = outputSize(r);
  const sizes: number[] = [];
  const at = (id: Id): number => sizes[id]!;
  const sizeOf = (node: Node): number => {
    switch (node.op) {
      case 'input':
      case 'weight':
        return r.units;
      case 'dropout':
        return output;
      case 'state':
      case 'upstream':
        return node.name === 'c' ? r.units : output;
      case 'mask':
        return 0;
      case 'product':
        return (node.weight === 'projection') !== node.transposed ? output : r.units;
      case 'saved':
        return savedElements(node.id);
      case 'add':
      case 'mul':
        return Math.max(at(node.a), at(node.b));
      case 'part':
      case 'complement':
      case 'negate':
      case 'offset':
      case 'activate':
      case 'clip':
      case 'inside':
      case 'limitGradient':
      case 'inverseDeviation':
      case 'standardize':
        return at(node.x);
      case 'join':
        return at(node.parts[0]!);
      case 'slope':
      case 'standardizeGradient':
        return at(node.y);
      case 'zeros':
        return at(node.like);
    }
  };
  for (const node of nodes) sizes.push(sizeOf(node));
  return sizes;
}

/** The values that a node reads. */
export function operandsOf(node: Node): readonly Id[] {
  switch (node.op) {
    case 'input':
    case 'state':
    case 'weight':
    case 'dropout':
    case 'mask':
    case 'saved':
    case 'upstream':
    case 'zeros':
      return [];
    case 'product':
    case 'part':
    case 'complement':
    case 'negate':
    case 'offset':
    case 'activate':
    case 'clip':
    case 'inside':
    case 'limitGradient':
    case 'inverseDeviation':
      return [node.x];
    case 'join':
      return node.parts;
    case 'add':
    case 'mul':
      return [node.a, node.b];
    case 'slope':
      return [node.y];
    case 'standardize':
      return [node.x, node.scale];
    case 'standardizeGradient':
      return [node.dy, node.y, node.scale];
  }
}

/** How often each value is read, by other nodes and from outside. */
export function usesOf(nodes: readonly Node[], outside: readonly Id[]): number[] {
  const uses = nodes.map(() => 0);
  for (const id of [...nodes.flatMap(operandsOf), ...outside]) uses[id]! += 1;
  return uses;
}

/** Blocks of each value, one gate wide each. */
export function blocksOf(nodes: readonly Node[], savedBlocks: (id: Id) => number): number[] {
  const counts: number[] = [];
  const at = (id: Id): number => counts[id]!;
  const countOf = (node: Node): number => {
    switch (node.op) {
      case 'input':
      case 'weight':
        return Math.max(1, node.gates.length);
      case 'product':
        return node.transposed ? 1 : Math.max(1, node.gates.length);
      case 'saved':
        return savedBlocks(node.id);
      case 'zeros':
        return at(node.like);
      case 'part':
        return at(node.x) / node.count;
      case 'join':
        return node.parts.reduce((sum, part) => sum + at(part), 0);
      default:
        return Math.max(1, ...operandsOf(node).map(at));
    }
  };
  for (const node of nodes) counts.push(countOf(node));
  return counts;
}
