import type {NamedArray} from '../../converters/arrays';
import {orNone} from '../errors';
import type {PairOptions, Part} from '../model/group-pairs';
import {arraysByName, pairParts, remaining, type StoredArrays} from '../model/pairing';
import {hasVariables} from '../model/weights';

/** A layer's arrays in a file, in the order of its roles. */
export type Pairing = ReadonlyMap<Part, readonly (NamedArray | undefined)[]>;

/**
 * Which arrays of a file are whose, as far as names and numbers fit. What does not fit is left out; why is told by the
 * attempt to load the model.
 */
export function pairArrays(
  parts: readonly Part[],
  {groups, objects}: StoredArrays,
  options: PairOptions,
): Pairing {
  const result = new Map<Part, readonly (NamedArray | undefined)[]>();
  const byName = arraysByName(groups);
  for (const part of parts.filter(({record}) => hasVariables(record))) {
    const {record, built} = part;
    result.set(
      part,
      built.roles.map(role => byName.get(String(record.variables![role]))),
    );
  }
  const taken = new Set([...result.values()].flat().map(array => array?.name ?? ''));
  const others = parts.filter(part => !result.has(part));
  const pairs = pairParts(others, {groups: remaining(groups, taken), objects}, options, orNone);
  return new Map([...result, ...pairs]);
}
