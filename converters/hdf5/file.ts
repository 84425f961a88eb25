import {CarryoverError} from '../../src/errors';
import type {DType, NamedArray, NdArray} from '../arrays';
import {badFormat, unsupported} from '../format-error';
import {DEFLATE_RATIO} from '../limits';
import {valuesFromBytes} from '../numbers';
import {elementCount, showShape} from '../shape';
import {BLOCK_BYTES, blocks} from './blocks';
import {dtypeOf, fixedStrings, OPAQUE} from './datatype';
import {Complaint, callLibrary, type Hdf5Library, type Hdf5Metadata, type MountedFile} from './library';

export interface Hdf5Dataset {
  readonly dtype: DType;
  readonly shape: readonly number[];
}

/** An extent, its element type and count, checked. */
interface Extent extends Hdf5Dataset {
  readonly metadata: Hdf5Metadata;
  readonly count: number;
}

/**
 * An open HDF5 file, read-only: groups, attributes, datasets. Paths begin with '/'. Links other than hard ones are
 * refused. Every failure is a CarryoverError: E_FORMAT, or E_FILE once closed.
 */
export class Hdf5File {
  readonly where: string;
  private readonly source: MountedFile;
  private readonly kinds = new Map<string, 'group' | 'dataset' | undefined>([['/', 'group']]);
  private readonly names = new Map<string, ReadonlySet<string>>();
  private id: bigint | undefined;

  /** @param where what to call it in messages */
  constructor(source: MountedFile, where: string) {
    this.source = source;
    this.where = where;
    const {library, path} = source;
    this.id = callLibrary(
      source,
      where,
      () => {
        const id = library.open(path, library.H5F_ACC_RDONLY, false, -1, -1);
        if (id < 0n) throw new Complaint('libhdf5 cannot open it');
        return id;
      },
      (reason, cause) => badFormat(this.where, `a damaged HDF5 file (${reason})`, {cause}),
    );
  }

  /** Closes the file and gives its memory back. Later reads are errors; closing again does nothing. */
  close(): void {
    if (this.id === undefined) return;
    const id = this.id;
    this.id = undefined;
    this.source.library.close_file(id);
    this.source.unmount();
  }

  /** What stands at a path; undefined where nothing does. */
  kind(path: string): 'group' | 'dataset' | undefined {
    let at = '';
    for (const segment of path.split('/').filter(Boolean)) {
      if (at !== '' && this.kinds.get(at) !== 'group') return undefined;
      at += `/${segment}`;
      if (!this.kinds.has(at)) this.kinds.set(at, this.look(at));
    }
    return this.kinds.get(at || '/');
  }

  private look(path: string): 'group' | 'dataset' | undefined {
    // Names first: asked for a link that is not there, libhdf5 compiles a whole error stack.
    const slash = path.lastIndexOf('/');
    const parent = path.slice(0, slash) || '/';
    let names = this.names.get(parent);
    if (names === undefined) {
      names = new Set(this.children(parent));
      this.names.set(parent, names);
    }
    if (!names.has(path.slice(slash + 1))) return undefined;
    return this.call(path, (library, id) => {
      if (
        library.get_symbolic_link(id, path) !== null ||
        library.get_external_link(id, path).filename !== undefined
      ) {
        throw new Complaint('a link, which Keras does not write; expected the group or dataset itself');
      }
      const type = library.get_type(id, path);
      if (type === library.H5G_GROUP) return 'group';
      return type === library.H5G_DATASET ? 'dataset' : undefined;
    });
  }

  /** The names in a group: in order of creation where the file keeps it, else sorted. */
  children(path: string): string[] {
    return this.call(path, (library, id) => library.get_names(id, path, false));
  }

  attributeNames(path: string): string[] {
    return this.call(path, (library, id) => library.get_attribute_names(id, path));
  }

  /** An attribute's values; undefined where the object has no such attribute. */
  attribute(path: string, name: string): NdArray | undefined {
    if (!this.attributeNames(path).includes(name)) return undefined;
    const place = `${path}@${name}`;
    const metadata = this.call(place, (library, id) => library.get_attribute_metadata(id, path, name));
    const extent = this.extent(metadata, place);
    return this.call(place, (library, id) =>
      this.load(
        extent,
        target => library.get_attribute_data(id, path, name, target),
        target => library.reclaim_vlen_memory(id, path, name, target),
      ),
    );
  }

  dataset(path: string): Hdf5Dataset {
    const {dtype, shape} = this.datasetExtent(path);
    return {dtype, shape};
  }

  /** A dataset as an array of a weight file, read when asked for. */
  array(path: string, name: string): NamedArray {
    return {name, ...this.dataset(path), read: () => this.read(path)};
  }

