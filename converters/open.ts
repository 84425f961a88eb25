import {CarryoverError} from '../src/errors';
import type {WeightGroup} from './arrays';
import type {FileSet} from './files';
import {type Format, type OpenedFile, Source} from './format';
import {listFew} from './format-error';
import {FORMATS, formatNamed} from './formats';
import {type Limits, limitsWith} from './limits';

/** How a file is opened. */
export interface OpenOptions {
  /** Limits other than the default ones, for files that are trusted more or less. */
  readonly limits?: Partial<Limits>;
}

/**
 * Tells what a source is, without reading more of it than that takes.
 * @param name a file, a folder (a SavedModel's, a checkpoint's, one with a weight file), or a checkpoint's prefix
 * @throws CarryoverError `E_FILE` where there is nothing of this name, `E_FORMAT` for a format that is not known, or a
 *   file so damaged that it cannot be told
 */
export async function detect(files: FileSet, name: string): Promise<Format> {
  const {format, close} = await lookAt(files, name);
  close();
  return format;
}

/**
 * Opens a source of any format: weights, an architecture, or both. A file is opened once, and stays open until `close`.
 * Of a folder with one weight file and an architecture, both are taken.
 *
 * @param name as for `detect`
 * @throws CarryoverError as `detect`; `E_UNSUPPORTED` for a format that Carryover knows and does not read
 */
export async function openAny(files: FileSet, name: string, options: OpenOptions = {}): Promise<OpenedFile> {
  return (await lookAt(files, name, options)).open();
}

/**
 * Opens a weight file of any format; arrays are read from it when they are asked for.
 * @param name as for `detect`
 * @throws CarryoverError as `openAny`; `E_WEIGHTS` for an architecture or a graph without weights
 */
export async function openWeights(
  files: FileSet,
  name: string,
  options: OpenOptions = {},
): Promise<OpenedFile> {
  const file = await openAny(files, name, options);
  const {title, holds} = formatNamed(file.format)!;
  if (holds.includes('weights')) return file;
  file.close();
  throw new CarryoverError('E_WEIGHTS', `${name}: is ${title}, which has no weights; expected a weight file`);
}

/**
 * The bytes of a file.
 * @throws CarryoverError `E_FILE` where it is not there
 */
export async function readFile(files: FileSet, name: string): Promise<Uint8Array> {
  const file = await files.open(name);
  if (file === undefined) throw await missing(files, name);
  try {
    return file.whole ?? file.read(0, file.size);
  } finally {
    file.close?.();
  }
}

/** A source whose format is known. */
export interface Found {
  readonly format: Format;
  /** Opens it; the source is closed with what that gives, or where it fails. */
  open(): Promise<OpenedFile>;
  close(): void;
}

/**
 * As `detect`, with the source held open: `open` it or `close` it.
 * @throws CarryoverError as `detect`
 */
export async function lookAt(files: FileSet, name: string, options: OpenOptions = {}): Promise<Found> {
  const source = await Source.look(files, name, limitsWith(options.limits));
  const format = await orClose(source, recognise);
  if (format)
    return {format, open: () => orClose(source, () => openAs(format, source)), close: () => source.close()};
  const {main, architecture} = await orClose(source, inFolder);
  const found = await lookAt(files, main, options);
  return architecture === undefined
    ? found
    : {
        ...found,
        open: async () => withArchitecture(await found.open(), await openAny(files, architecture, options)),
      };
}

/** Where it fails, the source is closed, and the error tells the file. */
async function orClose<T>(source: Source, action: (source: Source) => Promise<T>): Promise<T> {
  try {
    return await action(source);
  } catch (error) {
    source.close();
    throw error instanceof CarryoverError ? error.with({file: source.name}) : error;
  }
}

