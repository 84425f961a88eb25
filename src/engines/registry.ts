import {CarryoverError} from '../errors';
import type {Recurrence} from '../recurrence/types';
import {opsEngine} from './ops/engine';
import {shared} from './shared';
import {reportChoice} from './trace';
import type {Call, Engine, EngineOptions} from './types';
import {wasmEngine} from './wasm/engine';

/** The engines there are, and what was said of them. */
const state = shared('engines', () => ({
  engines: [wasmEngine, opsEngine] as Engine[],
  chosen: 'auto',
  options: {} as EngineOptions,
  /** Those that have run since that was last asked. */
  used: new Set<string>(),
}));
const {engines, used} = state;

/** Adds an engine; one of that name that is there already stays. */
export function registerEngine(engine: Engine): void {
  if (engineNames().includes(engine.name)) return;
  engine.configure?.(state.options);
  engines.unshift(engine);
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
 *
 * @param options `threads`: how many threads an engine may use for one call, whichever runs it. Default: as many as
 * the engine takes by itself. `native` and `ops` run on the tfjs backend's own threads, which nothing here can set;
 * TensorFlow's are as many as the environment says in TF_NUM_INTRAOP_THREADS before it is loaded.
 * @throws CarryoverError `E_ENGINE` for a name that is not there, `E_USAGE` for threads that are no whole number
 * of 1 or more
 */
export function setEngine(name: string, {threads}: EngineOptions = {}): void {
  if (name !== 'auto' && !engineNames().includes(name)) {
    const known = ['auto', ...engineNames()].join(', ');
    throw new CarryoverError('E_ENGINE', `engine '${name}' is not available here; choose one of ${known}`);
  }
  if (threads !== undefined && !(Number.isInteger(threads) && threads >= 1)) {
    throw new CarryoverError(
      'E_USAGE',
      `engine ${name}: ${threads} threads; expected a whole number of 1 or more`,
    );
  }
  state.chosen = name;
  state.options = {threads};
  for (const engine of engines) engine.configure?.(state.options);
}

/** The name that `setEngine` was last given. */
export function getEngine(): string {
  return state.chosen;
}

/**
 * The engine that runs a call: the chosen one if it can, else the one with the lowest estimate.
 * @throws CarryoverError `E_ENGINE` where the chosen engine cannot run on the backend in use
 */
export function engineFor(recurrence: Recurrence, call: Call): Engine {
  const wanted = engines.find(({name}) => name === state.chosen);
  const missing = wanted?.unavailable();
  if (missing !== undefined) throw new CarryoverError('E_ENGINE', `engine ${state.chosen}: ${missing}`);
  const says = wanted?.refuses(recurrence, call) === undefined;
  const engine = wanted && says ? wanted : cheapest(recurrence, call);
  used.add(engine.name);
  reportChoice(engine, engines, recurrence, call);
  return engine;
}

/** The engine with the lowest estimate of those that can run a call; `ops` always can. */
function cheapest(recurrence: Recurrence, call: Call): Engine {
  // Refusals first: to say whether it is available, an engine may have to load.
  const able = engines.filter(e => (e.refuses(recurrence, call) ?? e.unavailable()) === undefined);
  const estimates = able.map(engine => engine.estimate(recurrence, call));
  return able[estimates.indexOf(Math.min(...estimates))]!;
}

/** Notes that an engine has run what is no single recurrence. */
export function noteUsed(name: string): void {
  used.add(name);
}

/** The engines that have run since this was last asked. */
export function takeUsedEngines(): string[] {
  const names = [...used].sort();
  used.clear();
  return names;
}

/** Engines and the backend under them, for people: `onnx, wasm on cpu`; `none on cpu` where no recurrence ran. */
export function engineLabel(names: readonly string[], backend: string): string {
  return `${names.length > 0 ? names.join(', ') : 'none'} on ${backend}`;
}

/** Frees what the engines keep between calls (graphs, sessions, memory); it is made again when needed. */
export function disposeEngines(): void {
  for (const engine of engines) engine.dispose?.();
}
