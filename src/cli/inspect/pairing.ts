import type {NamedArray, WeightGroup} from '../../../converters/arrays';
import type {BuiltModel} from '../../model/build';

type Part = BuiltModel['layers'][number];

/** A layer's arrays in a file, in the order of its roles. */
export type Pairing = ReadonlyMap<Part, readonly (NamedArray | undefined)[]>;

/** Which arrays of a file are whose, as far as names and numbers fit; what does not fit is left out. */
export function pairArrays(parts: readonly Part[], groups: readonly WeightGroup[]): Pairing {
  const result = new Map<Part, (NamedArray | undefined)[]>();
  const byName = new Map(groups.flatMap(group => group.arrays.map(array => [array.name, array] as const)));
  const byGroup = new Map<string, Part[]>();
  for (const part of parts) {
    const {record, built} = part;
    const {variables} = record;
    if (variables && Object.keys(variables).length > 0) {
      result.set(
        part,
        built.roles.map(role => byName.get(String(variables[role]))),
      );
    } else if (built.roles.length > 0) {
      byGroup.set(record.group, [...(byGroup.get(record.group) ?? []), part]);
    }
  }
  const given = groups.filter(({arrays}) => arrays.length > 0);
  const named = [...byGroup.keys()].every(name => given.some(group => group.name === name));
  if (!named && given.length !== byGroup.size) return result;
  for (const [k, [name, members]] of [...byGroup].entries()) {
    const group = named ? given.find(candidate => candidate.name === name)! : given[k]!;
    share(members, group, result);
  }
  return result;
}

/** Containers of Keras 1 and later list the trainable arrays of all their layers first. */
function share(
  parts: readonly Part[],
  {arrays}: WeightGroup,
  result: Map<Part, (NamedArray | undefined)[]>,
): void {
  const count = ({built}: Part): number => built.roles.length;
  if (parts.reduce((sum, part) => sum + count(part), 0) !== arrays.length) return;
  const leading = (part: Part): number =>
    part.record.library === 'keras0'
      ? count(part)
      : Math.min(part.built.layer.trainableWeights.length, count(part));
  let next = 0;
  const take = (part: Part, some: number): void => {
    result.set(part, [...(result.get(part) ?? []), ...arrays.slice(next, next + some)]);
    next += some;
  };
  for (const part of parts) take(part, leading(part));
  for (const part of parts) take(part, count(part) - leading(part));
}