async function openAs(format: Format, source: Source): Promise<OpenedFile> {
  const {name} = source;
  if (format.open) {
    const {groups, ...file} = await format.open(source);
    for (const {reason} of file.unreadable ?? []) reason.with({file: name});
    return {
      ...file,
      groups: groups.map(group => tellingFile(group, name)),
      name,
      close: () => source.close(),
    };
  }
  throw new CarryoverError(
    'E_UNSUPPORTED',
    `${name}: is ${format.title}, which this version does not read; ${format.advice}`,
  );
}

/** Reading an array may fail long after the file was opened: the error tells the file all the same. */
function tellingFile({arrays, ...group}: WeightGroup, file: string): WeightGroup {
  const told = <T>(read: () => T): T => {
    try {
      return read();
    } catch (error) {
      throw error instanceof CarryoverError ? error.with({file}) : error;
    }
  };
  return {
    ...group,
    arrays: arrays.map(array => ({
      ...{name: array.name, dtype: array.dtype, shape: array.shape},
      read: () => told(() => array.read()),
      ...(array.slice && {slice: (begin, size) => told(() => array.slice!(begin, size))}),
    })),
  };
}

function withArchitecture(file: OpenedFile, beside: OpenedFile): OpenedFile {
  beside.close();
  if (file.architecture !== undefined) return file;
  return {...file, architecture: beside.architecture, architectureName: beside.name};
}

/** Undefined for a folder of no format. */
async function recognise(source: Source): Promise<Format | undefined> {
  for (const format of FORMATS) if (await format.recognises(source)) return format;
  if (source.entries.length > 0) return undefined;
  if (!source.file) throw await missing(source.files, source.name);
  const known = FORMATS.filter(({open}) => open).map(({name}) => name);
  const what = source.file.size === 0 ? 'an empty file' : 'no format that Carryover knows';
  throw new CarryoverError('E_FORMAT', `${source.name}: ${what}; expected one of ${known.join(', ')}`);
}

async function missing(files: FileSet, name: string): Promise<CarryoverError> {
  const isFolder = (await files.list(`${name}/`)).length > 0;
  const isEmpty = (await files.list(name)).includes(name);
  const what = isFolder ? 'not a file' : isEmpty ? 'an empty folder' : 'no such file';
  return new CarryoverError('E_FILE', `${name}: ${what}`, {file: name});
}

/** The files of a model in a folder. */
interface FolderParts {
  /** The weight file, or else the architecture. */
  readonly main: string;
  readonly architecture?: string;
}

/** The only weight file in a folder and the only architecture. */
async function inFolder({files, name, entries, limits}: Source): Promise<FolderParts> {
  const found: {readonly path: string; readonly format: Format}[] = [];
  for (const entry of entries.slice(0, limits.folderEntries)) {
    const path = name === '' ? entry : `${name}/${entry}`;
    const format = await formatOf(files, path, limits);
    if (format) found.push({path, format});
  }
  const weights = found.filter(({format: {holds, mostlyData}}) => holds.includes('weights') && !mostlyData);
  const architectures = found.filter(({format: {holds}}) => holds.join() === 'architecture');
  const [main, ...others] = weights.length > 0 ? weights : architectures;
  if (main && others.length === 0 && architectures.length <= 1) {
    return {main: main.path, architecture: architectures.find(({path}) => path !== main.path)?.path};
  }
  const what = main
    ? `a folder with several weight files or architectures (${listFew([...weights, ...architectures].map(({path}) => path))}); give one weight file, and its architecture beside it`
    : `a folder with no model in it; expected a SavedModel, a checkpoint or a weight file; in it: ${listFew(entries)}`;
  throw new CarryoverError('E_FILE', `${name || 'the files'}: ${what}`);
}

/** The format of a file in a folder; undefined for what is none of a model's. */
async function formatOf(files: FileSet, path: string, limits: Limits): Promise<Format | undefined> {
  const source = await Source.look(files, path, limits);
  try {
    return source.file && (await recognise(source));
  } catch (error) {
    if (error instanceof CarryoverError) return undefined;
    throw error;
  } finally {
    source.close();
  }
}
