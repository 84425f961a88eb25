import {CarryoverError} from '../../src/errors';
import {baseName, type FileSet, folderOf, namesIn, type RandomAccess} from '../files';
import type {Source} from '../format';
import {listFew} from '../format-error';
import {findSuperblock} from '../hdf5/superblock';
import {checkpointPrefix, isPartName} from './names';
import {isCheckpointState, readCheckpointState} from './state';
import {FOOTER_SIZE, isTable} from './table';

const STATE_FILE = 'checkpoint';
/** Where a SavedModel has its variables. */
const SAVED_VARIABLES = 'variables/variables';
/** What a prefix that is not there may be called: `model`, `model-7`, `model.ckpt-7`. */
const PREFIX = /^[^.]+(\.ckpt(-\d+)?)?$/;

/**
 * Whether a source is meant as a TensorFlow checkpoint, though its files be damaged or missing: opening it then says what
 * is wrong with them. Told by names and by the last bytes of a file.
 */
export async function isCheckpoint({name, file, files, head, tail, entries}: Source): Promise<boolean> {
  if (file) {
    if (isPartName(name) || isTable(tail) || isState(head)) return true;
    // A V1 file that is cut off has lost what tells it. Keras users give this ending to HDF5 files, too.
    if (/\.ckpt(-\d+)?$/.test(name)) return findSuperblock(head) === undefined;
    return name.endsWith('.meta') && isThere(files, checkpointPrefix(name));
  }
  if (entries.length > 0) {
    const names = new Set(entries);
    if (entries.some(entry => entry === STATE_FILE || isPartName(entry))) return true;
    // V1 in one file has an ending of its own for its graph alone.
    if (entries.some(entry => names.has(`${entry}.meta`))) return true;
    return entries.includes('variables') && isThere(files, inside(name, SAVED_VARIABLES));
  }
  if (isPartName(name) || (await isThere(files, name))) return true;
  return PREFIX.test(baseName(name)) && (await namesIn(files, folderOf(name))).some(isPartName);
}

/**
 * The prefix that a source leads to: a state file's or a folder's latest checkpoint, a folder's only one, a SavedModel's
 * variables; else the source's own name.
 * @throws CarryoverError E_FILE when a folder or state file leads to no checkpoint
 */
export async function findCheckpoint({name, file, files, head, tail, entries}: Source): Promise<string> {
  if (file) return isTable(tail) || !isState(head) ? name : latest(files, name, file);
  if (entries.length === 0) return name;
  const state = await files.open(inside(name, STATE_FILE));
  try {
    if (state && !isTableFile(state)) return await latest(files, inside(name, STATE_FILE), state);
  } finally {
    state?.close?.();
  }
  if (await isThere(files, inside(name, SAVED_VARIABLES))) return inside(name, SAVED_VARIABLES);
  const prefixes = new Set<string>();
  for (const entry of entries) {
    const candidate = await files.open(inside(name, entry));
    if (candidate && isTableFile(candidate)) prefixes.add(checkpointPrefix(entry));
    candidate?.close?.();
  }
  if (prefixes.size === 1) return inside(name, [...prefixes][0]!);
  const found =
    prefixes.size === 0 ? 'no checkpoint' : `several checkpoints (${listFew([...prefixes].sort())})`;
  throw new CarryoverError(
    'E_FILE',
    `${name}: ${found} and no state file '${STATE_FILE}'; give a checkpoint's prefix`,
  );
}

/** An entry of a folder; the folder of files in memory may have no name. */
const inside = (folder: string, entry: string): string => (folder === '' ? entry : `${folder}/${entry}`);

const isState = (head: Uint8Array): boolean => isCheckpointState(new TextDecoder().decode(head));

function isTableFile(file: RandomAccess): boolean {
  return file.size >= FOOTER_SIZE && isTable(file.read(file.size - FOOTER_SIZE, FOOTER_SIZE));
}

/** Checkpoints are moved together with their state file: a path that leads nowhere is looked for beside it. */
async function latest(files: FileSet, state: string, file: RandomAccess): Promise<string> {
  const text = new TextDecoder().decode(file.read(0, file.size));
  const named = readCheckpointState(text, state).latest.replaceAll('\\', '/');
  const moved = folderOf(state) + baseName(named);
  const asWritten = /^(\/|[A-Za-z]:)/.test(named) ? named : folderOf(state) + named;
  for (const prefix of [asWritten, moved]) if (await isThere(files, prefix)) return prefix;
  throw new CarryoverError(
    'E_FILE',
    `${state}: names '${named}' as the latest checkpoint, which is not there`,
  );
}

async function isThere(files: FileSet, prefix: string): Promise<boolean> {
  const base = checkpointPrefix(prefix);
  const names = await files.list(base);
  const isPart = (name: string): boolean =>
    name === `${prefix}.index` || (name.startsWith(`${base}-`) && checkpointPrefix(name) === base);
  if (names.some(isPart)) return true;
  if (!names.includes(prefix)) return false;
  const single = await files.open(prefix);
  single?.close?.();
  return single !== undefined;
}
