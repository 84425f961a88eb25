import {existsSync} from 'node:fs';
import {open} from 'node:fs/promises';
import {join} from 'node:path';
import {detectFormat} from '../../converters/detect';
import {CarryoverError} from '../errors';
import {parseArchitecture} from '../model/parse';
import {isCheckpointPath} from './files/checkpoint';
import {readMeta} from './files/graph';
import {readJson, readWeights, requireFile} from './files/open';

/** What a file is, as far as it tells. */
export interface Detected {
  /**
   * `keras-h5` (whole model), `keras-h5-weights`, `keras-json`, `recipe`, `tf-checkpoint-v1`, `tf-checkpoint-v2`,
   * `tf-checkpoint-object`, `tf-frozen-graph`, `saved-model`, `tf-meta-graph` (a `.meta` without its checkpoint); or, of what this version does not open,
   * `npz`, `npy`, `keras-zip`, `zip`, `pickle`.
   */
  readonly format: string;
  /** `keras0`, `keras1`, `keras2`. */
  readonly library?: string;
  /** The release, where the file names it. */
  readonly version?: string;
  /** Of a Keras weight file: `0.x`, `1.x` or `2.x`. */
  readonly layout?: string;
}

/** No format is told by more than this. */
const HEAD_SIZE = 4096;

/**
 * Tells a file's format, and the library and release that wrote it.
 * @throws CarryoverError `E_FILE` where it cannot be read, `E_FORMAT` for a format that is not known, or a damaged file
 */
export async function detect(path: string): Promise<Detected> {
  if (isTensorflowPath(path)) return detectWeights(path);
  if (path.endsWith('.meta')) return {format: 'tf-meta-graph', version: (await readMeta(path)).tensorflow};
  const format = detectFormat(await head(path), path);
  if (format === undefined) {
    throw new CarryoverError(
      'E_FORMAT',
      `${path}: no format that Carryover knows; expected a Keras HDF5 file, Keras JSON, a recipe or a TensorFlow checkpoint's prefix`,
    );
  }
  if (format === 'hdf5') return detectWeights(path);
  if (format === 'json') return detectArchitecture(path);
  return {format};
}

/** Prefixes and folders, which are no files, and graphs, which no first bytes tell. */
function isTensorflowPath(path: string): boolean {
  return existsSync(join(path, 'saved_model.pb')) || isCheckpointPath(path) || path.endsWith('.pb');
}

async function head(path: string): Promise<Uint8Array> {
  requireFile(path);
  const file = await open(path);
  try {
    const bytes = new Uint8Array(HEAD_SIZE);
    const {bytesRead} = await file.read(bytes, 0, HEAD_SIZE, 0);
    return bytes.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

async function detectWeights(path: string): Promise<Detected> {
  const file = await readWeights(path);
  try {
    const {layout, keras_version: keras, tensorflow} = file.facts;
    const version = keras ?? tensorflow;
    return {format: file.format, library: layout && `keras${Number.parseInt(layout, 10)}`, version, layout};
  } finally {
    file.close();
  }
}

async function detectArchitecture(path: string): Promise<Detected> {
  const json = await readJson(path);
  const {library} = parseArchitecture(json, path);
  const format = 'carryover' in (json as object) ? 'recipe' : 'keras-json';
  const {keras_version: version} = json as {keras_version?: unknown};
  return {format, library, version: typeof version === 'string' ? version : undefined};
}
