import {CarryoverError} from '../errors';
import {brief, type Json, list, object, text} from '../model/json';
import {didYouMean} from '../nearest';

/** The fields of each object in a recipe (docs/recipes.md), all of them. Each may have a `comment` besides. */
const FIELDS = {
  recipe: ['carryover', 'inputs', 'layers', 'outputs', 'assumed'],
  input: ['name', 'shape', 'dtype'],
  layer: [
    ...['library', 'version', 'class', 'name', 'from', 'config', 'variables'],
    ...['cell', 'cell_fw', 'cell_bw'],
  ],
  cell: ['library', 'class', 'config', 'variables', 'cells', 'wrap'],
  wrapper: ['class', 'config'],
  array: ['file'],
} as const;

/**
 * An object of a recipe, whose fields are all known.
 * @param kind which object
 * @throws CarryoverError `E_ARCHITECTURE` for a field that the recipe format does not have
 */
export function fieldsOf(value: unknown, kind: keyof typeof FIELDS, where: string): Json {
  const json = object(value, where);
  const known: readonly string[] = FIELDS[kind];
  const odd = Object.keys(json).find(name => name !== 'comment' && !known.includes(name));
  if (odd === undefined) return json;
  const article = kind === 'recipe' ? 'a recipe' : `a recipe's ${kind}`;
  throw new CarryoverError(
    'E_ARCHITECTURE',
    `${where}: ${article} has no field ${brief(odd)}${didYouMean(odd, known)}; there are ${known.join(', ')}, comment`,
  );
}

/** A field that may be left out. */
export function optional<T>(
  json: Json,
  name: string,
  where: string,
  read: (value: unknown, where: string) => T,
): T | undefined {
  const value = json[name];
  return value === undefined ? undefined : read(value, `${where}: ${name}`);
}

/** A list of names. */
export const texts = (value: unknown, where: string): string[] =>
  list(value, where).map(item => text(item, where));

/** Sizes, null where they are open. */
export function shape(value: unknown, where: string): (number | null)[] {
  return list(value, where).map(size => {
    if (size === null || (Number.isInteger(size) && (size as number) >= 0)) return size as number | null;
    throw new CarryoverError(
      'E_ARCHITECTURE',
      `${where}: found ${brief(size)}; expected a size, or null where it is open`,
    );
  });
}
