import {
  closeSync,
  existsSync,
  fstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  statSync,
} from 'node:fs';
import {basename, dirname, isAbsolute, join} from 'node:path';
import {type Checkpoint, checkpointPrefix, openCheckpoint} from '../../../converters/checkpoint/open';
import type {CheckpointFiles, RandomAccess} from '../../../converters/checkpoint/source';
import {isCheckpointState, readCheckpointState} from '../../../converters/checkpoint/state';
import {FOOTER_SIZE, isTable} from '../../../converters/checkpoint/table';
import {listFew} from '../../../converters/format-error';
import {findSuperblock} from '../../../converters/hdf5/superblock';
import {CarryoverError} from '../../errors';

const STATE_FILE = 'checkpoint';
/** Where a SavedModel has its variables. */
const SAVED_VARIABLES = join('variables', 'variables');
/** An HDF5 signature lies within. */
const HEAD = 4096;
/** A state file names some checkpoints. */
const STATE_LIMIT = 1 << 20;

/**
 * Opens a TensorFlow checkpoint (V1, V2, object-based) on disk; see `openCheckpoint` for what it gives. Arrays are read
 * from the files when asked for, and little else of them is held in memory.
 *
 * @param path a prefix (`model.ckpt`, `model.ckpt-1000`), any file of a checkpoint (`model.ckpt.index`), a `checkpoint`
 *   state file (then the latest), a folder with one (or with a single checkpoint), or a SavedModel's folder
 * @throws CarryoverError E_FILE when there is no such checkpoint, E_FORMAT when it is damaged
 */
export async function openCheckpointFile(path: string): Promise<Checkpoint> {
  return openCheckpoint(findCheckpoint(path), diskFiles);
}

/**
 * The prefix that `openCheckpointFile` opens for a path.
 * @throws CarryoverError E_FILE when a folder or state file leads to no checkpoint
 */
export function findCheckpoint(path: string): string {
  if (!existsSync(path)) return path;
  const stat = statSync(path);
  if (stat.isDirectory()) return inFolder(path.replace(/(?<=.)[\\/]+$/, ''));
  return isTableFile(path) || !isStateFile(path) ? path : latest(path, readFileSync(path, 'utf8'));
}

/**
 * Whether a path is meant as a TensorFlow checkpoint's, though its files be damaged or missing: `openCheckpointFile`
 * then says what is wrong with them. Told by the names of its files and their last bytes.
 */
export function isCheckpointPath(path: string): boolean {
  if (!existsSync(path)) {
    return (
      isThere(path) || isPartName(path) || (!OTHER.test(path) && namesIn(dirname(path)).some(isPartName))
    );
  }
  if (statSync(path).isDirectory()) {
    return (
      existsSync(`${join(path, SAVED_VARIABLES)}.index`) ||
      namesIn(path).some(name => name === STATE_FILE || isPartName(name))
    );
  }
  const besideGraph = path.endsWith('.meta') && isThere(checkpointPrefix(path));
  return isPartName(path) || isTableFile(path) || isStateFile(path) || isNamedV1(path) || besideGraph;
}

/** Endings of other formats' files. */
const OTHER = /\.(h5|hdf5|keras|npz|npy|json|pkl|pickle|pb)$/i;

function isPartName(name: string): boolean {
  return name.endsWith('.index') || (checkpointPrefix(name) !== name && !name.endsWith('.meta'));
}

/** A V1 file that is cut off has lost what tells it. Keras users give this ending to HDF5 files, too. */
function isNamedV1(path: string): boolean {
  if (!/\.ckpt(-\d+)?$/.test(path)) return false;
  const source = openSource(path);
  try {
    return findSuperblock(source.read(0, HEAD)) === undefined;
  } finally {
    source.close?.();
  }
}

function isStateFile(path: string): boolean {
  return statSync(path).size <= STATE_LIMIT && isCheckpointState(readFileSync(path, 'utf8'));
}

function shardsOf(base: string): string[] {
  return namesIn(dirname(base))
    .filter(name => name.startsWith(`${basename(base)}-`) && checkpointPrefix(name) === basename(base))
    .map(name => join(dirname(base), name));
}

