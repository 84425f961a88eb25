import type {Activation} from '../../../recurrence/activations';
import type {ActivationName, ElementOperation} from '../isa';

/** An element-wise operation and its parameters p and q. */
export interface Operation {
  readonly operation: ElementOperation;
  readonly parameters?: readonly [p: number, q: number];
}

/** f(a). Steps record no linear activations. */
export function activationOf(f: Activation): Operation {
  return {operation: nameOf(f), parameters: parametersOf(f)};
}

/** a·f′(x) from b = f(x). */
export function slopeOf(f: Activation): Operation {
  return {operation: `${nameOf(f)}Slope`, parameters: parametersOf(f)};
}

function nameOf({kind}: Activation): ActivationName {
  if (kind === 'linear') throw new TypeError('a linear activation computes nothing');
  return kind;
}

function parametersOf(f: Activation): Operation['parameters'] {
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
