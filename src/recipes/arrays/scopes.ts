import type {NamedArray} from '../../../converters/arrays';
import {byName} from '../names/place';
import type {ArrayGroup} from './cut';
import type {Pattern} from './patterns';

/**
 * Arrays by the scopes that their names have before a library's roles: `layer1_Uf`, `lstm.W_in_to_ingate`,
 * `lstm_1/kernel:0`.
 * @returns undefined where a name ends in no role of the library
 */
export function scopeGroups(
  arrays: readonly NamedArray[],
  patterns: readonly Pattern[],
): ArrayGroup[] | undefined {
  const roles = [...new Set(patterns.flatMap(({layouts}) => layouts.map(({role}) => role)))];
  // `recurrent_kernel` before `kernel`.
  roles.sort((a, b) => b.length - a.length);
  const groups = new Map<string, {arrays: NamedArray[]; roles: string[]}>();
  for (const array of arrays) {
    const name = array.name.replace(/:0$/, '');
    const role = roles.find(
      role => name.endsWith(role) && /(^|[^a-z0-9])$/i.test(name.slice(0, -role.length)),
    );
    if (role === undefined) return undefined;
    const scope = name.slice(0, -role.length).replace(/[^a-z0-9]+$/i, '');
    const group = groups.get(scope) ?? {arrays: [], roles: []};
    groups.set(scope, group);
    group.arrays.push(array);
    group.roles.push(role);
  }
  return [...groups]
    .map(([name, group]): ArrayGroup => ({name, ...group}))
    .sort((a, b) => byName(a.name, b.name));
}
