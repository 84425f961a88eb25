import type {io} from '@tensorflow/tfjs-core';
import type {WeightFile} from './arrays';
import type {FileSet, RandomAccess} from './files';
import {namesIn, readExactly} from './files';
import type {GraphDef} from './graph-def/graph';
import type {MetaGraph} from './graph-def/meta-graph';
import {LIMITS, type Limits} from './limits';

/** What a source may hold. */
export type Contents = 'architecture' | 'weights' | 'graph';

/** A TensorFlow graph, and the name of the file that it is in. */
export interface NamedGraph {
  /** The graph. */
  readonly graph: GraphDef;
  /** The file that it is in. */
  readonly name: string;
  /** What the file says beside it: signatures, collections, the release; absent of a graph alone. */
  readonly meta?: MetaGraph;
}

/** What a format's `open` gives: the registry adds the name. */
export type OpenedContents = Omit<OpenedFile, 'name'>;

/** An open source; of an architecture alone, `groups` is empty. */
export interface OpenedFile extends WeightFile {
  /** Its name among its files: of a folder's, the file that has the weights. */
  readonly name: string;
  /** The name of the file that has the architecture, where that is another one. */
  readonly architectureName?: string;
  /** The TensorFlow graph that uses the arrays, where there is one: a SavedModel's, a frozen graph's, `PREFIX.meta`. */
  findGraph?(): Promise<NamedGraph | undefined>;
  /** A model that TensorFlow.js itself saved, as its `IOHandler`s have it. */
  layersModel?(): Promise<io.ModelArtifacts>;
}

/** A file that a writer makes. */
export interface WrittenFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** A file format: what it is called, how it is known, how it is read and written. */
export interface Format {
  /** As in `WeightFile.format` and in golden cases: `npz`, `keras-h5`, ... */
  readonly name: string;
  /** For people, with its article: `a NumPy archive (.npz)`. */
  readonly title: string;
  /** What a file of this format may hold. */
  readonly holds: readonly Contents[];
  /** Whether a source is of this format, once no format before it in the registry has claimed it. */
  recognises(source: Source): boolean | Promise<boolean>;
  /**
   * Opens a source of this format. Absent where Carryover does not read it: then `advice` says what to do instead.
   * The source is closed with the file, or where opening fails.
   */
  open?(source: Source): Promise<OpenedContents>;
  /** What to do with a file of this format that is not read. */
  readonly advice?: string;
  /** The files of a model in this format, from what tfjs saves of it. Absent where Carryover writes no models in it. */
  write?(model: io.ModelArtifacts): Promise<readonly WrittenFile[]>;
  /** Files of this format are mostly data: in a folder with other weights they are passed over. */
  readonly mostlyData?: true;
}

/** Enough to tell every format, HDF5's behind a user block included. */
const HEAD = 4096;
/** A TensorFlow checkpoint is told by the last 8 bytes of its table. */
const TAIL = 64;

/**
 * What the name of a source stands for: a file, or else a folder or the prefix of several files. The file is opened once,
 * its beginning and its end are read once, and what several formats ask of it is made once.
 */
export class Source {
  readonly name: string;
  readonly files: FileSet;
  readonly limits: Limits;
  /** The file of this name; undefined for a folder, a prefix, and nothing. */
  readonly file: RandomAccess | undefined;
  /** The file's first bytes. */
  readonly head: Uint8Array;
  /** The file's last bytes. */
  readonly tail: Uint8Array;
  /** The names in the folder of this name; none for a file. */
  readonly entries: readonly string[];
  private readonly made = new Map<unknown, unknown>();
  private readonly closers: (() => void)[] = [];

  private constructor(
    files: FileSet,
    name: string,
    file: RandomAccess | undefined,
    entries: readonly string[],
    limits: Limits,
  ) {
    this.limits = limits;
    this.files = file ? withOpen(files, name, file) : files;
    this.name = name;
    this.file = file;
    this.entries = entries;
    const size = file?.size ?? 0;
    this.head = file?.read(0, Math.min(HEAD, size)) ?? new Uint8Array(0);
    this.tail = size <= HEAD ? this.head.slice(-TAIL) : file!.read(size - TAIL, TAIL);
    if (file) this.onClose(() => file.close?.());
  }

  static async look(files: FileSet, name: string, limits: Limits = LIMITS): Promise<Source> {
    const file = await files.open(name);
    return new Source(files, name, file, file ? [] : await namesIn(files, name), limits);
  }

  /** The whole file; not to be changed. */
  bytes(): Uint8Array {
    return this.share(readWhole);
  }

  /** What `make` makes of this source, made once whoever asks. */
  share<T>(make: (source: Source) => T): T {
    if (!this.made.has(make)) this.made.set(make, make(this));
    return this.made.get(make) as T;
  }

  onClose(action: () => void): void {
    this.closers.push(action);
  }

  close(): void {
    for (const action of this.closers.splice(0).reverse()) action();
  }
}

/** The set with a file of it that is open already: who opens it again gets that, and does not close it. */
function withOpen(files: FileSet, name: string, {close: _, ...opened}: RandomAccess): FileSet {
  return {list: files.list, open: async other => (other === name ? opened : files.open(other))};
}

function readWhole({file, name}: Source): Uint8Array {
  return file?.whole ?? (file ? readExactly(file, 0, file.size, name) : new Uint8Array(0));
}
