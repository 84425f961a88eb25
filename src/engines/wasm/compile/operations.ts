import type {Elementary} from '../../../recurrence/activations';
import type {Node} from '../../../recurrence/expression';
import type {ActivationName, ElementOperation} from '../isa';

/** An element-wise operation and its parameters p and q. */
export interface Operation {
  readonly operation: ElementOperation;
  /** Default 0 and 0. */
  readonly parameters?: readonly [p: number, q: number];
}

/** Nodes whose value is one operation on their operands' elements. */
export type ElementNode = Extract<
  Node,
  {readonly op: 'add' | 'mul' | 'complement' | 'negate' | 'offset' | 'clip' | 'inside' | 'activate'}
>;

/** The operation of a node, on its operands in their order. */
export function operationOf(node: ElementNode): Operation {
  switch (node.op) {
    case 'mul':
      return {operation: 'multiply'};
    case 'offset':
      return {operation: 'offset', parameters: [node.by, 0]};
    case 'clip':
    case 'inside':
      return {operation: node.op, parameters: [node.limit, 0]};
    case 'activate':
      return activationOf(node.activation);
    default:
      return {operation: node.op};
  }
}

/** f(a). */
export function activationOf(f: Elementary): Operation {
  return {operation: nameOf(f), parameters: parametersOf(f)};
}

/** a·f′(x) from b = f(x). */
export function slopeOf(f: Elementary): Operation {
  return {operation: `${nameOf(f)}Slope`, parameters: parametersOf(f)};
}

function nameOf({kind}: Elementary): ActivationName {
  // Steps record no linear activations.
  if (kind === 'linear') throw new TypeError('a linear activation computes nothing');
  return kind;
}

function parametersOf(f: Elementary): Operation['parameters'] {
  switch (f.kind) {
    case 'hardSigmoid':
      return [f.slope, f.offset];
    case 'elu':
      return [f.alpha, f.scale];
    case 'leakyRelu':
      return [f.alpha, 0];
    case 'scaledTanh':
      return [f.in, f.out];
    case 'cappedRelu':
      return [f.limit, 0];
    default:
      return undefined;
  }
}
