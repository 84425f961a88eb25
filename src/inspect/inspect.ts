import {openAny} from '../../converters/open';
import {openLayersModel} from '../model/layers-model';
import {architectureOf} from '../model/open';
import {parseArchitecture} from '../model/parse';
import {type LoadOptions, locateInMemory, placesOf} from '../open/model';
import {type ModelParts, openParts, ownLayersModel, type PartPlaces} from '../open/parts';
import {type MemorySource, type Place, placeInMemory} from '../open/source';
import type {RecipeDraft} from '../recipes/draft';
import {firstRecipe as draw} from '../recipes/first';
import {type Description, describeModel, describeOpened, describeWeights} from './describe';
import {describeGraph} from './graph';

/** As `LoadOptions`, but that nothing is run. */
export type InspectOptions<S = MemorySource> = Omit<LoadOptions<S>, 'engine'>;

/**
 * Tells what a source is, without running it: format, library and release, layers and their settings, arrays with shape,
 * dtype and what they mean, states, and what will not carry over.
 *
 * @param source as for `loadModel`; weights or an architecture alone will do
 * @returns a plain object, which JSON can hold
 * @throws CarryoverError where it cannot be opened; why it cannot be loaded as a model is in `problems`
 */
export async function inspect(source: MemorySource, options: InspectOptions = {}): Promise<Description> {
  const {place, given} = placesOf<MemorySource>(locateInMemory, source, options);
  return inspectAt(place, given, options);
}

/**
 * A first recipe for weights that carry no architecture (docs/recipes.md): from what a library stored of the network, from
 * the TensorFlow graph, or from the names, shapes and order of the arrays. Every guess in it is in `assumed`.
 *
 * @param options.version the library's release, where the file does not say it
 * @throws CarryoverError `E_ARCHITECTURE` where nothing tells what the layers are, `E_USAGE` for a file that needs no recipe
 */
export function firstRecipe(
  source: MemorySource,
  options: {readonly version?: string} = {},
): Promise<RecipeDraft> {
  return firstRecipeAt(placeInMemory(source), options);
}

/** As `firstRecipe`, of a source among its files. */
export async function firstRecipeAt(
  {files, name}: Place,
  {version}: {readonly version?: string},
): Promise<RecipeDraft> {
  const file = await openAny(files, name);
  try {
    return (await draw(file, version)).recipe;
  } finally {
    file.close();
  }
}

/** As `inspect`, of a source among its files. The file is opened once. */
export async function inspectAt(
  place: Place,
  given: PartPlaces,
  options: InspectOptions,
): Promise<Description> {
  const parts = await openParts(place, given);
  try {
    return await describe(parts, options);
  } finally {
    parts.close();
  }
}

async function describe(parts: ModelParts, options: InspectOptions): Promise<Description> {
  const {source, weights, architecture, readBeside} = parts;
  const {version, outputs, customObjects, inputs, inside, signature} = options;
  if (architecture === undefined) {
    const found = await source.findGraph?.();
    return found
      ? describeGraph(source, found, weights, {outputs, version, inputs, inside, signature})
      : describeWeights(source, version);
  }
  if (weights === undefined) {
    const parsed = parseArchitecture(architecture.json, architecture.name, {version, outputs, customObjects});
    return describeModel(source, parsed, undefined, options);
  }
  const own = ownLayersModel(parts, weights);
  if (own)
    return describeOpened(
      weights,
      await openLayersModel(await own(), weights, {where: weights.name, outputs}),
    );
  const model = architectureOf(weights, architecture, {where: weights.name, version, outputs, customObjects});
  const readFile = await readBeside(model);
  return describeModel(weights, model, weights, {...options, readFile});
}
