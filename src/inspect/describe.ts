import type {NamedArray, NdArray} from '../../converters/arrays';
import {baseName} from '../../converters/files';
import type {OpenedFile} from '../../converters/format';
import {releaseOf} from '../dialects/releases';
import {CarryoverError} from '../errors';
import {libraryOfFile} from '../libraries';
import type {Architecture} from '../model/architecture';
import {type BuiltModel, buildModel} from '../model/build';
import type {CustomObjects} from '../model/custom';
import type {OpenedModel} from '../model/open';
import {arraysByName} from '../model/pairing';
import {assignWeights} from '../model/weights';
import {inputPorts, outputPorts} from '../verify/ports';
import {meanings, statesOf} from './meaning';
import {type Pairing, pairArrays} from './pairing';
import {type Settings, settingsOf} from './settings';

/** An array of a layer, and what it means. */
export interface ArrayDescription {
  /** The library's name of the array within its layer; absent where the layer is not known. */
  readonly role?: string;
  /** Its name in the file. */
  readonly name?: string;
  /** Size of each axis. */
  readonly shape: readonly number[];
  /** Type of the elements. */
  readonly dtype: string;
  /** Which gates its rows and columns are of. */
  readonly meaning?: string;
}

/** A layer, its settings, its arrays. */
export interface LayerDescription {
  /** Its place among the layers, from 0. */
  readonly index: number;
  /** Its name; of a weight file alone, that of its group. */
  readonly name: string;
  /** Its class in its library. */
  readonly class?: string;
  /** Arguments that tell what it computes. */
  readonly settings: Settings;
  /** Its arrays, in saved order. */
  readonly arrays: readonly ArrayDescription[];
  /** Of a recurrent layer: its states. */
  readonly states?: {
    /** Their names. */
    readonly names: readonly string[];
    /** Their width; several where they differ. */
    readonly units: number | readonly number[];
    /** What masks and calls do to them. */
    readonly rules: readonly string[];
  };
}

/** An input or output of a model. */
export interface PortDescription {
  /** Its name. */
  readonly name: string;
  /** Size of each axis, the batch first; null where open. */
  readonly shape: readonly (number | null)[];
  /** Type of the elements. */
  readonly dtype: string;
}

/** What a TensorFlow graph is made of. */
export interface GraphDescription {
  /** How many nodes the file's graph has. */
  readonly nodes: number;
  /** How many of them its outputs need. */
  readonly needed: number;
  /** How many loops are among them. */
  readonly loops: number;
  /** What is computed beside loops, by the operations' names: how often each is there. */
  readonly operations: Readonly<Record<string, number>>;
  /** What training has left in it: `ApplyAdam 8`, `gradients 412`, ... */
  readonly training: readonly string[];
}

/** What `inspect` found. */
export interface Description {
  /** What was looked at. */
  readonly source: string;
  /** Its format, as `detect` says it. */
  readonly format: string;
  /** `keras0`, `tf1`, ... */
  readonly library?: string;
  /** The release that wrote it, where that is known. */
  readonly version?: string;
  /** What the file says of itself. */
  readonly facts: Readonly<Record<string, string>>;
  /** Inputs of the model. */
  readonly inputs: readonly PortDescription[];
  /** Outputs of the model. */
  readonly outputs: readonly PortDescription[];
  /** Its layers; of a weight file alone, its groups. */
  readonly layers: readonly LayerDescription[];
  /** Of a TensorFlow graph: what it is made of; `layers` are those that are recognised in it. */
  readonly graph?: GraphDescription;
  /** How many numbers its arrays hold. */
  readonly parameters: number;
  /** What was assumed, and what does not carry over. */
  readonly notes: readonly string[];
  /** Why the model cannot be loaded as it is. */
  readonly problems: readonly string[];
}

/**
 * A weight file by itself: its groups and arrays.
 * @param version the release that the user names
 * @throws CarryoverError `E_USAGE` for one that there never was
 */
export function describeWeights(file: OpenedFile, version?: string): Description {
  const {name, format, facts, groups, unreadable = []} = file;
  const library = libraryOfFile(facts);
  const release = version !== undefined && library ? releaseOf(library, version, baseName(name)) : undefined;
  return {
    source: name,
    format,
    library: library?.name,
    version: release?.version ?? facts.keras_version,
    facts,
    inputs: [],
    outputs: [],
    layers: groups.map(({name, arrays}, index) => ({index, name, settings: {}, arrays: arrays.map(inFile)})),
    parameters: count(groups.flatMap(({arrays}) => arrays)),
    notes: release?.note === undefined ? [] : [release.note],
    problems: unreadable.map(({reason}) => `${reason.message} (${reason.code})`),
  };
}

