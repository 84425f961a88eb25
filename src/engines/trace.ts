import type {Recurrence} from '../recurrence/types';
import {shared} from './shared';
import type {Call, Engine} from './types';

/** What one engine says of a call. */
export interface Candidate {
  readonly engine: string;
  /** Milliseconds that it expects to take; absent where it cannot run the call. */
  readonly estimate?: number;
  /** Why it cannot. */
  readonly refusal?: string;
}

/** The choice of an engine for a call, and what there was to choose from. */
export interface Choice {
  /** The one that runs it. */
  readonly engine: string;
  readonly recurrence: Recurrence;
  readonly call: Call;
  readonly candidates: readonly Candidate[];
}

const state = shared('trace', (): {listener?: (choice: Choice) => void} => ({}));

/** Tells of each choice of an engine from now on; undefined ends that. */
export function traceChoices(listen: ((choice: Choice) => void) | undefined): void {
  state.listener = listen;
}

/** Tells of a choice, where somebody listens. */
export function reportChoice(
  {name}: Engine,
  engines: readonly Engine[],
  recurrence: Recurrence,
  call: Call,
): void {
  const {listener} = state;
  if (!listener) return;
  const candidates = engines.map((engine): Candidate => {
    const refusal = engine.refuses(recurrence, call) ?? engine.unavailable();
    return refusal === undefined
      ? {engine: engine.name, estimate: engine.estimate(recurrence, call)}
      : {engine: engine.name, refusal};
  });
  listener({engine: name, recurrence, call, candidates});
}
