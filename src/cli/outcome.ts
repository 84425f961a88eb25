/** Exit status of a verb: done, or a check that failed. */
export type Outcome = 0 | 1;
