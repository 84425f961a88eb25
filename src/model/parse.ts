import {CarryoverError} from '../errors';
import {LIBRARIES} from '../libraries';
import {parseRecipe} from '../recipes/parse';
import type {Architecture} from './architecture';
import {brief, type Json, object} from './json';

export interface ParseOptions {
  /** The release, where the file does not say it. */
  readonly version?: string;
  /** What the weight file that carried the architecture says of the release and the backend. */
  readonly fileVersion?: string;
  readonly backend?: string;
}

/**
 * An architecture from parsed JSON: what a library stores of its networks (Keras' JSON of any age to 2.3, neupy's and
 * EpyNN's files), or a recipe.
 * @param where the file, for messages
 * @throws CarryoverError `E_ARCHITECTURE`
 */
export function parseArchitecture(value: unknown, where: string, options: ParseOptions = {}): Architecture {
  checkVersion(options.version);
  const json = object(value, where);
  if ('carryover' in json) return parseRecipe(json, where);
  const facts = {...options, where};
  const stored = LIBRARIES.flatMap(({storedArchitecture}) => storedArchitecture ?? []);
  const found = stored.find(kind => kind.recognises(json, facts))?.parse(json, facts);
  if (found) return 'carryover' in found ? parseRecipe(found as Json, where) : (found as Architecture);
  const titles = [...new Set(stored.map(({title}) => title))];
  throw new CarryoverError(
    'E_ARCHITECTURE',
    `${where}: found ${brief(value)}; expected ${titles.join(', ')} or a recipe ("carryover": 1)`,
  );
}

function checkVersion(version: string | undefined): void {
  if (version === undefined || /^\d+\.\d/.test(version)) return;
  throw new CarryoverError('E_USAGE', `'${version}' is no release number; expected one such as 0.2.0`);
}
