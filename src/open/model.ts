import type {io} from '@tensorflow/tfjs-core';
import type {LayersModel} from '@tensorflow/tfjs-layers';
import {baseName} from '../../converters/files';
import type {OpenedFile} from '../../converters/format';
import type {Limits} from '../../converters/limits';
import {type OpenOptions, openWeights} from '../../converters/open';
import {setEngine} from '../engines/registry';
import {CarryoverError} from '../errors';
import {isUntraced} from '../graph/freeze';
import {GraphLayersModel} from '../graph/model';
import {openGraph} from '../graph/open';
import {registerGraphOps} from '../graph/registered';
import {tfjsArtifacts} from '../graph/write/tfjs';
import {artifactsOf} from '../model/artifacts';
import {openLayersModel} from '../model/layers-model';
import {architectureOf, assemble, type BuildOptions, type OpenedModel} from '../model/open';
import {type Detected, detectAt} from './detect';
import {openParts, ownLayersModel, type PartPlaces} from './parts';
import {isMemorySource, type MemorySource, type Place, placeInMemory} from './source';

/** How a model is opened. `S`: what else than bytes in memory a source may be; a path in Node, nothing in a page. */
export interface LoadOptions<S = MemorySource> extends BuildOptions {
  /**
   * The architecture where the source has none: Keras JSON of any age or a recipe, as a source, or parsed. Beside a source of
   * several files in memory, the name of one of them.
   */
  readonly architecture?: S | string | object;
  /** The weights, where the source has none or others are wanted: a source, or a name as for `architecture`. */
  readonly weights?: S | string;
  /** Take the arrays of layers with the same names and leave the others as initialized. Default false. */
  readonly byName?: boolean;
  /** Leave arrays that do not fit their layers out, and those layers as initialized. Default false: they are an error. */
  readonly skipMismatch?: boolean;
  /** Limits on what a file may ask of its reader, for files that are trusted more or less. */
  readonly limits?: Partial<Limits>;
  /** As `setEngine`. */
  readonly engine?: string;
  /**
   * Run the file's TensorFlow graph as it is, for inference. Default: where the file has a graph and nothing else tells the
   * layers; true also of a Keras model in a SavedModel.
   */
  readonly graph?: boolean;
  /** Of a graph: nodes that are fed, beside its placeholders without a default. */
  readonly inputs?: readonly string[];
  /** Of a graph: tensors inside of it that will be asked for, beside its outputs (`runModel`, `verify`). */
  readonly inside?: readonly string[];
  /** Of a SavedModel's graph: the signature by which it is called; default `serving_default`. */
  readonly signature?: string;
}

/** Where a source is. A string among the files of another source (`beside`) is a name there. */
export type Locate<S> = (source: S | string, beside?: Place) => Place;

/** A source in memory, or the name of a file of such a source. */
export function locateInMemory(source: MemorySource | string, beside?: Place): Place {
  if (typeof source !== 'string') return placeInMemory(source);
  if (beside) return {files: beside.files, name: source};
  throw new CarryoverError(
    'E_USAGE',
    `'${source}' is a path, which cannot be read here; give a File, bytes, or use carryover/node`,
  );
}

/** Where a source is, and what options name beside it. Of several files in memory, `weights` names the source. */
export function placesOf<S>(
  locate: Locate<S>,
  source: S,
  {architecture, weights, limits}: Pick<LoadOptions<S>, 'architecture' | 'weights' | 'limits'>,
): {readonly place: Place; readonly given: PartPlaces} {
  const place = locate(source);
  const named = weights === undefined ? undefined : locate(weights, place);
  const isSource = typeof architecture === 'string' || isMemorySource(architecture);
  const beside = isSource ? locate(architecture as S | string, place) : {json: architecture as object};
  const given = {architecture: architecture === undefined ? undefined : beside, limits};
  const oneOfSeveral = typeof source !== 'string' && named?.files === place.files;
  return oneOfSeveral ? {place: named, given} : {place, given: {...given, weights: named}};
}

/**
 * The model of a source among its files, and where everything came from.
 * @throws CarryoverError, see its codes
 */
export async function openModelAt(
  place: Place,
  given: PartPlaces,
  {
    engine,
    customObjects,
    version,
    outputs,
    byName,
    skipMismatch,
    graph,
    inputs,
    inside,
    signature,
  }: Omit<LoadOptions, 'architecture' | 'weights' | 'limits'> = {},
): Promise<OpenedModel> {
  if (engine) setEngine(engine);
  const parts = await openParts(place, given);
  try {
    const {weights, source} = parts;
    if (!weights) {
      throw new CarryoverError(
        'E_USAGE',
        `${source.name}: an architecture has no weights; give them (weights; on the command line: --weights FILE)`,
      );
    }
    const where = baseName(weights.name);
    const own = ownLayersModel(parts, weights);
    if (own && !graph) return openLayersModel(await own(), weights, {where, outputs});
    const found = graph || !parts.architecture ? await parts.source.findGraph?.() : undefined;
    if (found && (graph || !isUntraced(found.meta)))
      return openGraph(found, weights, {outputs, inputs, inside, signature});
    if (graph) throw noGraph(weights.name);
    const architecture = architectureOf(weights, parts.architecture, {
      where: weights.name,
      version,
      outputs,
      customObjects,
    });
    const readFile = await parts.readBeside(architecture);
    return assemble(weights, architecture, {where, readFile, customObjects, byName, skipMismatch});
  } finally {
    parts.close();
  }
}