export interface DescribeOptions {
  readonly byName?: boolean;
  readonly skipMismatch?: boolean;
  readonly customObjects?: CustomObjects;
  /** Arrays that a recipe takes from files of their own. */
  readonly readFile?: (name: string) => NdArray;
}

/**
 * A model: its architecture, and its arrays where there is a file with them.
 * @param source the file that is described
 */
export function describeModel(
  {name: source, format}: OpenedFile,
  architecture: Architecture,
  weights: OpenedFile | undefined,
  {byName, skipMismatch, customObjects, readFile}: DescribeOptions,
): Description {
  const {library, version} = architecture;
  const problems: string[] = [];
  const pairing = {
    byName,
    where: baseName(source),
    container: architecture.container,
    partial: architecture.partial,
  };
  const built = attempt(problems, () => buildModel(architecture, customObjects, () => true));
  const passedOver =
    built &&
    weights &&
    attempt(problems, () => assignWeights(built, weights, {...pairing, skipMismatch, readFile}));
  return {
    source,
    format: weights?.format ?? format,
    library,
    version,
    facts: weights?.facts ?? {},
    ...(built ? ports(built) : {inputs: [], outputs: []}),
    layers: built
      ? builtLayers(built, pairArrays(built.layers, weights ?? {groups: []}, pairing))
      : bareLayers(architecture),
    parameters: weights
      ? count(weights.groups.flatMap(({arrays}) => arrays))
      : (built?.model.countParams() ?? 0),
    notes: [...(built?.notes ?? architecture.notes), ...(passedOver ?? [])],
    problems,
  };
}

/** A model that is loaded, whose weights go by the names of their variables. */
export function describeOpened(file: OpenedFile, opened: OpenedModel): Description {
  const {name: source, format, facts, groups} = file;
  const {library, version} = opened.architecture;
  const byName = arraysByName(groups);
  const pairs = new Map(
    opened.layers.map(part => [
      part,
      part.built.layer.weights.map(({originalName}) => byName.get(originalName)),
    ]),
  );
  return {
    ...{source, format, library, version, facts},
    ...ports(opened),
    layers: builtLayers(opened, pairs),
    parameters: count(groups.flatMap(({arrays}) => arrays)),
    notes: opened.notes,
    problems: [],
  };
}

function attempt<T>(problems: string[], action: () => T): T | undefined {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof CarryoverError)) throw error;
    problems.push(`${error.message} (${error.code})`);
    return undefined;
  }
}

function ports({model}: BuiltModel): Pick<Description, 'inputs' | 'outputs'> {
  const inputs = inputPorts(model).names.map((name, k) => {
    const {shape, dtype} = model.inputs[k]!;
    return {name, shape, dtype};
  });
  const outputs = outputPorts(model).names.map((name, k) => {
    const {shape, dtype} = model.outputs[k]!;
    return {name, shape, dtype};
  });
  return {inputs, outputs};
}

function builtLayers(built: BuiltModel, pairs: Pairing): LayerDescription[] {
  return built.layers.map((part, index) => {
    const {record, built: layer} = part;
    const texts = meanings(layer);
    const found = pairs.get(part) ?? [];
    const arrays = layer.roles.map((role, k): ArrayDescription => {
      const own = layer.layer.weights[k]?.shape ?? [];
      const file = found[k];
      const place = file ? inFile(file) : {shape: own as number[], dtype: 'float32'};
      return {role, ...place, meaning: texts[k] || undefined};
    });
    const settings = settingsOf(record, layer);
    return {index, name: record.name, class: record.className, settings, arrays, states: statesOf(layer)};
  });
}

function bareLayers({layers}: Architecture): LayerDescription[] {
  return layers.map((record, index) => ({
    index,
    name: record.name,
    class: record.className,
    settings: settingsOf(record),
    arrays: [],
  }));
}

const inFile = ({name, shape, dtype}: NamedArray): ArrayDescription => ({name, shape, dtype});

const count = (arrays: readonly NamedArray[]): number =>
  arrays.reduce((sum, {shape}) => sum + shape.reduce((a, b) => a * b, 1), 0);
