import {version} from '../../package.json';

/** The release of Carryover that runs. */
export const RELEASE: string = version;

const KEY = Symbol.for(`carryover.${RELEASE}`);

/**
 * State that all copies of this release have in common. A process can hold several: the ES modules, the CommonJS
 * modules, one in a bundle. Other releases have their own, for what they keep may differ.
 *
 * @param name of the state, one for each caller
 * @param make makes it, for the first copy that asks
 */
export function shared<T extends object>(name: string, make: () => T): T {
  const place = globalThis as {[KEY]?: Map<string, object>};
  const states = place[KEY] ?? new Map<string, object>();
  place[KEY] = states;
  const state = (states.get(name) as T | undefined) ?? make();
  states.set(name, state);
  return state;
}
