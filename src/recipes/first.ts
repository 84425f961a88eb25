import {baseName} from '../../converters/files';
import type {OpenedFile} from '../../converters/format';
import {CarryoverError} from '../errors';
import {storedRecipe} from '../model/parse';
import type {RecipeDraft} from './draft';
import {recipeFromArrays} from './from-arrays';
import {recipeFromNames} from './from-names';
import {recipeFromGraph} from './graph/recipe';
import {cellsFromNames} from './names/cells';

/** A recipe, and the file that it was taken from. */
export interface FirstRecipe {
  readonly recipe: RecipeDraft;
  readonly origin: string;
}

/**
 * A first recipe for a weight file: what a library stored of the network beside its arrays; else from the TensorFlow graph
 * where there is one; else from the names, shapes and order of the arrays. What none of them tells is in `assumed`.
 *
 * @param version the library's release, where it is known
 * @throws CarryoverError `E_ARCHITECTURE` where nothing tells, `E_USAGE` for a file that needs no recipe
 */
export async function firstRecipe(file: OpenedFile, version?: string): Promise<FirstRecipe> {
  const where = baseName(file.name);
  if (file.architecture !== undefined) return {recipe: ownRecipe(file.architecture, where), origin: where};
  const found = await file.findGraph?.();
  if (!found) return {recipe: fromWeights(file, version), origin: where};
  const origin = baseName(found.name);
  try {
    return {recipe: recipeFromGraph(found.graph, origin), origin};
  } catch (error) {
    if (!(error instanceof CarryoverError) || error.code !== 'E_ARCHITECTURE' || file.groups.length === 0)
      throw error;
    const recipe = fromWeights(file, version);
    const why = `${error.message}: names and shapes alone told what is here`;
    return {recipe: {...recipe, assumed: [why, ...recipe.assumed]}, origin: where};
  }
}

/** What neupy and EpyNN store is a recipe in other words; Keras' JSON says more than a recipe can. */
function ownRecipe(architecture: unknown, where: string): RecipeDraft {
  const recipe = storedRecipe(architecture, where);
  if (recipe) return {assumed: [], ...recipe} as unknown as RecipeDraft;
  throw new CarryoverError('E_USAGE', `${where}: holds its architecture: it can be loaded without a recipe`);
}

/** TensorFlow's cells give themselves away by their names; all else is told by shapes and order as well. */
function fromWeights(file: OpenedFile, version: string | undefined): RecipeDraft {
  const where = baseName(file.name);
  if (file.groups.some(({owner}) => owner !== undefined)) {
    throw new CarryoverError(
      'E_ARCHITECTURE',
      `${where}: has its arrays by the classes of their layers, and tells neither the layers' order nor their arguments; give the model's JSON (architecture; on the command line: --architecture FILE)`,
    );
  }
  const arrays = file.groups.flatMap(group => group.arrays);
  return file.facts.layout === undefined && cellsFromNames(arrays).length > 0
    ? recipeFromNames(arrays, where)
    : recipeFromArrays(file, version);
}
