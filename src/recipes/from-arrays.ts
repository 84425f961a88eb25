import type {NamedArray} from '../../converters/arrays';
import {baseName} from '../../converters/files';
import type {OpenedFile} from '../../converters/format';
import {releaseOf} from '../dialects/releases';
import {CarryoverError} from '../errors';
import {LIBRARIES} from '../libraries';
import type {Library} from '../libraries/library';
import {arrayList} from '../model/array-list';
import {composeRecipe, type Item} from './arrays/compose';
import {type ArrayGroup, type Cutting, cutIntoLayers} from './arrays/cut';
import {type Pattern, patternsOf} from './arrays/patterns';
import {scopeGroups} from './arrays/scopes';
import type {RecipeDraft} from './draft';

/** One library's reading of a file. */
interface Reading {
  readonly library: Library;
  /** The release whose arrays and defaults these are. */
  readonly release: string;
  readonly cutting: Cutting;
}

/**
 * A recipe for a weight file, from the names, shapes and order of its arrays alone: Keras' own weight files, and arrays
 * in lists (`get_weights()`, Lasagne's `get_all_param_values`) or under the names of their roles (EpyNN).
 *
 * @param version the release, where it is known
 * @returns the recipe; every guess in it is in `assumed`
 * @throws CarryoverError `E_ARCHITECTURE` where the file cannot tell a chain of layers, `E_USAGE` for a release that
 *   there never was
 */
export function recipeFromArrays(file: OpenedFile, version?: string): RecipeDraft {
  const where = baseName(file.name);
  const {model, keras_version: told} = file.facts;
  if (model === 'Graph') {
    throw new CarryoverError(
      'E_ARCHITECTURE',
      `${where}: the weights of a Graph do not tell which layers there are; write its recipe by hand (docs/recipes.md)`,
    );
  }
  const own = LIBRARIES.find(library => hasLayout(library, file));
  const libraries = own ? [own] : candidates(version, where);
  const readings = libraries.flatMap(library => {
    const given = version === undefined ? told : releaseOf(library, version, where).version;
    return readingOf(file, library, given ?? library.filePatterns!.release ?? library.defaultVersion);
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
  const {library, release, cutting} = best;
  const matters = library.filePatterns!.release !== undefined;
  const recipe = composeRecipe(withBare(cutting, file), library, matters ? release : version);
  const others = readings.filter(one => one !== best && one.cutting.cost === cutting.cost);
  const assumed = [
    `the arrays are those of ${[library, ...others.map(one => one.library)].map(({title}) => title).join(', or of ')}`,
    ...(matters && (version ?? told) === undefined
      ? [`release ${release} of ${library.title} wrote them (--library-version names another)`]
      : []),
    ...leftOut(cutting.left),
  ];
  return {...recipe, assumed: [...assumed, ...recipe.assumed]};
}

/** Whether a file is one of a library's own weight files. */
const hasLayout = ({filePatterns}: Library, {facts}: OpenedFile): boolean =>
  filePatterns?.layout !== undefined && filePatterns.layout === facts.layout;

/** The libraries whose arrays a file of no particular layout may hold. */
function candidates(version: string | undefined, where: string): Library[] {
  const all = LIBRARIES.filter(({filePatterns}) => filePatterns);
  const released = all.filter(({releases}) => version === undefined || releases.includes(version));
  if (released.length > 0) return released;
  const titles = all.map(({title}) => title).join(', ');
  throw new CarryoverError('E_USAGE', `${where}: '${version}' is a release of none of ${titles}`);
}

/** How a library reads a file, if it tells enough. */
function readingOf(file: OpenedFile, library: Library, release: string): Reading[] {
  const patterns = patternsOf(library, release);
  const own = hasLayout(library, file);
  const cuttings = waysToGroup(file, patterns, own)
    .flatMap(groups => cutIntoLayers(groups, patterns) ?? [])
    .filter(cutting => tellsEnough(cutting, own))
    .sort((a, b) => a.cost - b.cost);
  return cuttings.slice(0, 1).map(cutting => ({library, release, cutting}));
}

/** As the file groups its arrays, in its order, or by the scopes that their names tell. */
function waysToGroup(file: OpenedFile, patterns: readonly Pattern[], grouped: boolean): ArrayGroup[][] {
  if (grouped) return [[...file.groups]];
  const arrays = file.groups.flatMap(group => group.arrays);
  const list = arrayList(arrays);
  if (list) return [[{name: '', list: true, arrays: list}]];
  const scopes = scopeGroups(arrays, patterns);
  if (!scopes) return [];
  const place = ({arrays: [first]}: ArrayGroup): number => arrays.indexOf(first!);
  return [scopes, scopes.toSorted((a, b) => place(a) - place(b))];
}

/** A file that says whose it is may have layers that are not known; another one has to be told for the most part. */
function tellsEnough({layers, left}: Cutting, own: boolean): boolean {
  if (own) return layers.length > 0;
  const told = layers.reduce((sum, {arrays}) => sum + arrays.length, 0);
  return layers.some(({pattern}) => pattern.recurrent) && left.length < told;
}

/** The layers with the file's groups that have no arrays, in its order. */
function withBare({layers}: Cutting, {groups}: OpenedFile): Item[] {
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
