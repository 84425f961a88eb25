import type {io} from '@tensorflow/tfjs-core';
import type {LayersModel} from '@tensorflow/tfjs-layers';
import type {NdArray} from '../../converters/arrays';
import type {OpenedFile} from '../../converters/format';
import {readNpy} from '../../converters/npy/read';
import {type OpenOptions, openWeights, readFile} from '../../converters/open';
import type {OpenedModel} from '../model/open';
import {type Detected, detectAt} from '../open/detect';
import {
  type GraphHandlerOptions,
  graphHandlerOf,
  handlerOf,
  type LoadOptions as OptionsOf,
  openModelAt,
  placesOf,
} from '../open/model';
import {type MemorySource, type Place, placeInMemory} from '../open/source';
import {ensureBackend} from './backend';
import {diskFiles} from './files/disk';

/** A path, or bytes in memory. */
export type Source = string | MemorySource;

/** How a model is loaded from files. */
export type LoadOptions = OptionsOf<Source>;

/** A path; where files of a source in memory have this name, those. */
export function locate(source: Source, beside?: Place): Place {
  if (typeof source !== 'string') return placeInMemory(source);
  if (beside?.names?.some(name => name === source || name.startsWith(`${source}/`))) {
    return {files: beside.files, name: source};
  }
  const name = process.platform === 'win32' ? source.replaceAll('\\', '/') : source;
  return {files: diskFiles, name: name.replace(/(?<=.)\/+$/, '')};
}

/**
 * Loads a model from files of an old library as a `tf.LayersModel`, weights and all.
 *
 * Where the program has loaded no tfjs backend, `useBackend` does: TensorFlow's own where it is installed.
 *
 * @param source a weight file of any format (with `architecture` where it has none), an architecture (with `weights`), a
 *   SavedModel's folder, a checkpoint's prefix: a path, or bytes in memory
 * @throws CarryoverError, see its codes
 */
export async function loadModel(source: Source, options: LoadOptions = {}): Promise<LayersModel> {
  return (await openModel(source, options)).model;
}

/** As `loadModel`, and tells where everything came from. */
export async function openModel(source: Source, options: LoadOptions = {}): Promise<OpenedModel> {
  await ensureBackend();
  const {place, given} = placesOf<Source>(locate, source, options);
  return openModelAt(place, given, options);
}

/**
 * An `IOHandler` for `tf.loadLayersModel`: a model of an old library where tfjs takes its own.
 *
 * @param source and options: as for `loadModel`
 * @throws CarryoverError when it is loaded, see its codes
 */
export function kerasHandler(source: Source, options: LoadOptions = {}): io.IOHandler {
  return handlerOf(() => openModel(source, options));
}

/**
 * An `IOHandler` for `tf.loadGraphModel`: a TensorFlow graph where tfjs takes its own.
 * @throws CarryoverError when it is loaded, see its codes
 */
export function graphHandler(source: Source, options: LoadOptions & GraphHandlerOptions = {}): io.IOHandler {
  return graphHandlerOf(() => openModel(source, {...options, graph: true}), options);
}

/**
 * Opens a weight file of any format; arrays are read from it when they are asked for. Close it after use.
 * @throws CarryoverError `E_FILE` if it is not there, `E_FORMAT` if it is no format that Carryover knows, `E_WEIGHTS` if it
 *   has no weights
 */
export async function readWeights(source: Source, options: OpenOptions = {}): Promise<OpenedFile> {
  const {files, name} = locate(source);
  return openWeights(files, name, options);
}

/**
 * Tells a file's format, and the library and release that wrote it.
 * @throws CarryoverError `E_FILE` where it cannot be read, `E_FORMAT` for a format that is not known, or a damaged file
 */
export async function detect(source: Source): Promise<Detected> {
  return detectAt(locate(source));
}

/** An array from a `.npy` file. */
export async function readArray(path: string): Promise<NdArray> {
  return readNpy(await readFile(diskFiles, path), path);
}
