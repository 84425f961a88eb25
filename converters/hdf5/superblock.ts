import {badFormat, unsupported} from '../format-error';

/** \x89HDF\r\n\x1a\n. Layout: HDF5 File Format Specification 3.0, II.A. */
const SIGNATURE = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a] as const;

/** A user block may come first: the signature stands at 0, 512, 1024, 2048, ... */
const FIRST_BLOCK = 512;

/** Enough of a file to see its superblock behind a small user block. */
export const HEAD_SIZE = 4096;

/** Where the superblock begins within these bytes; undefined where none is seen. */
export function findSuperblock(head: Uint8Array): number | undefined {
  for (let at = 0; at + SIGNATURE.length <= head.length; at = at === 0 ? FIRST_BLOCK : at * 2) {
    if (SIGNATURE.every((byte, i) => head[at + i] === byte)) return at;
  }
  return undefined;
}

/**
 * Checks, before libhdf5 sees it, that the file is HDF5 and as long as its superblock says.
 *
 * @param head its first bytes (HEAD_SIZE, or all there are)
 * @param size its size in bytes
 * @throws CarryoverError E_FORMAT
 */
export function checkSuperblock(head: Uint8Array, size: number, where: string): void {
  if (size === 0) throw badFormat(where, 'an empty file; expected HDF5');
  const at = findSuperblock(head);
  if (at === undefined) throw badFormat(where, "not an HDF5 file: no '\\x89HDF' signature");
  const end = endOfFile(head, at, where);
  // The address counts from the beginning of the file, user block included.
  if (end !== undefined && end > size) {
    throw badFormat(where, `a truncated HDF5 file: ${size} bytes, and its superblock says ${end}`, {
      ...{offset: size, expected: end, found: size},
    });
  }
}

/** The end-of-file address, where the version is known. Later fields are libhdf5's to judge. */
function endOfFile(head: Uint8Array, at: number, where: string): number | undefined {
  const version = head[at + 8];
  const [sizes, field] = version === 0 ? [13, 40] : version === 1 ? [13, 44] : [9, 28];
  if (version === undefined || version > 3 || at + field + 8 > head.length) return undefined;
  const [addresses, lengths] = [head[at + sizes], head[at + sizes + 1]];
  if (addresses !== 8 || lengths !== 8) {
    throw unsupported(
      where,
      `HDF5 with addresses of ${addresses} and lengths of ${lengths} bytes; expected 8 and 8`,
    );
  }
  return Number(new DataView(head.buffer, head.byteOffset).getBigUint64(at + field, true));
}
