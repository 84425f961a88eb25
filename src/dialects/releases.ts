import {CarryoverError, type ErrorCode} from '../errors';
import type {LibraryFacts} from './dialect';
import {before, compare} from './version';

/** Numbers, and what marks a build of the release that they name: `2.2.4-tf`, `1.13.0-rc2`, `0.2.dev1`. */
const RELEASE = /^(\d+(?:\.\d+)*)(?:[-.]?(?:tf|rc|dev|post|alpha|beta|a|b)[-.]?\d*)?(?:\+[\w.]*)?$/i;

/** Characters of a version that messages show. */
const LONGEST = 40;

/** Releases, with ranges of the last number: `releases('0.1.0-3', '0.2.0')` has five. */
export function releases(...ranges: readonly string[]): readonly string[] {
  return ranges.flatMap(range => {
    const [first, last] = range.split('-') as [string, string | undefined];
    if (last === undefined) return [first];
    const [, head = '', start = ''] = /^(.*\.)(\d+)$/.exec(first)!;
    return Array.from({length: Number(last) - Number(start) + 1}, (_, k) => `${head}${Number(start) + k}`);
  });
}

/** A release that there is, and what has to be said about it. */
export interface Release {
  readonly version: string;
  readonly note?: string;
}

/**
 * A library's release as a file or a program names it. One that is newer than all that are known is taken for the
 * newest of them, which the note says.
 * @throws CarryoverError with the nearest ones, for a release that there never was
 */
export function releaseOf(
  facts: Omit<LibraryFacts, 'library'>,
  told: string,
  where: string,
  code: ErrorCode = 'E_USAGE',
): Release {
  const {title, releases, complete = false, endsBefore} = facts;
  const numbers = RELEASE.exec(told)?.[1];
  if (releases.includes(told) || releases.some(release => numbers && compare(numbers, release) === 0)) {
    return {version: told};
  }
  const newest = releases.at(-1)!;
  const later = numbers !== undefined && before(newest, numbers);
  if (later && !complete && (endsBefore === undefined || before(numbers, endsBefore))) {
    return {
      version: newest,
      note: `${title} ${told} is newer than what is known here; it is taken for ${newest}`,
    };
  }
  const shown = told.length > LONGEST ? `${told.slice(0, LONGEST)}...` : told;
  throw new CarryoverError(
    code,
    `${where}: version is '${shown}'; expected a release of ${title}, such as ${nearest(facts, numbers).join(' or ')}`,
  );
}

/** The releases around one that is none; the default one where it is no number at all. */
function nearest(
  {releases, defaultVersion}: Omit<LibraryFacts, 'library'>,
  numbers: string | undefined,
): string[] {
  if (numbers === undefined) return [defaultVersion];
  const older = releases.findLast(release => before(release, numbers));
  const newer = releases.find(release => before(numbers, release));
  return [older, newer].filter(release => release !== undefined);
}
