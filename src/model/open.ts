import type {WeightFile} from '../../converters/arrays';
import {CarryoverError} from '../errors';
import type {Architecture} from './architecture';
import {type BuiltModel, buildModel} from './build';
import {withInferences} from './inferred';
import type {CustomObjects} from './layer';
import {parseArchitecture} from './parse';
import {type AssignOptions, assignWeights} from './weights';

/** A loaded model with what is known of it. */
export interface OpenedModel extends BuiltModel {
  /** What it was built from. */
  readonly architecture: Architecture;
  /** The weight file's format, as `readWeights` gives it. */
  readonly format: string;
  /** What the weight file says of itself: library, version, backend, layout. */
  readonly facts: Readonly<Record<string, string>>;
}

/** An architecture as parsed JSON, and what messages call it. */
export interface NamedJson {
  readonly json: unknown;
  readonly name: string;
}

export interface OpenOptions extends AssignOptions {
  readonly customObjects?: CustomObjects;
  /** The library's release, where nothing says it. */
  readonly version?: string;
  /** The weight file's path, for a message that asks for more about it. Default `where`. */
  readonly path?: string;
}

/**
 * The model of an open weight file, weights and all.
 * @param given its architecture; undefined takes the file's own
 * @param options.where the file's name
 * @throws CarryoverError `E_ARCHITECTURE`, `E_LAYER`, `E_SHAPE`, `E_WEIGHTS`
 */
export function openedFrom(
  file: WeightFile,
  given: NamedJson | undefined,
  {customObjects, version, path, ...options}: OpenOptions,
): OpenedModel {
  const architecture = architectureOf(file, given, {where: options.where, path, version});
  const built = buildModel(architecture, customObjects);
  assignWeights(built, file.groups, options);
  return {...built, architecture, format: file.format, facts: file.facts};
}

/**
 * The architecture of a weight file: the given one, else its own; what its arrays tell filled in.
 * @param options.where the file's name
 * @throws CarryoverError `E_ARCHITECTURE` where there is none
 */
export function architectureOf(
  file: WeightFile,
  given: NamedJson | undefined,
  {where, path = where, version}: Pick<OpenOptions, 'where' | 'path' | 'version'>,
): Architecture {
  const {json, name} = given ?? {json: file.architecture, name: where};
  if (json === undefined) {
    throw new CarryoverError(
      'E_ARCHITECTURE',
      `${path}: has weights but no architecture; give one (architecture: Keras JSON or a recipe; on the command line: --architecture FILE)`,
    );
  }
  const parsed = parseArchitecture(json, name, {
    version,
    fileVersion: file.facts.keras_version,
    backend: file.facts.backend,
  });
  return withInferences(parsed, file.groups);
}
