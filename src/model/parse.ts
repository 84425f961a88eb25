import {releaseOf} from '../dialects/releases';
import {CarryoverError} from '../errors';
import {findLibrary, LIBRARIES} from '../libraries';
import type {ArchitectureFacts} from '../libraries/library';
import {parseRecipe} from '../recipes/parse';
import type {Architecture} from './architecture';
import {lowerCalls} from './calls';
import type {CustomObjects} from './custom';
import {brief, type Json, object} from './json';
import {withOutputs} from './prune';
import {withRenamedClasses} from './renamed';

export interface ParseOptions {
  /** The release, whatever the file says. */
  readonly version?: string;
  /** What the weight file that carried the architecture says of the release and the backend. */
  readonly fileVersion?: string;
  readonly backend?: string;
  /** The layers whose outputs are wanted, in place of the file's own; what they do not need is left out. */
  readonly outputs?: readonly string[];
  /** Those that are names of the library's classes count. */
  readonly customObjects?: CustomObjects;
}

/**
 * An architecture from parsed JSON: what a library stores of its networks (Keras' JSON of any age to 2.3, neupy's and
 * EpyNN's files), or a recipe.
 * @param where the file, for messages
 * @throws CarryoverError `E_ARCHITECTURE`; `E_USAGE` for a release that there never was
 */
export function parseArchitecture(value: unknown, where: string, options: ParseOptions = {}): Architecture {
  const parsed = parseAsWritten(object(value, where), where, options);
  const written = withRenamedClasses(parsed, options.customObjects);
  // First, for what is behind the outputs may be of any kind.
  const wanted = options.outputs ? withOutputs(written, options.outputs) : written;
  return withReleases(lowerCalls(wanted), where, options.version);
}

function parseAsWritten(json: Json, where: string, options: ParseOptions): Architecture {
  if ('carryover' in json) return parseRecipe(json, where);
  const found = parseStored(json, {...options, where});
  if (found) return isRecipe(found) ? parseRecipe(found, where) : found;
  const titles = [...new Set(stored.map(({title}) => title))];
  throw new CarryoverError(
    'E_ARCHITECTURE',
    `${where}: found ${brief(json)}; expected ${titles.join(', ')} or a recipe ("carryover": 1)`,
  );
}

const stored = LIBRARIES.flatMap(({storedArchitecture}) => storedArchitecture ?? []);

const parseStored = (json: Json, facts: ArchitectureFacts): Architecture | Json | undefined =>
  stored.find(kind => kind.recognises(json, facts))?.parse(json, facts);

const isRecipe = (parsed: Architecture | Json): parsed is Json => 'carryover' in parsed;

/** The recipe of a network that a library has stored beside its arrays; undefined where it has stored something else. */
export function storedRecipe(value: unknown, where: string): Json | undefined {
  const found = parseStored(object(value, where), {where});
  return found && isRecipe(found) ? found : undefined;
}

/** The releases as there were: an option overrides what a file says, and what is newer than all known is noted. */
function withReleases(architecture: Architecture, where: string, version: string | undefined): Architecture {
  const notes = new Set(architecture.notes);
  const checked = (library: string, told: string | undefined, place: string): string | undefined => {
    const facts = findLibrary(library);
    if (!facts || told === undefined) return told;
    const release = releaseOf(facts, told, place, version === undefined ? 'E_ARCHITECTURE' : 'E_USAGE');
    if (release.note) notes.add(release.note);
    return release.version;
  };
  const whole = checked(architecture.library, version ?? architecture.version, where);
  const layers = architecture.layers.map(record => ({
    ...record,
    version: checked(record.library, version ?? record.version, record.where),
  }));
  return {...architecture, version: whole, layers, notes: [...notes]};
}
