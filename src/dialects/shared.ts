import type {Recurrence} from '../recurrence/types';

/* What several libraries mean alike, whatever their words for it. */

/** Peepholes as most libraries have them: added to what the gates see, the output gate's reading the new cell. */
export const addedPeepholes = {
  i: {rule: 'add', reads: 'previous'},
  f: {rule: 'add', reads: 'previous'},
  o: {rule: 'add', reads: 'new'},
} as const;

/** Limits of back-propagation through time, where numbers that are not positive say that there are none. */
export const limits = (steps: number, clip: number): NonNullable<Recurrence['bptt']> => ({
  steps: steps > 0 ? steps : undefined,
  clip: clip > 0 ? clip : undefined,
});
