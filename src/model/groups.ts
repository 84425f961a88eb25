import type {NamedArray, WeightGroup} from '../../converters/arrays';
import {CarryoverError} from '../errors';
import {findLibrary} from '../libraries';
import type {ModelGroup, Part} from './group-pairs';

/**
 * The arrays of a group, layer by layer. Containers of Keras 1 and later list the trainable arrays of all their
 * layers before the others; those of 0.x go layer by layer.
 * @throws CarryoverError `E_WEIGHTS` where there are more or fewer arrays than the layers have
 */
export function shareArrays(
  {name, parts, size}: ModelGroup,
  source: WeightGroup,
  where: string,
): Map<Part, NamedArray[]> {
  if (source.arrays.length !== size) {
    const roles = parts.flatMap(({built}) => built.roles).join(', ');
    throw new CarryoverError(
      'E_WEIGHTS',
      `${where}: '${source.name}' has ${source.arrays.length} arrays; layer '${name}' needs ${size} (${roles}). Give the file that belongs to the architecture, or leave such layers as initialized (skipMismatch; on the command line: --skip-mismatch)`,
    );
  }
  const result = new Map<Part, NamedArray[]>(parts.map(part => [part, []]));
  let next = 0;
  const take = (part: Part, count: number): void => {
    result.get(part)!.push(...source.arrays.slice(next, next + count));
    next += count;
  };
  for (const part of parts) take(part, leading(part));
  for (const part of parts) take(part, part.built.roles.length - leading(part));
  return result;
}

/** The layers of a model by the groups that a weight file has for them. */
export function modelGroups(parts: readonly Part[]): ModelGroup[] {
  const byName = new Map<string, Part[]>();
  for (const part of parts) byName.set(part.record.group, [...(byName.get(part.record.group) ?? []), part]);
  return [...byName].map(([name, own]) => groupOf(name, own)).filter(({size}) => size > 0);
}

/** How many of a layer's arrays come before those of the layers after it. */
function leading({record, built}: Part): number {
  const {layer, roles, untrained = 0} = built;
  if (findLibrary(record.library)?.containerArrays === 'byLayer') return roles.length;
  if (layer.built) return Math.min(layer.trainableWeights.length, roles.length);
  return layer.trainable ? roles.length - untrained : 0;
}

/** Layers as a group. */
export function groupOf(name: string, parts: readonly Part[]): ModelGroup {
  return {name, parts, size: parts.reduce((sum, {built}) => sum + built.roles.length, 0)};
}

/** The names of the first groups, for messages. */
export function groupNames(groups: readonly {name: string}[]): string {
  const shown = groups.slice(0, 6).map(({name}) => name);
  return groups.length > shown.length ? `${shown.join(', ')}, ...` : shown.join(', ');
}
