/** A datatype and extent as h5wasm reports them. */
export interface Hdf5Metadata {
  /** H5T_class_t: 0 integer, 1 float, 3 string, 8 enumeration, others unsupported. */
  readonly type: number;
  /** Bytes per element. */
  readonly size: number;
  readonly signed: boolean;
  /** Variable-length string: the elements are pointers. */
  readonly vlen: boolean;
  /** null for an empty dataspace. */
  readonly shape: number[] | null;
  readonly chunks: number[] | null;
  readonly enum_type?: {readonly type: number; readonly members: Readonly<Record<string, number>>};
  readonly virtual_sources?: readonly unknown[];
}

/**
 * What is used of libhdf5 as h5wasm compiles it. The module's own functions, not h5wasm's classes: those return
 * whatever lies in memory when libhdf5 fails to read.
 */
export interface Hdf5Library {
  /** Replaced whenever the memory grows: never hold on to it. */
  readonly HEAPU8: Uint8Array;
  readonly H5F_ACC_RDONLY: number;
  readonly H5G_GROUP: number;
  readonly H5G_DATASET: number;
  readonly FS: Hdf5FileSystem;
  _malloc(size: number): number;
  _free(pointer: number): void;
  UTF8ToString(pointer: number): string;
  open(name: string, mode: number, trackOrder: boolean, oldest: number, newest: number): bigint;
  close_file(file: bigint): number;
  get_type(file: bigint, path: string): number;
  get_names(file: bigint, path: string, recursive: boolean): string[];
  get_symbolic_link(file: bigint, path: string): string | null;
  get_external_link(file: bigint, path: string): {filename?: string};
  get_attribute_names(file: bigint, path: string): string[];
  get_attribute_metadata(file: bigint, path: string, name: string): Hdf5Metadata;
  get_attribute_data(file: bigint, path: string, name: string, target: bigint): number;
  get_dataset_metadata(file: bigint, path: string): Hdf5Metadata;
  get_dataset_data(
    file: bigint,
    path: string,
    count: bigint[] | null,
    offset: bigint[] | null,
    strides: bigint[] | null,
    target: bigint,
  ): number;
  reclaim_vlen_memory(file: bigint, path: string, attribute: string, data: bigint): number;
}

/** Emscripten's file system. */
export interface Hdf5FileSystem {
  write: WriteStream;
  writeFile(path: string, data: Uint8Array, options: {canOwn: boolean; flags?: string}): void;
  unlink(path: string): void;
}

type WriteStream = (
  stream: {fd: number},
  buffer: Uint8Array,
  offset: number,
  length: number,
  ...rest: never[]
) => number;

const STDERR = 2;

/**
 * Runs calls into libhdf5, which prints its errors to stderr: here they become the message of the error.
 * @param fail makes the error from libhdf5's innermost complaint ('' where it said nothing)
 */
export function callLibrary<T>(
  library: Hdf5Library,
  call: () => T,
  fail: (reason: string, cause?: unknown) => Error,
): T {
  const system = library.FS;
  const write = system.write;
  let said = '';
  system.write = (stream, buffer, offset, length, ...rest) => {
    if (stream.fd !== STDERR) return write.call(system, stream, buffer, offset, length, ...rest);
    said += new TextDecoder().decode(buffer.slice(offset, offset + length));
    return length;
  };
  try {
    return call();
  } catch (error) {
    if (error instanceof Complaint) throw fail(innermost(said) || error.message);
    throw fail(innermost(said) || firstLine(error), error);
  } finally {
    system.write = write;
  }
}

/** Thrown inside `callLibrary` when a status says that the call failed. */
export class Complaint extends Error {}

/** The last entry of libhdf5's error stack, which is where it went wrong: `#007: H5Fsuper.c line 577 in f(): reason`. */
function innermost(stack: string): string {
  const entries = stack.split('\n').filter(line => /^\s*#\d+:/.test(line));
  const last = entries.at(-1) ?? '';
  return last.replace(/^.*?\bin \w+\(\): /, '').trim();
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
}
