import {ACTIVATIONS} from './canonical';
import type {Term} from './term';

/** What a term may be the activation of: of what is before its operation, or, linear, of itself. */
export function activations(term: Term): {activation: string; input: Term}[] {
  const linear = {activation: 'linear', input: term};
  return ACTIVATIONS.has(term.op) ? [{activation: term.op, input: term.args[0]!}, linear] : [linear];
}
