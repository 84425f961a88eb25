import type {Dialect} from '../dialects/dialect';
import {CarryoverError} from '../errors';
import type {RecurrentLayerClass} from '../layers/factory';
import * as namespaces from './all';
import {type Library, recordsOf} from './library';

/** The libraries there are, in the order of `all.ts`. */
export const LIBRARIES: readonly Library[] = recordsOf(Object.values(namespaces));

const byName = new Map(LIBRARIES.map(library => [library.name, library]));

/** The record of a library; undefined for a name that is not known. */
export function findLibrary(name: string): Library | undefined {
  return byName.get(name);
}

/**
 * The record of a library.
 * @throws CarryoverError `E_USAGE` for a name that is not known
 */
export function libraryNamed(name: string): Library {
  const library = byName.get(name);
  if (library) return library;
  throw new CarryoverError(
    'E_USAGE',
    `library '${name}' is not known; known are ${[...byName.keys()].join(', ')}`,
  );
}

/** The tfjs layer class of a library's recurrent layer; undefined where it has none of that name. */
export function recurrentLayerClass(library: string, className: string): RecurrentLayerClass | undefined {
  return byName.get(library)?.layers.find(({dialect}) => dialect.className === className);
}

/** What a library says of one of its recurrent layers; undefined where it has none of that name. */
export function recurrentDialect(library: string, className: string): Dialect | undefined {
  return recurrentLayerClass(library, className)?.dialect;
}

/** The library that a weight file says it is of, or whose layout it has. */
export function libraryOfFile({library, layout}: Readonly<Record<string, string>>): Library | undefined {
  const known = library === undefined ? undefined : findLibrary(library);
  if (known || layout === undefined) return known;
  return LIBRARIES.find(({filePatterns}) => filePatterns?.layout === layout);
}

const recurrentClasses = new Set(
  LIBRARIES.flatMap(({layers, cells}) => [...layers, ...cells].map(({className}) => className)),
);

/**
 * Whether a tfjs class name is Carryover's: a program that loads a model with such a layer (or initializer, ...) has to
 * import Carryover. Those of libraries' layers and cells are in the registry; all others begin with `Carryover`.
 */
export function isCarryoverClass(className: string): boolean {
  return recurrentClasses.has(className) || /^carryover/i.test(className);
}
