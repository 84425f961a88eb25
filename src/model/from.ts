import type {LayersModel} from '@tensorflow/tfjs-layers';
import type {WeightFile} from '../../converters/arrays';
import {buildModel} from './build';
import {withInferences} from './inferred';
import type {CustomObjects} from './layer';
import {parseArchitecture} from './parse';
import {assignWeights} from './weights';

/** How a model in memory is built. */
export interface ModelFromOptions {
  /** Take the arrays of layers with the same names and leave the others as initialized. Default false. */
  readonly byName?: boolean;
  /** Your own layers, by class name in the architecture. */
  readonly customObjects?: CustomObjects;
  /** The library's release, where the architecture does not say it. */
  readonly version?: string;
}

/**
 * Builds a model of an old library from what is in memory; nothing is read from files.
 *
 * @param architecture parsed JSON: Keras' of any age to 2.3, or a recipe; undefined takes the weight file's own
 * @param weights an open weight file (`openKerasBytes`, `openCheckpoint`, `openNpz`); without it, weights are as initialized
 * @throws CarryoverError `E_ARCHITECTURE`, `E_LAYER`, `E_WEIGHTS`
 */
export function modelFrom(
  architecture: unknown,
  weights?: WeightFile,
  options: ModelFromOptions = {},
): LayersModel {
  const parsed = parseArchitecture(architecture ?? weights?.architecture, 'architecture', {
    version: options.version,
    fileVersion: weights?.facts.keras_version,
    backend: weights?.facts.backend,
  });
  const built = buildModel(weights ? withInferences(parsed, weights.groups) : parsed, options.customObjects);
  if (weights) assignWeights(built, weights.groups, {byName: options.byName, where: 'weights'});
  return built.model;
}
