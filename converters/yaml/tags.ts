import {unsupported} from '../format-error';
import {booleanOf, floatOf, integerOf, plainValue} from './scalars';

/*
 * Tags are taken as kinds of data. PyYAML makes Python objects of some and calls functions for others; nothing is made or
 * called here, and what would be more than data is refused.
 */

/** YAML's own tags, in full. */
const YAML = 'tag:yaml.org,2002:';
const PYTHON = `${YAML}python/`;

/** Readers of words with a tag: undefined for a word that is none of its kind. */
const WORDS: ReadonlyMap<string, (word: string) => unknown> = new Map<string, (word: string) => unknown>([
  ['', plainValue],
  ['!', word => word],
  ...each(['str', 'python/str', 'python/unicode'], word => word),
  ...each(['int', 'python/int', 'python/long'], integerOf),
  ...each(['float', 'python/float'], word => floatOf(word) ?? integerOf(word)),
  ...each(['bool', 'python/bool'], booleanOf),
  ...each(['null', 'python/none'], () => null),
]);

const LISTS = new Set(['', `${YAML}seq`, `${PYTHON}tuple`, `${PYTHON}list`]);
const MAPS = new Set(['', `${YAML}map`, `${PYTHON}dict`]);
/** Python 2 and 3 write an ordered dictionary as a call with a list of its pairs. */
const PAIRS = `${PYTHON}object/apply:collections.OrderedDict`;

function each(
  names: readonly string[],
  read: (word: string) => unknown,
): (readonly [string, (word: string) => unknown])[] {
  return names.map(name => [YAML + name, read] as const);
}

/** @throws CarryoverError `E_UNSUPPORTED` for a tag that is more than data, or whose kind the word is not */
export function wordOf(word: string, tag: string, isQuoted: boolean, where: string): unknown {
  if (tag === '' && isQuoted) return word;
  const value = WORDS.get(tag)?.(word);
  if (value === undefined) throw badTag(tag, `'${word.slice(0, 40)}'`, where);
  return value;
}

/** @throws CarryoverError `E_UNSUPPORTED` as for `wordOf` */
export function listOf(items: readonly unknown[], tag: string, where: string): unknown {
  if (LISTS.has(tag)) return items;
  const [pairs] = items;
  if (tag !== PAIRS || items.length !== 1 || !Array.isArray(pairs)) throw badTag(tag, 'a list', where);
  return Object.fromEntries(
    pairs.map(pair => {
      if (Array.isArray(pair) && pair.length === 2 && typeof pair[0] === 'string') return pair;
      throw badTag(tag, 'a list that is not of pairs', where);
    }),
  );
}

/** @throws CarryoverError `E_UNSUPPORTED` as for `wordOf` */
export function checkMapTag(tag: string, where: string): void {
  if (!MAPS.has(tag)) throw badTag(tag, 'a mapping', where);
}

function badTag(tag: string, what: string, where: string): Error {
  const shown = tag.startsWith(YAML) ? `!!${tag.slice(YAML.length)}` : tag;
  return unsupported(
    where,
    `the tag ${shown.slice(0, 80)} on ${what}; expected data alone: numbers, words, lists, mappings. Write what it stands for in its place, or save the architecture as JSON (model.to_json())`,
  );
}
