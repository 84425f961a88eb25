import {baseName} from '../../converters/files';
import type {OpenedFile} from '../../converters/format';
import {CarryoverError} from '../errors';
import type {RecipeDraft} from './draft';
import {recipeFromNames} from './from-names';
import {recipeFromGraph} from './graph/recipe';

/** Whether a file is one of TensorFlow's, from which `tensorflowRecipe` may draw a recipe. */
export const isTensorflow = ({findGraph}: OpenedFile): boolean => findGraph !== undefined;

/**
 * A recipe for TensorFlow's files: from the graph where there is one (`PREFIX.meta`, a SavedModel, a frozen graph), else from
 * the names and shapes of the arrays.
 *
 * @param origin the file that the recipe was taken from
 * @throws CarryoverError `E_ARCHITECTURE` where neither tells
 */
export async function tensorflowRecipe(
  file: OpenedFile,
): Promise<{recipe: RecipeDraft; origin: string; fromGraph: boolean}> {
  const arrays = file.groups.flatMap(group => group.arrays);
  const found = await file.findGraph?.();
  const byName = (why: readonly string[]) => {
    const origin = baseName(file.name);
    const recipe = recipeFromNames(arrays, origin);
    return {recipe: {...recipe, assumed: [...why, ...recipe.assumed]}, origin, fromGraph: false};
  };
  if (!found) return byName([]);
  const origin = baseName(found.name);
  try {
    return {recipe: recipeFromGraph(found.graph, origin), origin, fromGraph: true};
  } catch (error) {
    if (!(error instanceof CarryoverError) || error.code !== 'E_ARCHITECTURE' || arrays.length === 0)
      throw error;
    return byName([`${error.message}: names and shapes alone told what is here`]);
  }
}
