import type {LayersModel} from '@tensorflow/tfjs-layers';
import type {WeightFile} from '../../converters/arrays';
import {CarryoverError} from '../errors';
import type {Architecture} from './architecture';
import {type BuiltModel, buildModel} from './build';
import type {CustomObjects} from './custom';
import {withInferences} from './inferred';
import {parseArchitecture} from './parse';
import {type AssignOptions, assignWeights, filledBy} from './weights';

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

export interface BuildOptions {
  /** Your own layers, by class name in the file. */
  readonly customObjects?: CustomObjects;
  /** The library's release, where nothing says it. */
  readonly version?: string;
  /**
   * The layers whose outputs the model has, in place of the file's own: as much is built as they need, so that a loss or a
   * Lambda behind them does not matter. Inputs that are not needed are dropped.
   */
  readonly outputs?: readonly string[];
}

export interface AssembleOptions extends Omit<BuildOptions, 'outputs' | 'version'>, AssignOptions {}

/**
 * The model of an open weight file, weights and all.
 * @param architecture as `architectureOf` gives it
 * @param options.where the file's name
 * @throws CarryoverError `E_LAYER`, `E_SHAPE`, `E_WEIGHTS`
 */
export function assemble(
  file: WeightFile,
  architecture: Architecture,
  {customObjects, ...options}: AssembleOptions,
): OpenedModel {
  const built = buildModel(architecture, customObjects, filledBy(file, options));
  const {container, partial} = architecture;
  const passedOver = assignWeights(built, file, {...options, container, partial});
  const {missing} = file.facts;
  const notes = [
    ...built.notes,
    ...passedOver,
    ...(missing === undefined ? [] : [`files that are not there: ${missing}`]),
  ];
  return {...built, notes, architecture, format: file.format, facts: file.facts};
}

/**
 * The architecture of a weight file: the given one, else its own; what its arrays tell filled in.
 * @param where the file's name
 * @throws CarryoverError `E_ARCHITECTURE` where there is none
 */
export function architectureOf(
  file: WeightFile,
  given: NamedJson | undefined,
  {where, version, outputs, customObjects}: {readonly where: string} & BuildOptions,
): Architecture {
  const {json, name} = given ?? {json: file.architecture, name: where};
  if (json === undefined) {
    throw new CarryoverError(
      'E_ARCHITECTURE',
      `${where}: has weights but no architecture; give one (architecture: Keras JSON or a recipe; on the command line: --architecture FILE)`,
    );
  }
  const {keras_version: fileVersion, backend} = file.facts;
  const parsed = parseArchitecture(json, name, {version, fileVersion, backend, outputs, customObjects});
  return withInferences(parsed, file, customObjects);
}

/** How a model in memory is built. */
export interface ModelFromOptions extends BuildOptions {
  /** Take the arrays of layers with the same names and leave the others as initialized. Default false. */
  readonly byName?: boolean;
  /** Leave arrays that do not fit their layers out, and those layers as initialized. Default false: they are an error. */
  readonly skipMismatch?: boolean;
}

/**
 * Builds a model of an old library from what is in memory; nothing is read from files.
 *
 * @param architecture parsed JSON: Keras' of any age to 2.3, or a recipe; undefined takes the weight file's own
 * @param weights an open weight file (`openWeights`, `openKerasBytes`, `openNpz`); without it, weights are as initialized
 * @throws CarryoverError `E_ARCHITECTURE`, `E_LAYER`, `E_WEIGHTS`
 */
export function modelFrom(
  architecture: unknown,
  weights?: WeightFile,
  options: ModelFromOptions = {},
): LayersModel {
  const given = architecture === undefined ? undefined : {json: architecture, name: 'architecture'};
  if (!weights) {
    const {version, outputs, customObjects} = options;
    const parsed = parseArchitecture(architecture, 'architecture', {version, outputs, customObjects});
    return buildModel(parsed, customObjects).model;
  }
  const where = 'weights';
  return assemble(weights, architectureOf(weights, given, {...options, where}), {...options, where}).model;
}
