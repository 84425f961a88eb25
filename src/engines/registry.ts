import {CarryoverError} from '../errors';
import type {Recurrence} from '../recurrence/types';
import {opsEngine} from './ops/engine';
import type {Call, Engine} from './types';

const engines: Engine[] = [opsEngine];
let chosen = 'auto';
const used = new Set<string>();

/** Adds an engine; one of that name that is there already stays. */
export function registerEngine(engine: Engine): void {
  if (!engineNames().includes(engine.name)) engines.unshift(engine);
}

/** The engines there are, by name. */
export function engineNames(): string[] {
  return engines.map(engine => engine.name);
}

/** Those of them that can run on the backend in use. */
export function availableEngines(): string[] {
  return engines.filter(engine => engine.unavailable() === undefined).map(({name}) => name);
}

/**
 * Chooses the engine of all later calls: `auto` (at each call the one that will be fastest, as far as can be
 * told) or a name of `engineNames()`. What the chosen engine cannot run exactly goes to another one.
 * @throws CarryoverError `E_ENGINE` for a name that is not there
 */
export function setEngine(name: string): void {
  if (name !== 'auto' && !engineNames().includes(name)) {
    const known = ['auto', ...engineNames()].join(', ');
    throw new CarryoverError('E_ENGINE', `engine '${name}' is not available here; choose one of ${known}`);
  }
  chosen = name;
}

/** The name that `setEngine` was last given. */
export function getEngine(): string {
  return chosen;
}

/** An engine and what it says of a call. */
export interface Offer {
  readonly engine: Engine;
  /** Why it will not run the call; undefined if it will. */
  readonly refusal?: string;
  /** In milliseconds. */
  readonly estimate: number;
}

/** What every engine says of a call: those that will run it first, the fastest of them at the head. */
export function offers(recurrence: Recurrence, call: Call): Offer[] {
  return engines
    .map((engine): Offer => {
      const refusal = engine.unavailable() ?? engine.refuses(recurrence, call);
      return {
        engine,
        refusal,
        estimate: refusal === undefined ? engine.estimate(recurrence, call) : Infinity,
      };
    })
    .sort((a, b) => (a.estimate === b.estimate ? 0 : a.estimate - b.estimate));
}

/**
 * The engine that runs a call: the chosen one if it can, else the one with the lowest estimate.
 * @throws CarryoverError `E_ENGINE` where the chosen engine cannot run on the backend in use
 */
export function engineFor(recurrence: Recurrence, call: Call): Engine {
  const wanted = engines.find(({name}) => name === chosen);
  const missing = wanted?.unavailable();
  if (missing !== undefined) throw new CarryoverError('E_ENGINE', `engine ${chosen}: ${missing}`);
  const engine =
    wanted && wanted.refuses(recurrence, call) === undefined ? wanted : offers(recurrence, call)[0]!.engine;
  used.add(engine.name);
  return engine;
}

/** The engines that have run since this was last asked. */
export function takeUsedEngines(): string[] {
  const names = [...used].sort();
  used.clear();
  return names;
}

/** Frees what the engines keep between calls (graphs, sessions, memory); it is made again when needed. */
export function disposeEngines(): void {
  for (const engine of engines) engine.dispose?.();
}
