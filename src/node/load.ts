import {readFileSync} from 'node:fs';
import {basename} from 'node:path';
import type {LayersModel} from '@tensorflow/tfjs-layers';
import type {WeightFile} from '../../converters/arrays';
import {readNpy} from '../../converters/npy/read';
import {setEngine} from '../engines/registry';
import {CarryoverError} from '../errors';
import type {Architecture} from '../model/architecture';
import {type BuiltModel, buildModel} from '../model/build';
import {completed} from '../model/complete';
import type {CustomObjects} from '../model/layer';
import {parseArchitecture} from '../model/parse';
import {assignWeights} from '../model/weights';
import {ensureBackend} from './backend';
import {beside, readJson, readWeights, requireFile} from './files/open';

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

/** A loaded model with what is known of it. */
export interface OpenedModel extends BuiltModel {
  readonly architecture: Architecture;
  readonly format: string;
  readonly facts: Readonly<Record<string, string>>;
}

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
    const architecture = await architectureFor(
      file,
      weightPath,
      swapped ? {...options, architecture: source} : options,
    );
    const built = buildModel(architecture, options.customObjects);
    const sibling = typeof options.architecture === 'string' ? options.architecture : weightPath;
    assignWeights(built, file.groups, {
      byName: options.byName,
      where: basename(weightPath),
      readFile: name => {
        const path = beside(sibling, name);
        requireFile(path);
        return readNpy(readFileSync(path), name);
      },
    });
    return {...built, architecture, format: file.format, facts: file.facts};
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
  const given = options.architecture;
  const json = typeof given === 'string' ? await readJson(given) : (given ?? file.architecture);
  if (json === undefined) {
    throw new CarryoverError(
      'E_ARCHITECTURE',
      `${path}: has weights but no architecture; give one (architecture: Keras JSON or a recipe; on the command line: --architecture FILE)`,
    );
  }
  const where = typeof given === 'string' ? basename(given) : given ? 'architecture' : basename(path);
  const parsed = parseArchitecture(json, where, {
    version: options.version,
    fileVersion: file.facts.keras_version,
    backend: file.facts.backend,
  });
  return completed(parsed, file.groups);
}
