import type {NamedArray, NdArray, WeightFile} from '../arrays';
import {badFormat} from '../format-error';
import {headerLength, readHeader} from '../npy/header';
import {readNpy} from '../npy/read';
import {openZip, type ZipMember} from '../zip/read';

const SUFFIX = '.npy';
/** NumPy's header of a plain array fits. */
const USUAL_HEADER = 256;

/**
 * Opens a .npz file (NumPy's `savez`, `savez_compressed`): one group without a name, the arrays in the order of the
 * archive, under their keys (without `.npy`). Only headers are read until an array is asked for. Members that are
 * no array of numbers or strings are named in `facts.unreadable` with the reason.
 *
 * @throws CarryoverError E_FORMAT when it is no zip file or damaged
 */
export function openNpz(bytes: Uint8Array, where = '.npz'): WeightFile {
  const arrays: NamedArray[] = [];
  const unreadable: string[] = [];
  for (const member of openZip(bytes, where)) {
    try {
      arrays.push(lazyArray(member, where));
    } catch (error) {
      unreadable.push((error as Error).message);
    }
  }
  if (arrays.length === 0 && unreadable.length > 0)
    throw badFormat(where, `no array in it: ${unreadable[0]}`);
  return {
    format: 'npz',
    groups: [{name: '', arrays}],
    facts: unreadable.length > 0 ? {unreadable: unreadable.join('; ')} : {},
    close: () => {},
  };
}

/**
 * Reads every array of a .npz file, by key.
 * @throws CarryoverError E_FORMAT when it is damaged, or a member is no array of numbers or strings
 */
export function readNpz(bytes: Uint8Array, where = '.npz'): Map<string, NdArray> {
  return new Map(
    openZip(bytes, where).map(member => [
      keyOf(member, where),
      readNpy(member.read(), memberName(member, where)),
    ]),
  );
}

function lazyArray(member: ZipMember, where: string): NamedArray {
  const inside = memberName(member, where);
  const name = keyOf(member, where);
  let head = member.head(USUAL_HEADER);
  const needed = headerLength(head, inside);
  if (needed !== undefined && needed > head.length) head = member.head(needed);
  const {type, shape} = readHeader(head, inside);
  return {name, dtype: type.dtype, shape, read: () => readNpy(member.read(), inside)};
}

function memberName(member: ZipMember, where: string): string {
  return `${where}: ${member.name}`;
}

function keyOf(member: ZipMember, where: string): string {
  if (!member.name.endsWith(SUFFIX)) throw badFormat(memberName(member, where), 'not a .npy member');
  return member.name.slice(0, -SUFFIX.length);
}
