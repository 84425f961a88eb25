import {basename} from 'node:path';
import type {WeightFile} from '../../converters/arrays';
import {CarryoverError} from '../errors';
import {findGraph, readMeta} from '../node/files/graph';
import type {RecipeDraft} from './draft';
import {recipeFromNames} from './from-names';
import {recipeFromGraph} from './graph/recipe';

const FORMATS = /^(tf-|saved-model$)/;

export const isTensorflow = (format: string): boolean => FORMATS.test(format);

/**
 * A recipe for TensorFlow's files: from the graph where there is one (`PREFIX.meta`, a SavedModel, a frozen graph), else from
 * the names and shapes of the arrays.
 *
 * @param origin the file that the recipe was taken from
 * @throws CarryoverError `E_ARCHITECTURE` where neither tells
 */
export async function tensorflowRecipe(
  path: string,
  file: WeightFile,
): Promise<{recipe: RecipeDraft; origin: string; fromGraph: boolean}> {
  const arrays = file.groups.flatMap(group => group.arrays);
  const found = await findGraph(path, file);
  const byName = (why: readonly string[]) => {
    const recipe = recipeFromNames(arrays, basename(path));
    return {
      recipe: {...recipe, assumed: [...why, ...recipe.assumed]},
      origin: basename(path),
      fromGraph: false,
    };
  };
  if (!found) return byName([]);
  try {
    return {recipe: recipeFromGraph(found.graph, found.name), origin: found.name, fromGraph: true};
  } catch (error) {
    if (!(error instanceof CarryoverError) || error.code !== 'E_ARCHITECTURE') throw error;
    return byName([`${error.message}: names and shapes alone told what is here`]);
  }
}

/** From a `.meta` whose checkpoint is elsewhere. */
export async function graphRecipe(path: string): Promise<RecipeDraft> {
  return recipeFromGraph((await readMeta(path)).graph, basename(path));
}
