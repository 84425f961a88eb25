import {ACTIVATIONS} from './activations';
import {CONVOLUTION} from './convolution';
import {CORE} from './core';
import {DENSE} from './dense';
import {MERGE} from './merge';
import {NORMALIZATION} from './normalization';
import {POOLING} from './pooling';
import type {BuiltLayer, LayerContext, PlainLayerFactory} from './types';

export type {BuiltLayer, LayerArray, LayerContext, PlainLayerFactory} from './types';

/** Keras' layers of every age, by class. */
export const KERAS_LAYERS: ReadonlyMap<string, PlainLayerFactory> = new Map(
  [DENSE, CORE, ACTIVATIONS, NORMALIZATION, CONVOLUTION, POOLING, MERGE].flatMap(group =>
    Object.entries(group),
  ),
);

/** The classes that `plainLayer` knows, in the libraries' own spelling. */
export const PLAIN_CLASSES: readonly string[] = [...KERAS_LAYERS.keys()];

/**
 * The tfjs layer of a Keras layer that is not recurrent, of any age.
 * @param config Python's own arguments, as in the architecture's JSON
 * @returns undefined for a class that is not known here
 * @throws CarryoverError `E_ARCHITECTURE` for a config that says nothing sensible, `E_LAYER` for Python code
 */
export function plainLayer(
  className: string,
  config: Readonly<Record<string, unknown>>,
  context: LayerContext,
): BuiltLayer | undefined {
  return KERAS_LAYERS.get(className)?.(config, context);
}
