import {snake, spellings} from '../dialects/arguments';
import type {CellDialect} from '../dialects/dialect';
import {CarryoverError} from '../errors';

/** What every layer takes beside its library's own arguments. */
const COMMON = [
  ...['name', 'trainable', 'dtype', 'weights', 'inputShape', 'batchInputShape', 'batchSize'],
  ...['inputDim', 'inputLength', 'version', 'given', 'spelled'],
];

/**
 * Checks the names of arguments that a program gives: one that is misspelt would pass unnoticed, since layers that
 * come from files may have more than Carryover knows.
 *
 * @throws CarryoverError `E_USAGE` for a name that the layer does not have
 */
export function checkGiven(dialect: CellDialect, config: Readonly<Record<string, unknown>>): void {
  const {library, className, arguments: table} = dialect;
  const own = Object.keys(table);
  const known = new Set([
    ...own.flatMap(name => spellings(name, table[name]!)),
    ...COMMON.flatMap(name => [name, snake(name)]),
  ]);
  const odd = Object.keys(config).find(name => !known.has(name) && (config[name] ?? null) !== null);
  if (odd !== undefined) {
    throw new CarryoverError(
      'E_USAGE',
      `${library} ${className} has no argument '${odd}'; it has ${[...own, 'name', 'version'].join(', ')}`,
    );
  }
}
