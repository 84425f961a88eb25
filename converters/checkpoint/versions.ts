import {badFormat} from '../format-error';
import type {Versions} from './messages';

/** TensorFlow's `CheckVersions` (core/framework/versions.cc): a file may ask for readers of a certain age. */
export function checkVersions({producer, minConsumer}: Versions, ours: number, where: string): void {
  if (minConsumer <= ours) return;
  throw badFormat(
    where,
    `format version ${producer}, for readers of version ${minConsumer} on; Carryover reads version ${ours}`,
  );
}
