import {readFileSync} from 'node:fs';
import {basename} from 'node:path';
import type {LayersModel} from '@tensorflow/tfjs-layers';
import type {WeightFile} from '../../converters/arrays';
import {readNpy} from '../../converters/npy/read';
import {setEngine} from '../engines/registry';
import type {Architecture} from '../model/architecture';
import type {CustomObjects} from '../model/layer';
import {architectureOf, type NamedJson, type OpenedModel, openedFrom} from '../model/open';
import {ensureBackend} from './backend';
import {beside, readJson, readWeights, requireFile} from './files/open';

/** How a model is loaded from files. */
export interface LoadOptions {
  /** The architecture where the weight file has none: a path, or the parsed JSON (Keras of any age, or a recipe). */
  readonly architecture?: string | object;
  /** The weight file, where `source` is an architecture. */
  readonly weights?: string;
  /** Take the arrays of layers with the same names and leave the others as initialized. Default false. */
  readonly byName?: boolean;
  /** Your own layers, by class name in the file. */
  readonly customObjects?: CustomObjects;
  /** As `setEngine`. */
  readonly engine?: string;
  /** The library's release, where the file does not say it. */
  readonly version?: string;
}

export type {OpenedModel} from '../model/open';

/**
 * Loads a model from files of an old library as a `tf.LayersModel`, weights and all.
 *
 * Where the program has loaded no tfjs backend, `useBackend` does: TensorFlow's own where it is installed.
 *
 * @param source a Keras HDF5 file (whole model, or weights with `architecture`), or an architecture (with `weights`)
 * @throws CarryoverError, see its codes
 */
export async function loadModel(source: string, options: LoadOptions = {}): Promise<LayersModel> {
  return (await openModel(source, options)).model;
}

/** As `loadModel`, and tells where everything came from. */
export async function openModel(source: string, options: LoadOptions = {}): Promise<OpenedModel> {
  if (options.engine) setEngine(options.engine);
  await ensureBackend();
  const swapped = options.weights !== undefined && options.architecture === undefined;
  const weightPath = options.weights ?? source;
  const file = await readWeights(weightPath);
  try {
    const given = await givenArchitecture(swapped ? source : options.architecture);
    const sibling = typeof options.architecture === 'string' ? options.architecture : weightPath;
    return openedFrom(file, given, {
      ...options,
      where: basename(weightPath),
      path: weightPath,
      readFile: name => {
        const path = beside(sibling, name);
        requireFile(path);
        return readNpy(readFileSync(path), name);
      },
    });
  } finally {
    file.close();
  }
}

/** The architecture of a weight file: the given one, else its own; what its arrays tell filled in. */
export async function architectureFor(
  file: WeightFile,
  path: string,
  options: LoadOptions,
): Promise<Architecture> {
  const given = await givenArchitecture(options.architecture);
  return architectureOf(file, given, {where: basename(path), path, version: options.version});
}

async function givenArchitecture(given: LoadOptions['architecture']): Promise<NamedJson | undefined> {
  if (given === undefined) return undefined;
  return typeof given === 'string'
    ? {json: await readJson(given), name: basename(given)}
    : {json: given, name: 'architecture'};
}
