import {randomBytes} from 'node:crypto';
import {existsSync, statSync} from 'node:fs';
import {mkdir, readdir, rename, rm, writeFile} from 'node:fs/promises';
import {basename, dirname, join, resolve} from 'node:path';
import {CarryoverError} from '../../errors';

export interface WriteOptions {
  /** Replace what is there. Default false. */
  readonly force?: boolean;
}

export interface NewFile {
  readonly path: string;
  readonly bytes: Uint8Array | string;
}

/**
 * Refuses a target that is in the way, or whose folder is missing: to be called before the work is done.
 * @throws CarryoverError `E_FILE`
 */
export function checkTarget(path: string, {force = false}: WriteOptions = {}): void {
  const folder = dirname(resolve(path));
  if (!existsSync(folder) || !statSync(folder).isDirectory()) {
    throw new CarryoverError('E_FILE', `${path}: there is no folder ${dirname(path)} to write it to`);
  }
  if (!existsSync(path)) return;
  if (!force) throw new CarryoverError('E_FILE', `${path}: exists already; give --force to replace it`);
}

/**
 * Writes a file under a temporary name and renames it: readers see the old one or the whole new one.
 * @throws CarryoverError `E_FILE` where it exists (without `force`) or cannot be written
 */
export async function writeWhole(
  path: string,
  bytes: Uint8Array | string,
  options: WriteOptions = {},
): Promise<void> {
  await writeFiles([{path, bytes}], options);
}

/** Writes files as `writeWhole` does; none of them is in place before all are written. */
export async function writeFiles(files: readonly NewFile[], options: WriteOptions = {}): Promise<void> {
  for (const {path} of files) {
    checkTarget(path, options);
    if (existsSync(path) && !statSync(path).isFile()) {
      throw new CarryoverError('E_FILE', `${path}: not a file; nothing else is replaced by one`);
    }
  }
  const staged = files.map(file => ({...file, temporary: temporaryName(file.path)}));
  try {
    for (const {path, bytes, temporary} of staged) {
      await orFileError(path, () => writeFile(temporary, bytes, {flag: 'wx'}));
    }
    for (const {path, temporary} of staged) await orFileError(path, () => rename(temporary, path));
  } finally {
    for (const {temporary} of staged) await rm(temporary, {force: true});
  }
}

/**
 * Fills a folder under a temporary name beside its place and renames it once `fill` is through.
 *
 * @param ours tells by the names of its entries whether an existing folder is one that `force` may replace
 * @throws CarryoverError `E_FILE`; whatever `fill` throws, with nothing left behind
 */
export async function writeFolder(
  path: string,
  fill: (stage: string) => Promise<void>,
  options: WriteOptions & {readonly ours: (names: readonly string[]) => boolean},
): Promise<void> {
  await checkFolder(path, options);
  const stage = temporaryName(path);
  const aside = temporaryName(path);
  try {
    await orFileError(path, () => mkdir(stage));
    await fill(stage);
    const replaced = existsSync(path);
    if (replaced) await orFileError(path, () => rename(path, aside));
    try {
      await orFileError(path, () => rename(stage, path));
    } catch (error) {
      if (replaced) await rename(aside, path);
      throw error;
    }
  } finally {
    await rm(stage, {recursive: true, force: true});
    await rm(aside, {recursive: true, force: true});
  }
}

/** As `checkTarget`, for a folder: with `force`, only an empty one or one of ours may be replaced. */
export async function checkFolder(
  path: string,
  options: WriteOptions & {readonly ours: (names: readonly string[]) => boolean},
): Promise<void> {
  checkTarget(path, options);
  if (!existsSync(path)) return;
  const names = statSync(path).isDirectory() ? await readdir(path) : undefined;
  if (names && (names.length === 0 || options.ours(names))) return;
  const what = names ? 'a folder with other things in it' : 'not a folder';
  throw new CarryoverError('E_FILE', `${path}: is ${what}; --force does not replace that`);
}

function temporaryName(path: string): string {
  const name = `.${basename(path)}.${process.pid}-${randomBytes(4).toString('hex')}.tmp`;
  return join(dirname(resolve(path)), name);
}

async function orFileError(path: string, action: () => Promise<unknown>): Promise<void> {
  try {
    await action();
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? (error as Error).message;
    throw new CarryoverError('E_FILE', `${path}: cannot be written (${reason})`, {cause: error});
  }
}
