import {CarryoverError} from '../errors';
import type {Recurrence} from '../recurrence/types';
import {opsEngine} from './ops/engine';
import type {Engine, ForwardOptions} from './types';

/** In the order in which `auto` asks them. */
const engines: Engine[] = [opsEngine];
let chosen = 'auto';

/** Adds an engine; `auto` asks it before those that are there already. */
export function registerEngine(engine: Engine): void {
  engines.unshift(engine);
}

/** The engines there are, by name. */
export function engineNames(): string[] {
  return engines.map(engine => engine.name);
}

/**
 * Chooses the engine of all later calls: `auto` (the first one that can run what is asked) or a name of
 * `engineNames()`.
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

/** The engine that runs this recurrence. */
export function engineFor(recurrence: Recurrence, options: ForwardOptions): Engine {
  const refusals: string[] = [];
  for (const engine of engines) {
    if (chosen !== 'auto' && chosen !== engine.name) continue;
    const reason = engine.refuses(recurrence, options);
    if (reason === undefined) return engine;
    refusals.push(`${engine.name}: ${reason}`);
  }
  throw new CarryoverError('E_ENGINE', `no engine can run this ${recurrence.cell}: ${refusals.join('; ')}`);
}
