import {randomBytes} from 'node:crypto';
import {closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync, writeSync} from 'node:fs';
import {basename, dirname, join, resolve} from 'node:path';
import {type BundleOptions, bundleFiles, type FileParts} from '../../../converters/checkpoint/bundle-writer';
import {v1Files} from '../../../converters/checkpoint/v1-writer';
import type {Writable} from '../../../converters/checkpoint/values';
import {CarryoverError} from '../../errors';
import {checkTarget, type WriteOptions} from './write';

export interface CheckpointWriteOptions extends WriteOptions, BundleOptions {
  /** 2 (default), or 1 for TensorFlow 0.x. */
  readonly version?: 1 | 2;
}

/**
 * Writes a checkpoint that TensorFlow's `Saver` and `tf.train.load_checkpoint` read. All files are written under
 * temporary names and then renamed, the index last: readers see all of it or nothing.
 *
 * @param prefix as in TensorFlow: `model.ckpt` becomes `model.ckpt.index` and `model.ckpt.data-00000-of-00001`
 * @param arrays by variable name; one is held in memory at a time where they are read lazily
 * @returns the paths that were written
 * @throws CarryoverError E_FILE where a file is in the way (without `force`) or cannot be written; what `bundleFiles`
 *   and `v1Files` throw, with nothing left behind
 */
export function writeCheckpointFile(
  prefix: string,
  arrays: ReadonlyMap<string, Writable>,
  {version = 2, force, shards}: CheckpointWriteOptions = {},
): string[] {
  if (version === 1 && shards !== undefined && shards !== 1) {
    throw new CarryoverError('E_USAGE', `${shards} shards; V1 checkpoints are written in one file`);
  }
  const files = version === 1 ? v1Files(prefix, arrays) : bundleFiles(prefix, arrays, {shards});
  for (const {name} of files) checkTarget(name, {force});
  // TensorFlow, too, looks for an index first.
  if (version === 1 && existsSync(`${prefix}.index`)) {
    throw new CarryoverError(
      'E_FILE',
      `${prefix}.index: a V2 checkpoint has this prefix; remove it or choose another`,
    );
  }
  const staged = files.map(file => ({...file, temporary: temporaryName(file.name)}));
  try {
    for (const {name, temporary, parts} of staged) writeParts(name, temporary, parts);
    for (const {name, temporary} of staged) orFileError(name, () => renameSync(temporary, name));
  } finally {
    for (const {temporary} of staged) rmSync(temporary, {force: true});
  }
  return files.map(({name}) => name);
}

/** Making a part may fail for reasons of its own; only writing it is this file's. */
function writeParts(name: string, temporary: string, parts: FileParts['parts']): void {
  const descriptor = orFileError(name, () => openSync(temporary, 'wx'));
  try {
    for (const part of parts) {
      for (let at = 0; at < part.length; ) {
        at += orFileError(name, () =>
          writeSync(descriptor, part, at, Math.min(part.length - at, MOST_AT_ONCE)),
        );
      }
    }
    orFileError(name, () => fsyncSync(descriptor));
  } finally {
    closeSync(descriptor);
  }
}

/** A single write takes no more than 2 GB. */
const MOST_AT_ONCE = 1 << 30;

function temporaryName(path: string): string {
  const name = `.${basename(path)}.${process.pid}-${randomBytes(4).toString('hex')}.tmp`;
  return join(dirname(resolve(path)), name);
}

function orFileError<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? (error as Error).message;
    throw new CarryoverError('E_FILE', `${path}: cannot be written (${reason})`, {cause: error});
  }
}
