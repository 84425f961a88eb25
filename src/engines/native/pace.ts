import {GATES, type Recurrence} from '../../recurrence/types';
import type {RecurrenceInputs} from '../types';
import type {Steps} from './loop';

/** How far a loop gets at once. */
export type Pace = Pick<Steps, 'perRound' | 'parallel'>;

/** There are stacks of all steps anyway. */
export const TRAINING: Pace = {perRound: 10, parallel: 4};

/** Of steps that are small, so that the loop's control flow shows. More steps a round gained nothing. */
const SMALL: Pace = {perRound: 10, parallel: 2};

/**
 * Of those that are not: as fast, and the pre-activations of four steps are there at once, each several times as large
 * as its output. With one round at a time, a tenth slower on a busy machine.
 */
const LARGE: Pace = {perRound: 2, parallel: 2};

/** Values of the gates of a step, all rows together, from which a step is large. */
const LARGE_STEP = 1 << 15;

/** How far an inference's loop gets at once. */
export function paceOf(r: Recurrence, {x}: RecurrenceInputs): Pace {
  return x.shape[0]! * GATES[r.cell].length * r.units > LARGE_STEP ? LARGE : SMALL;
}
