import {CarryoverError} from '../../src/errors';
import type {RandomAccess} from '../files';
import {beyond, type Limits} from '../limits';
import {GlobalHeapGuard} from './global-heap';
import {capMemory} from './memory';

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

/** Emscripten's file system, as far as it is used. */
export interface Hdf5FileSystem {
  write: WriteStream;
  create(path: string, mode: number): FileNode;
  unlink(path: string): void;
}

type WriteStream = (
  stream: Stream,
  buffer: Bytes,
  offset: number,
  length: number,
  ...rest: never[]
) => number;

interface Stream {
  readonly fd: number;
}

interface FileNode {
  stream_ops: {read: (stream: Stream, buffer: Bytes, offset: number, length: number, at: number) => number};
}

type Bytes = Uint8Array | Int8Array;

const STDERR = 2;
/** What libhdf5 may hold of a file, in its size: a group's names, heaps and chunks lie in its memory while they are read. */
const MEMORY_PER_BYTE = 4;
const READ_ONLY = 0o444;

/** Emscripten answers the reading program with this errno (EIO) for an error of this name. */
class ReadError extends Error {
  override readonly name = 'ErrnoError';
  readonly errno = 29;
}

/** A file that libhdf5 reads through its file system, part by part. */
export interface MountedFile {
  readonly library: Hdf5Library;
  /** Its name there. */
  readonly path: string;
  /** Its size in bytes. */
  readonly size: number;
  /** Why the last failing read, or want of memory, was refused or failed; forgotten once told. */
  takeTrouble(where: string): unknown;
  unmount(): void;
}

let mounted = 0;

/** Gives libhdf5 a file, and memory in proportion to it. */
export function mountFile(library: Hdf5Library, file: RandomAccess, limits: Limits): MountedFile {
  const {FS: system} = library;
  const path = `/carryover-${mounted++}.h5`;
  const cap = capMemory(library, MEMORY_PER_BYTE * file.size, limits.hdf5Bytes);
  const node = system.create(path, READ_ONLY);
  const guard = new GlobalHeapGuard();
  let trouble: unknown;
  Object.defineProperty(node, 'usedBytes', {value: file.size});
  node.stream_ops = {
    ...node.stream_ops,
    read: (_, buffer, offset, length, at) => {
      try {
        const bytes = file.read(at, length);
        guard.check(bytes, at);
        new Uint8Array(buffer.buffer, buffer.byteOffset + offset, length).set(bytes);
        return bytes.length;
      } catch (error) {
        trouble = error;
        throw new ReadError();
      }
    },
  };
  return {
    library,
    path,
    size: file.size,
    takeTrouble(where) {
      const refused = cap.takeRefused();
      const taken =
        refused === undefined
          ? trouble
          : beyond(where, 'hdf5Bytes', `libhdf5 asks for ${refused} bytes of memory`, limits);
      trouble = undefined;
      return taken;
    },
    unmount() {
      cap.release();
      system.unlink(path);
    },
  };
}

/**
 * Runs calls into libhdf5. It prints its errors to stderr: here they become the message of the error.
 * @param where the file and the place in it, for messages
 * @param fail makes the error from libhdf5's innermost complaint ('' where it said nothing)
 */
export function callLibrary<T>(
  {library, takeTrouble}: MountedFile,
  where: string,
  call: () => T,
  fail: (reason: string, cause?: unknown) => Error,
): T {
  const system = library.FS;
  const {write} = system;
  let said = '';
  // What an earlier call got over.
  takeTrouble(where);
  system.write = (stream, buffer, offset, length, ...rest) => {
    if (stream.fd !== STDERR) return write.call(system, stream, buffer, offset, length, ...rest);
    said += new TextDecoder().decode(copy(buffer, offset, length));
    return length;
  };
  try {
    const result = call();
    // h5wasm passes over some failures, such as a group whose names cannot be listed.
    if (said !== '') throw new Complaint('libhdf5 reports an error');
    return result;
  } catch (error) {
    const known = takeTrouble(where);
    if (known instanceof CarryoverError) throw known;
    const reason = known ? firstLine(known) : innermost(said);
    if (error instanceof Complaint) throw fail(reason || error.message);
    throw fail(reason || firstLine(error), error);
  } finally {
    system.write = write;
  }
}

function copy(bytes: Bytes, offset: number, length: number): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset + offset, length).slice();
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
