import type {ArgumentTable} from '../dialects/arguments';
import type {CellDialect, LibraryFacts} from '../dialects/dialect';
import type {CellClass, RecurrentLayerClass} from '../layers/factory';
import type {Architecture, LayerRecord} from '../model/architecture';
import type {Json} from '../model/json';
import type {CallSpec, LayerEntry} from './built';
import type {FilePatterns} from './patterns';
import type {PlainLayers} from './plain';

/** What a layer puts out, and what it takes beside its data, by name. */
export interface Ports {
  readonly outputs: readonly string[];
  /** Initial states that may be given. */
  readonly states: readonly string[];
  /** Further inputs, each of which must be given. */
  readonly inputs: readonly string[];
}

/** What is known of a file that holds an architecture. */
export interface ArchitectureFacts {
  /** The file, for messages. */
  readonly where: string;
  /** The release that the user names. */
  readonly version?: string;
  /** The release and the backend of which the weight file tells. */
  readonly fileVersion?: string;
  readonly backend?: string;
}

/** How a library writes down a network beside its arrays. */
export interface StoredArchitecture {
  /** What such JSON looks like, for messages: `Keras JSON (with "class_name")`. */
  readonly title: string;
  recognises(json: Json, facts: ArchitectureFacts): boolean;
  /** An architecture, or a recipe (`{"carryover": 1, ...}`) of it. */
  parse(json: Json, facts: ArchitectureFacts): Architecture | Json;
}

/**
 * All there is to know of one library: whoever needs something that differs between libraries asks its record.
 * A library is added by a folder with such a record and a line in `all.ts`.
 */
export interface Library extends Omit<LibraryFacts, 'library'> {
  /** As recipes, `convertLayer` and the public namespaces call it: `keras0`. */
  readonly name: string;
  /** The classes of its recurrent layers, the plainest first. */
  readonly layers: readonly RecurrentLayerClass[];
  /** The classes of its recurrent cells, the plainest first. */
  readonly cells: readonly CellClass[];
  /** Arguments that every layer of the library takes, beside its own. */
  readonly commonArguments?: ArgumentTable;
  /** Its other layers, by the library's own class names. */
  readonly plainLayers: PlainLayers;
  /** Layers around other layers or cells, by class: wrappers, loops over sequences. */
  readonly otherLayers?: ReadonlyMap<string, LayerEntry>;
  /** What calls of those layers may say beside tensors, by class; absent for classes that take no more. */
  readonly otherCalls?: ReadonlyMap<string, CallSpec>;
  /** The named outputs and states of such a layer; undefined where there is one output, `y`. */
  readonly ports?: (record: LayerRecord) => Ports | undefined;
  /** Absent where names tell the layers (TensorFlow). */
  readonly filePatterns?: FilePatterns;
  /** Absent where the library stores arrays alone. */
  readonly storedArchitecture?: StoredArchitecture;
  /**
   * How a file lists the arrays of a container: layer by layer, or those that are trained of all its layers before
   * the others.
   */
  readonly containerArrays: 'byLayer' | 'trainedFirst';
  /**
   * How a release lists the arrays of a whole model (`get_weights`): layer by layer through all models inside it, or so but
   * for models in wrappers, whose trained arrays come before the others. Absent, or undefined of a release, where the list
   * is that of a file's groups.
   */
  readonly listedArrays?: (version: string) => 'byLayer' | 'byWrapper' | undefined;
}

const defined = new Map<object, Library>();

/**
 * Makes a library known.
 * @param namespace what programs call: `keras0.lstm`, ...
 * @returns the namespace
 */
export function defineLibrary<N extends object>(
  {library: name, ...record}: LibraryFacts & Omit<Library, 'name'>,
  namespace: N,
): N {
  defined.set(namespace, {...record, name});
  return namespace;
}

/** The records of libraries, in the order of their definition. */
export function recordsOf(namespaces: readonly object[]): readonly Library[] {
  return [...defined].filter(([namespace]) => namespaces.includes(namespace)).map(([, library]) => library);
}

/** Both kinds of a library's dialects: layers, then cells. */
export function dialectsOf({layers, cells}: Pick<Library, 'layers' | 'cells'>): readonly CellDialect[] {
  return [...layers, ...cells].map(({dialect}) => dialect);
}
