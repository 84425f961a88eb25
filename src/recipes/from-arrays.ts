import type {NamedArray, WeightFile} from '../../converters/arrays';
import {CarryoverError} from '../errors';
import {LIBRARIES} from '../libraries';
import type {Library} from '../libraries/library';
import {composeRecipe, type Item} from './arrays/compose';
import {type ArrayGroup, type Cutting, cutIntoLayers} from './arrays/cut';
import {type Pattern, patternsOf} from './arrays/patterns';
import {isList, listGroup, scopeGroups} from './arrays/scopes';
import type {RecipeDraft} from './draft';

/** One library's reading of a file. */
interface Reading {
  readonly library: Library;
  readonly cutting: Cutting;
}

/**
 * A recipe for a weight file, from the names, shapes and order of its arrays alone: Keras' own weight files, and arrays
 * in lists (`get_weights()`, Lasagne's `get_all_param_values`) or under the names of their roles (EpyNN).
 *
 * @param version the release, where it is known
 * @returns the recipe; every guess in it is in `assumed`
 * @throws CarryoverError `E_ARCHITECTURE` where the file cannot tell a chain of layers
 */
export function recipeFromArrays(file: WeightFile, where: string, version?: string): RecipeDraft {
  const {layout, model, keras_version: told} = file.facts;
  if (model === 'Graph') {
    throw new CarryoverError(
      'E_ARCHITECTURE',
      `${where}: the weights of a Graph do not tell which layers there are; write its recipe by hand`,
    );
  }
  const known = LIBRARIES.filter(
    ({filePatterns}) => filePatterns && filePatterns.layout === layout && layout,
  );
  const release = (library: Library): string =>
    version ?? told ?? library.filePatterns!.release ?? library.defaultRelease;
  const readings = (known.length > 0 ? known : candidates(version)).flatMap(library => {
    const patterns = patternsOf(library, release(library));
    const cuttings = waysToGroup(file, patterns, known.length > 0).flatMap(
      groups => cutIntoLayers(groups, patterns) ?? [],
    );
    const told = cuttings.filter(cutting => tellsEnough(cutting, known.length > 0));
    return told.length === 0 ? [] : [{library, cutting: told.reduce((a, b) => (b.cost < a.cost ? b : a))}];
  });
  // Where several read it equally well, the ages of Keras differ in defaults: the newest is the likeliest.
  const best = readings.reduce<Reading | undefined>(
    (a, b) => (a && a.cutting.cost < b.cutting.cost ? a : b),
    undefined,
  );
  if (!best) {
    throw new CarryoverError(
      'E_ARCHITECTURE',
      `${where}: no layer could be told from the shapes of its arrays; write a recipe by hand (docs/recipes.md)`,
    );
  }
  const {library, cutting} = best;
  const others = readings.filter(one => one !== best && one.cutting.cost === cutting.cost);
  const needed = library.filePatterns!.release === undefined ? version : release(library);
  const recipe = composeRecipe(withBare(cutting, file), library, needed);
  const assumed = [
    ...(needed !== undefined && version === undefined && told === undefined
      ? [
          `the arrays are those of ${library.title}; release ${needed} is assumed (--library-version names another)`,
        ]
      : [`the arrays are those of ${library.title}`]),
    ...(others.length > 0
      ? [`they could be those of ${others.map(one => one.library.title).join(' or ')} as well`]
      : []),
    ...leftOut(cutting.left),
  ];
  return {...recipe, assumed: [...assumed, ...recipe.assumed]};
}

/** The libraries whose arrays a file of no particular layout may hold. */
function candidates(version: string | undefined): Library[] {
  const all = LIBRARIES.filter(({filePatterns}) => filePatterns);
  const released = all.filter(({releases}) => version !== undefined && releases.includes(version));
  return released.length > 0 ? released : all;
}

/** As the file groups its arrays, in its order, or by the scopes that their names tell. */
function waysToGroup(file: WeightFile, patterns: readonly Pattern[], grouped: boolean): ArrayGroup[][] {
  if (grouped) return [[...file.groups]];
  const arrays = file.groups.flatMap(group => group.arrays);
  if (isList(arrays)) return [[listGroup(arrays)]];
  const scopes = scopeGroups(arrays, patterns);
  if (!scopes) return [];
  const place = ({arrays: [first]}: ArrayGroup): number => arrays.indexOf(first!);
  return [scopes, scopes.toSorted((a, b) => place(a) - place(b))];
}

/** A file that says whose it is may have layers that are not known; another one has to be told for the most part. */
function tellsEnough({layers, left}: Cutting, known: boolean): boolean {
  if (known) return layers.length > 0;
  const told = layers.reduce((sum, {arrays}) => sum + arrays.length, 0);
  return layers.some(({pattern}) => pattern.recurrent) && left.length < told;
}

/** The layers with the file's groups that have no arrays, in its order. */
function withBare({layers}: Cutting, {groups}: WeightFile): Item[] {
  const result: Item[] = [...layers];
  for (const [k, group] of groups.entries()) {
    if (group.arrays.length > 0) continue;
    const before = new Set(groups.slice(0, k));
    const at = result.findLastIndex(item => !('pattern' in item) || before.has(item.group));
    result.splice(at + 1, 0, {name: group.name});
  }
  return result;
}

function leftOut(arrays: readonly NamedArray[]): string[] {
  if (arrays.length === 0) return [];
  const list = arrays.slice(0, 6).map(({name, shape}) => `'${name}' [${shape.join(', ')}]`);
  const more = arrays.length > list.length ? ` and ${arrays.length - list.length} more` : '';
  return [`${list.join(', ')}${more}: left out, their shapes tell no layer; add it`];
}
