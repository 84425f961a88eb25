import {CarryoverError} from '../../src/errors';
import {
  type NamedArray,
  type NdArray,
  type UnreadableArray,
  unreadableFact,
  type WeightFile,
} from '../arrays';
import {unsupported} from '../format-error';
import {LIMITS, type Limits} from '../limits';
import {headerLength, readHeader} from '../npy/header';
import {readNpy} from '../npy/read';
import {openZip, type ZipMember} from '../zip/read';

const SUFFIX = '.npy';
/** NumPy's header of a plain array fits. */
const USUAL_HEADER = 256;

/**
 * Opens a .npz file (NumPy's `savez`, `savez_compressed`): one group without a name, the arrays in the order of the
 * archive, under their keys (without `.npy`). Only headers are read until an array is asked for. Members that are
 * damaged, or no array of numbers or strings, are listed in `unreadable`.
 *
 * @throws CarryoverError E_FORMAT when it is no zip file, damaged, or none of its members can be read
 */
export function openNpz(bytes: Uint8Array, where = '.npz', limits: Limits = LIMITS): WeightFile {
  const arrays: NamedArray[] = [];
  const unreadable: UnreadableArray[] = [];
  for (const member of openZip(bytes, where)) {
    try {
      arrays.push(lazyArray(member, where, limits));
    } catch (error) {
      if (!(error instanceof CarryoverError)) throw error;
      unreadable.push({name: member.name.replace(/\.npy$/, ''), reason: error});
    }
  }
  if (arrays.length === 0 && unreadable.length > 0) throw nothingRead(where, unreadable[0]!.reason);
  return {
    format: 'npz',
    groups: [{name: '', arrays}],
    unreadable,
    facts: unreadableFact(unreadable),
    close: () => {},
  };
}

function nothingRead(where: string, {code, message, ...details}: CarryoverError): CarryoverError {
  return new CarryoverError(code, `${where}: no array in it: ${message}`, details);
}

/**
 * Reads every array of a .npz file, by key.
 * @throws CarryoverError E_FORMAT when it is damaged, or a member is no array of numbers or strings
 */
export function readNpz(bytes: Uint8Array, where = '.npz', limits: Limits = LIMITS): Map<string, NdArray> {
  return new Map(
    openZip(bytes, where).map(member => [
      keyOf(member, where),
      readNpy(member.read(), memberName(member, where), limits),
    ]),
  );
}

function lazyArray(member: ZipMember, where: string, limits: Limits): NamedArray {
  const inside = memberName(member, where);
  const name = keyOf(member, where);
  let head = member.head(USUAL_HEADER);
  const needed = headerLength(head, inside, limits);
  if (needed !== undefined && needed > head.length) head = member.head(needed);
  const {type, shape} = readHeader(head, inside, limits);
  return {name, dtype: type.dtype, shape, read: () => readNpy(member.read(), inside, limits)};
}

function memberName(member: ZipMember, where: string): string {
  return `${where}: ${member.name}`;
}

function keyOf(member: ZipMember, where: string): string {
  if (!member.name.endsWith(SUFFIX)) throw unsupported(memberName(member, where), 'not a .npy member');
  return member.name.slice(0, -SUFFIX.length);
}
