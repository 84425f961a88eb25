import {before} from '../dialects/version';
import {CarryoverError} from '../errors';
import {parseKerasModel} from '../libraries/keras/architecture/keras';
import {parseKeras0} from '../libraries/keras/architecture/keras0';
import {epynnRecipe, neupyRecipe} from '../libraries/stored-architecture';
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

const KERAS = ['keras1', 'keras2'];

/**
 * An architecture from parsed JSON: Keras' of any age to 2.3, what neupy and EpyNN store, or a recipe.
 * @param where the file, for messages
 * @throws CarryoverError `E_ARCHITECTURE`
 */
export function parseArchitecture(value: unknown, where: string, options: ParseOptions = {}): Architecture {
  checkVersion(options.version);
  const json = object(value, where);
  if ('carryover' in json) return parseRecipe(json, where);
  if ('epynn' in json) return parseRecipe(epynnRecipe(json, where), where);
  if ('neupy' in json) return parseRecipe(neupyRecipe(json, where), where);
  if (typeof json.class_name === 'string') {
    const version = options.version ?? (json.keras_version as string | undefined) ?? options.fileVersion;
    const library = kerasAge(json, version);
    if (!KERAS.includes(library)) {
      throw new CarryoverError(
        'E_ARCHITECTURE',
        `${where}: JSON of this kind comes from Keras 1.0 to 2.3; its release was given as ${version}`,
      );
    }
    const backend = (json.backend as string | undefined) ?? options.backend;
    const told = version ?? (library === 'keras1' ? '1.2.2' : '2.2.4');
    const architecture = parseKerasModel(json, {library, version: told, backend, where});
    if (version) return architecture;
    const note = `the file does not name its Keras release; ${told} is assumed (option 'version' overrides this)`;
    return {...architecture, notes: [...architecture.notes, note]};
  }
  if (json.name === 'Sequential' || json.name === 'Graph') {
    const {version} = options;
    if (version === undefined || before(version, '1')) return parseKeras0(json, where, version);
    throw new CarryoverError(
      'E_ARCHITECTURE',
      `${where}: JSON of this kind comes from Keras 0.1 to 0.3; its release was given as ${version}`,
    );
  }
  throw new CarryoverError(
    'E_ARCHITECTURE',
    `${where}: found ${brief(value)}; expected Keras JSON (with "class_name", or 0.x's "name": "Sequential") or a recipe ("carryover": 1)`,
  );
}

function checkVersion(version: string | undefined): void {
  if (version === undefined || /^\d+\.\d/.test(version)) return;
  throw new CarryoverError('E_USAGE', `'${version}' is no release number; expected one such as 0.2.0`);
}

/** 1.x by its release, or by words that only it uses. */
function kerasAge(json: Json, version: string | undefined): string {
  if (version) return `keras${Number.parseInt(version, 10)}`;
  return /"(output_dim|nb_filter|border_mode|consume_less|inner_activation)":/.test(JSON.stringify(json)) &&
    !/"units":/.test(JSON.stringify(json))
    ? 'keras1'
    : 'keras2';
}
