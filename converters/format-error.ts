import {CarryoverError} from '../src/errors';

/** The error of a file that is not what its format says: where, then what was found and what was expected. */
export function badFormat(where: string, what: string, cause?: unknown): CarryoverError {
  return new CarryoverError('E_FORMAT', `${where}: ${what}`, cause === undefined ? undefined : {cause});
}

/** A list for a message: the first few, and how many more. */
export function listFew(names: readonly string[], most = 6): string {
  if (names.length === 0) return 'none';
  const shown = names
    .slice(0, most)
    .map(name => `'${name}'`)
    .join(', ');
  return names.length > most ? `${shown} and ${names.length - most} more` : shown;
}