  /** A dataset's values, copied out of libhdf5's memory block by block, so that it stays small. */
  read(path: string): NdArray {
    const extent = this.datasetExtent(path);
    const {dtype, shape, metadata, count} = extent;
    if (dtype === 'string' || count * metadata.size <= BLOCK_BYTES) {
      return this.call(path, (library, id) =>
        this.load(
          extent,
          target => library.get_dataset_data(id, path, null, null, null, target),
          target => library.reclaim_vlen_memory(id, path, '', target),
        ),
      );
    }
    const bytes = new Uint8Array(count * metadata.size);
    return this.call(path, (library, id) => {
      let at = 0;
      for (const {offset, count: part} of blocks(shape, metadata.size, metadata.chunks)) {
        const length = elementCount(part) * metadata.size;
        const strides = part.map(() => 1n);
        this.withMemory(length, target => {
          check(
            library.get_dataset_data(id, path, part.map(BigInt), offset.map(BigInt), strides, BigInt(target)),
          );
          bytes.set(library.HEAPU8.subarray(target, target + length), at);
        });
        at += length;
      }
      return {shape, ...valuesFromBytes(bytes, dtype)};
    });
  }

  private datasetExtent(path: string): Extent {
    const metadata = this.call(path, (library, id) => library.get_dataset_metadata(id, path));
    if (metadata.virtual_sources) {
      throw unsupported(
        `${this.where}: ${path}`,
        'a virtual dataset, whose values are in other files; expected them here',
      );
    }
    return this.extent(metadata, path, this.isBfloat16(path, metadata) ? 'bfloat16' : dtypeOf(metadata));
  }

  /** Keras 3 writes bfloat16 as two bytes without a meaning, and says beside them what they are. */
  private isBfloat16(path: string, {type, size}: Hdf5Metadata): boolean {
    return type === OPAQUE && size === 2 && this.attribute(path, 'dtype')?.values[0] === 'bfloat16';
  }

  private extent(metadata: Hdf5Metadata, place: string, dtype = dtypeOf(metadata)): Extent {
    const at = `${this.where}: ${place}`;
    if (typeof dtype === 'object') {
      throw unsupported(
        at,
        `values of an unsupported type (${dtype.unsupported}); expected numbers or strings`,
      );
    }
    const shape = metadata.shape ?? [0];
    const count = elementCount(shape);
    // A dataset that claims more is refused before memory is taken.
    const most = this.source.size * (metadata.chunks === null ? 1 : DEFLATE_RATIO);
    if (Number.isNaN(count) || count * metadata.size > most) {
      throw badFormat(
        at,
        `${dtype} of shape ${showShape(shape)} cannot be in a file of ${this.source.size} bytes`,
      );
    }
    return {dtype, shape, metadata, count};
  }

  /** Reads in one go: what is small, and strings. */
  private load(
    {dtype, shape, metadata, count}: Extent,
    read: (target: bigint) => number,
    reclaim: (target: bigint) => number,
  ): NdArray {
    const {library} = this.source;
    const size = count * metadata.size;
    if (size === 0) return emptyArray(dtype, shape);
    return this.withMemory(size, target => {
      check(read(BigInt(target)));
      if (dtype !== 'string') {
        return {shape, ...valuesFromBytes(library.HEAPU8.slice(target, target + size), dtype)};
      }
      if (!metadata.vlen) {
        return {
          dtype,
          shape,
          values: fixedStrings(library.HEAPU8.slice(target, target + size), metadata.size),
        };
      }
      const pointers = new Uint32Array(library.HEAPU8.slice(target, target + size).buffer);
      const values = Array.from(pointers, pointer => library.UTF8ToString(pointer));
      reclaim(BigInt(target));
      return {dtype, shape, values};
    });
  }

  private withMemory<T>(size: number, use: (pointer: number) => T): T {
    const {library} = this.source;
    const pointer = library._malloc(size);
    if (pointer === 0) throw new Complaint(`no memory for ${size} bytes`);
    try {
      return use(pointer);
    } finally {
      library._free(pointer);
    }
  }

  private call<T>(place: string, use: (library: Hdf5Library, id: bigint) => T): T {
    const id = this.id;
    if (id === undefined) {
      throw new CarryoverError(
        'E_FILE',
        `${this.where}: ${place}: the file has been closed; read before close()`,
      );
    }
    return callLibrary(
      this.source,
      `${this.where}: ${place}`,
      () => use(this.source.library, id),
      (reason, cause) =>
        badFormat(`${this.where}: ${place}`, `cannot be read: ${reason || 'libhdf5 gives no reason'}`, {
          cause,
        }),
    );
  }
}

function check(status: number): void {
  if (status < 0) throw new Complaint('libhdf5 could not read the values');
}

function emptyArray(dtype: DType, shape: readonly number[]): NdArray {
  return dtype === 'string'
    ? {dtype, shape, values: []}
    : {shape, ...valuesFromBytes(new Uint8Array(0), dtype)};
}
