import {ITERATION} from './isa.generated';

/** The value of a word of kind `steps`. */
@inline
export function countOf(word: usize, steps: usize): usize {
  return word == ITERATION ? steps : word;
}
