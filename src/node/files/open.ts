import {closeSync, existsSync, openSync, readSync, statSync} from 'node:fs';
import {readFile} from 'node:fs/promises';
import {basename, dirname, join} from 'node:path';
import type {NdArray, WeightFile} from '../../../converters/arrays';
import {detectFormat} from '../../../converters/detect';
import {openFrozenGraph} from '../../../converters/graph-def';
import {parsePythonJson} from '../../../converters/json/python';
import {openNeupyJson} from '../../../converters/neupy/json';
import {readNpy} from '../../../converters/npy/read';
import {openNpz} from '../../../converters/npz/read';
import {openPickle} from '../../../converters/pickle/open';
import {openSavedModel} from '../../../converters/saved-model/open';
import {CarryoverError} from '../../errors';
import {isCheckpointPath, openCheckpointFile} from './checkpoint';
import {openKerasFile} from './hdf5';

const SAVED_MODEL = 'saved_model.pb';
/** Enough for every format's magic, HDF5's user block included. */
const HEAD = 4096;

/**
 * Opens a weight file of any format; arrays are read from it when they are asked for.
 * @throws CarryoverError `E_FILE` if it is not there, `E_FORMAT` if it is no format that Carryover knows
 */
export async function readWeights(path: string): Promise<WeightFile> {
  if (existsSync(join(path, SAVED_MODEL))) return openSavedModelFolder(path);
  if (isCheckpointPath(path)) return openCheckpointFile(path);
  requireFile(path);
  // Nothing at the beginning of a GraphDef tells it from other bytes.
  if (path.endsWith('.pb')) return openFrozenGraph(await readFile(path), basename(path));
  const format = formatOf(path);
  if (format === 'npz') return openNpz(await readFile(path), basename(path));
  if (format === 'pickle') return openPickle(await readFile(path), basename(path));
  if (format === 'json') return openNeupyJson(await readFile(path), basename(path));
  return openKerasFile(path);
}

/** A SavedModel's folder; one without variables has all its weights in the graph. */
async function openSavedModelFolder(path: string): Promise<WeightFile> {
  const name = join(basename(path), SAVED_MODEL);
  const file = await readFile(join(path, SAVED_MODEL));
  const variables = existsSync(join(path, 'variables')) ? await openCheckpointFile(path) : undefined;
  return openSavedModel(file, variables, name);
}

/** What the first bytes of a file say it is. */
function formatOf(path: string): string | undefined {
  const head = Buffer.alloc(HEAD);
  const file = openSync(path, 'r');
  try {
    return detectFormat(head.subarray(0, readSync(file, head)), path);
  } finally {
    closeSync(file);
  }
}

/**
 * A JSON file as Python writes it.
 * @throws CarryoverError `E_FILE` if it is not there, `E_FORMAT` if it is something else
 */
export async function readJson(path: string): Promise<unknown> {
  requireFile(path);
  const format = formatOf(path) ?? 'json';
  if (format !== 'json') {
    throw new CarryoverError('E_FORMAT', `${path}: is a file of format ${format}; expected JSON`);
  }
  return parsePythonJson(await readFile(path, 'utf8'), basename(path));
}

/** An array from a `.npy` file. */
export async function readArray(path: string): Promise<NdArray> {
  requireFile(path);
  return readNpy(await readFile(path), basename(path));
}

/** Looks for a file next to another one. */
export function beside(path: string, name: string): string {
  return join(dirname(path), name);
}

export function requireFile(path: string): void {
  if (!existsSync(path)) throw new CarryoverError('E_FILE', `${path}: no such file`);
  if (!statSync(path).isFile()) throw new CarryoverError('E_FILE', `${path}: not a file`);
}
