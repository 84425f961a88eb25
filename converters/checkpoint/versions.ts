import {unsupported} from '../format-error';
import type {VersionDef} from '../protobuf/tensorflow/tensor';

/** TensorFlow's `CheckVersions` (core/framework/versions.cc): a file may ask for readers of a certain age. */
export function checkVersions(versions: VersionDef | undefined, ours: number, where: string): void {
  const {producer = 0, minConsumer = 0} = versions ?? {};
  if (minConsumer <= ours) return;
  throw unsupported(
    where,
    `format version ${producer}, for readers of version ${minConsumer} on; Carryover reads version ${ours}`,
  );
}
