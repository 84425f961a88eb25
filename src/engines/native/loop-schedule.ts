import {GATES, type Recurrence} from '../../recurrence/types';
import type {RecurrenceInputs} from '../types';
import type {Steps} from './loop';

/** How many time steps an iteration of a loop runs, and how many iterations are in flight. */
export type LoopSchedule = Pick<Steps, 'stepsPerIteration' | 'parallelIterations'>;

/** Training keeps stacks of all steps anyway, so that more steps and iterations cost no memory. */
export const TRAINING: LoopSchedule = {stepsPerIteration: 10, parallelIterations: 4};

/** For small steps, whose control flow takes as long as their products. More steps an iteration gained nothing. */
const SMALL: LoopSchedule = {stepsPerIteration: 10, parallelIterations: 2};

/**
 * For large steps. It is as fast as longer iterations and keeps the pre-activations of four steps, each of which is several
 * times as large as an output. One iteration in flight was a tenth slower on a busy machine.
 */
const LARGE: LoopSchedule = {stepsPerIteration: 2, parallelIterations: 2};

/** A step with more gate values than this, all rows together, is large. */
const LARGE_STEP = 1 << 15;

/** The schedule of an inference's loop. */
export function scheduleOf(r: Recurrence, {x}: RecurrenceInputs): LoopSchedule {
  return x.shape[0]! * GATES[r.cell].length * r.units > LARGE_STEP ? LARGE : SMALL;
}