function inFolder(folder: string): string {
  const state = join(folder, STATE_FILE);
  if (existsSync(state) && statSync(state).isFile() && !isTableFile(state)) {
    return latest(state, readFileSync(state, 'utf8'));
  }
  if (existsSync(`${join(folder, SAVED_VARIABLES)}.index`)) return join(folder, SAVED_VARIABLES);
  const prefixes = new Set(
    namesIn(folder)
      .filter(name => isTableFile(join(folder, name)))
      .map(checkpointPrefix),
  );
  if (prefixes.size === 1) return join(folder, [...prefixes][0]!);
  const found =
    prefixes.size === 0 ? 'no checkpoint' : `several checkpoints (${listFew([...prefixes].sort())})`;
  throw new CarryoverError(
    'E_FILE',
    `${folder}: ${found} and no state file '${STATE_FILE}'; give a checkpoint's prefix`,
  );
}

/** Checkpoints are moved together with their state file: a path that leads nowhere is looked for beside it. */
function latest(state: string, text: string): string {
  const folder = dirname(state);
  const named = readCheckpointState(text, state).latest;
  const moved = join(folder, named.split(/[\\/]/).at(-1)!);
  const asWritten = isAbsolute(named) ? named : join(folder, named);
  const there = [asWritten, moved].find(isThere);
  if (there !== undefined) return there;
  throw new CarryoverError(
    'E_FILE',
    `${state}: names '${named}' as the latest checkpoint, which is not there`,
  );
}

function isThere(prefix: string): boolean {
  const base = checkpointPrefix(prefix);
  return existsSync(`${prefix}.index`) || existsSync(prefix) || shardsOf(base).length > 0;
}

function namesIn(folder: string): string[] {
  return existsSync(folder) && statSync(folder).isDirectory() ? readdirSync(folder) : [];
}

function isTableFile(path: string): boolean {
  if (!existsSync(path) || !statSync(path).isFile()) return false;
  const source = openSource(path);
  try {
    return source.size >= FOOTER_SIZE && isTable(source.read(source.size - FOOTER_SIZE, FOOTER_SIZE));
  } finally {
    source.close?.();
  }
}

const diskFiles: CheckpointFiles = {
  async open(name) {
    return existsSync(name) && statSync(name).isFile() ? openSource(name) : undefined;
  },
  async list(prefix) {
    // A prefix that ends as folders do lists that folder.
    const folder =
      /[\\/]$/.test(prefix) || prefix === ''
        ? prefix
        : prefix.slice(0, prefix.length - basename(prefix).length);
    return namesIn(folder === '' ? '.' : folder)
      .map(name => folder + name)
      .filter(name => name.startsWith(prefix));
  },
};

function openSource(path: string): RandomAccess {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, 'r');
  } catch (error) {
    const {code} = error as NodeJS.ErrnoException;
    throw new CarryoverError('E_FILE', `${path}: cannot be opened (${code})`, {cause: error});
  }
  return {
    size: fstatSync(descriptor).size,
    read(offset, length) {
      if (descriptor === undefined)
        throw new CarryoverError('E_FILE', `${path}: the checkpoint has been closed`);
      const bytes = new Uint8Array(length);
      let got = 0;
      // A read may give less than asked for, and never more than 2 GB.
      for (let more = -1; got < length && more !== 0; got += more) {
        more = readPart(path, descriptor, bytes.subarray(got), offset + got);
      }
      return got === length ? bytes : bytes.slice(0, got);
    },
    close() {
      if (descriptor !== undefined) closeSync(descriptor);
      descriptor = undefined;
    },
  };
}

const MOST_AT_ONCE = 1 << 30;

function readPart(path: string, descriptor: number, out: Uint8Array, offset: number): number {
  try {
    return readSync(descriptor, out, 0, Math.min(out.length, MOST_AT_ONCE), offset);
  } catch (error) {
    const {code} = error as NodeJS.ErrnoException;
    throw new CarryoverError('E_FILE', `${path}: cannot be read (${code})`, {cause: error});
  }
}
