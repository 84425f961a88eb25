import {CarryoverError, type ErrorDetails} from '../src/errors';

/** The error of a file that is not what its format says: where, then what was found and what was expected. */
export function badFormat(where: string, what: string, details?: ErrorDetails): CarryoverError {
  return new CarryoverError('E_FORMAT', `${where}: ${what}`, details);
}

/** The error of a file that is whole, and holds something that Carryover does not read. */
export function unsupported(where: string, what: string, details?: ErrorDetails): CarryoverError {
  return new CarryoverError('E_UNSUPPORTED', `${where}: ${what}`, details);
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
