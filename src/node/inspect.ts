import type {Description} from '../inspect/describe';
import {firstRecipeAt, inspectAt, type InspectOptions as OptionsOf} from '../inspect/inspect';
import {placesOf} from '../open/model';
import type {RecipeDraft} from '../recipes/draft';
import {ensureBackend} from './backend';
import {locate, type Source} from './load';

/** How a source is inspected. */
export type InspectOptions = OptionsOf<Source>;

/**
 * Tells what a source is, without running it: format, library and release, layers and their settings, arrays with shape,
 * dtype and what they mean, states, and what will not carry over. `carryover inspect SOURCE --json` prints it.
 *
 * @param source as for `loadModel`; weights or an architecture alone will do
 * @returns a plain object, which JSON can hold
 * @throws CarryoverError where it cannot be opened; why it cannot be loaded as a model is in `problems`
 */
export async function inspect(source: Source, options: InspectOptions = {}): Promise<Description> {
  await ensureBackend();
  const {place, given} = placesOf<Source>(locate, source, options);
  return inspectAt(place, given, options);
}

/**
 * A first recipe for weights that carry no architecture (docs/recipes.md): from what a library stored of the network, from
 * the TensorFlow graph, or from the names, shapes and order of the arrays. Every guess in it is in `assumed`.
 *
 * @param options.version the library's release, where the file does not say it
 * @throws CarryoverError `E_ARCHITECTURE` where nothing tells what the layers are, `E_USAGE` for a file that needs no recipe
 */
export function firstRecipe(source: Source, options: {readonly version?: string} = {}): Promise<RecipeDraft> {
  return firstRecipeAt(locate(source), options);
}
