import {version as ownVersion} from '../../package.json';

/** This package's own version. */
export function version(): string {
  return ownVersion;
}