const noGraph = (name: string): CarryoverError =>
  new CarryoverError(
    'E_USAGE',
    `${name}: there is no TensorFlow graph in it or beside it; expected a SavedModel, a frozen graph (.pb), or a checkpoint with its .meta; open it without 'graph' (--graph)`,
  );

/**
 * Loads a model from files of an old library as a `tf.LayersModel`, weights and all.
 *
 * @param source a weight file of any format, an architecture (with `weights`), a SavedModel's or a checkpoint's files: a
 *   `File`, a `Blob`, bytes, or a map of names to them
 * @throws CarryoverError, see its codes
 */
export async function loadModel(source: MemorySource, options: LoadOptions = {}): Promise<LayersModel> {
  return (await openModel(source, options)).model;
}

/** As `loadModel`, and tells where everything came from. */
export async function openModel(source: MemorySource, options: LoadOptions = {}): Promise<OpenedModel> {
  const {place, given} = placesOf<MemorySource>(locateInMemory, source, options);
  return openModelAt(place, given, options);
}

/**
 * Opens a weight file of any format; arrays are read from it when they are asked for. Close it after use.
 * @throws CarryoverError `E_FORMAT` if it is no format that Carryover knows, `E_WEIGHTS` if it has no weights
 */
export function readWeights(source: MemorySource, options: OpenOptions = {}): Promise<OpenedFile> {
  const {files, name} = placeInMemory(source);
  return openWeights(files, name, options);
}

/**
 * Tells a source's format, and the library and release that wrote it.
 * @throws CarryoverError `E_FORMAT` for a format that is not known, or a damaged file
 */
export function detect(source: MemorySource): Promise<Detected> {
  return detectAt(placeInMemory(source));
}

/**
 * An `IOHandler` for `tf.loadLayersModel`: a model of an old library where tfjs takes its own.
 * @throws CarryoverError when it is loaded, see its codes
 */
export function kerasHandler(source: MemorySource, options: LoadOptions = {}): io.IOHandler {
  return handlerOf(() => openModel(source, options));
}

/** The handler that opens a model when it is asked for one. */
export function handlerOf(open: () => Promise<OpenedModel>): io.IOHandler {
  return loading(open, async ({model}) => {
    if (!(model instanceof GraphLayersModel)) return artifactsOf(model);
    throw new CarryoverError(
      'E_USAGE',
      `${model.graph.where}: it is a TensorFlow graph, which has no layers; give tf.loadGraphModel a graphHandler of it, or open it with a recipe (architecture)`,
      {file: model.graph.where},
    );
  });
}

/** How a graph is handed to TensorFlow.js. */
export interface GraphHandlerOptions {
  /** Leave every loop as the file has it, for TensorFlow.js to turn step by step (`executeAsync`). Default false. */
  readonly portable?: boolean;
}

/**
 * An `IOHandler` for `tf.loadGraphModel`: a TensorFlow graph (a frozen graph, a SavedModel, a checkpoint with its `.meta`)
 * where tfjs takes its own. Its recurrences run on Carryover's engines.
 * @throws CarryoverError when it is loaded: as `openModel`, and `E_UNSUPPORTED` for operations that TensorFlow.js lacks
 */
export function graphHandler(
  source: MemorySource,
  options: LoadOptions & GraphHandlerOptions = {},
): io.IOHandler {
  return graphHandlerOf(() => openModel(source, {...options, graph: true}), options);
}

/** The handler that opens a graph when it is asked for one. */
export function graphHandlerOf(
  open: () => Promise<OpenedModel>,
  {portable = false}: GraphHandlerOptions,
): io.IOHandler {
  return loading(open, async ({model}) => {
    const {graph, plain} = model as GraphLayersModel;
    registerGraphOps(await import('@tensorflow/tfjs-converter'));
    return tfjsArtifacts(portable ? plain : graph);
  });
}

/** The handler that opens a model when it is asked for one, and makes of it what TensorFlow.js loads. */
function loading(
  open: () => Promise<OpenedModel>,
  artifacts: (opened: OpenedModel) => Promise<io.ModelArtifacts>,
): io.IOHandler {
  return {
    load: async () => {
      const opened = await open();
      try {
        return await artifacts(opened);
      } finally {
        opened.model.dispose();
      }
    },
  };
}
