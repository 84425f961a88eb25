import type {WeightGroup} from '../../converters/arrays';
import {listFew} from '../../converters/format-error';
import {CarryoverError} from '../errors';
import {joined} from '../libraries/object-names';
import type {ContainerRecord} from './architecture';
import type {GroupPair, PairOptions, Part} from './group-pairs';
import {ObjectTree} from './object-tree';

/** A layer of the model, and where its object is in the file. */
interface Claim {
  readonly part: Part;
  readonly path: string;
}

/**
 * Which objects of a file are which layers, by their place: a container's layers are numbered by class, in its order. Where
 * the file tells names as well (Keras since 3.6), they are a second witness; with `byName`, the names of the model's own
 * layers decide.
 *
 * Source: `_save_state` and `_save_container_state`, saving_lib.py of Keras 2.12 to 3.15.
 *
 * @throws CarryoverError `E_WEIGHTS` where layers of the model are not in the file, or objects of the file not in the model
 */
export function pairPlaces(
  parts: readonly Part[],
  given: readonly WeightGroup[],
  {container, byName = false, where}: PairOptions,
): GroupPair[] {
  if (!container) {
    throw new CarryoverError(
      'E_WEIGHTS',
      `${where}: keeps arrays by the places of layers in a model, of which the architecture tells nothing; expected Keras JSON, or a recipe whose variables name each array`,
    );
  }
  const tree = new ObjectTree(given, where);
  const {claims, leftOut} = claimsOf(container, outermost(parts), tree, byName);
  const wanted = claims.filter(({part}) => part.built.roles.length > 0);
  if (byName && wanted.length === 0) {
    throw new CarryoverError(
      'E_WEIGHTS',
      `${where}: by name: no layer of the model is among ${listFew(tree.names())}; files of Keras before 3.6 have no names`,
    );
  }
  const taken = new Set<WeightGroup>();
  const missing: string[] = [];
  const pairs = wanted.flatMap(claim => {
    const source = sourceOf(claim, tree, taken, where);
    if (source) return [{wanted: groupOf(claim.part), source}];
    missing.push(`'${claim.part.record.name}' (${claim.path})`);
    return [];
  });
  const left = byName
    ? []
    : tree.filled().filter(group => !taken.has(group) && !isWithin(group.name, leftOut));
  if (missing.length + left.length > 0) throw doesNotFit(where, missing, left);
  return pairs;
}

const groupOf = (part: Part): GroupPair['wanted'] => ({
  name: part.record.name,
  parts: [part],
  size: part.built.roles.length,
});

const isWithin = (path: string, places: readonly string[]): boolean =>
  places.some(place => path === place || path.startsWith(`${place}/`));

function doesNotFit(where: string, missing: readonly string[], left: readonly WeightGroup[]): CarryoverError {
  const shown = missing.length > 6 ? [...missing.slice(0, 6), `${missing.length - 6} more`] : missing;
  const faults = [
    ...(missing.length > 0 ? [`it has no arrays of ${shown.join(', ')}`] : []),
    ...(left.length > 0
      ? [`it has arrays of ${listFew(left.map(({name}) => name))}, which the model does not have`]
      : []),
  ];
  return new CarryoverError(
    'E_WEIGHTS',
    `${where}: does not fit the architecture: ${faults.join('; ')}; give the architecture that belongs to it`,
  );
}

/** Parts without those that are inside of others. */
function outermost(parts: readonly Part[]): ReadonlyMap<string, Part> {
  const inner = new Set(parts.flatMap(({built}) => built.inner ?? []));
  return new Map(parts.filter(part => !inner.has(part)).map(part => [part.record.name, part]));
}

interface Claims {
  readonly claims: readonly Claim[];
  /** Places of layers that are in the architecture's containers and not in the model. */
  readonly leftOut: readonly string[];
}

function claimsOf(
  container: ContainerRecord,
  parts: ReadonlyMap<string, Part>,
  tree: ObjectTree,
  byName: boolean,
): Claims {
  const claims: Claim[] = [];
  const leftOut: string[] = [];
  const visit = (
    {members}: ContainerRecord,
    at: string,
    prefix: string,
    known: ReadonlyMap<string, Part>,
  ): void => {
    const places = byName && at === '' ? tree.placesByName(members) : tree.placesOf(members, at);
    for (const [k, {name, container: inner}] of members.entries()) {
      const path = places[k];
      if (path === undefined) continue;
      const part = known.get(prefix + name);
      const {inside, inner: innerParts = []} = part?.built ?? {};
      if (inner) visit(inner, path, `${prefix}${name}/`, known);
      else if (inside) {
        visit(inside.container, tree.modelIn(path), `${inside.name}/`, outermost(innerParts));
      } else if (part) claims.push({part, path});
      else leftOut.push(path);
    }
  };
  visit(container, '', '', parts);
  return {claims, leftOut};
}

/** The arrays of a layer, in its order; undefined where the file lacks an object of it. */
function sourceOf(
  {part, path}: Claim,
  tree: ObjectTree,
  taken: Set<WeightGroup>,
  where: string,
): WeightGroup | undefined {
  const {roles, places} = part.built;
  const groups = places
    ? places.map(place => ({...place, group: tree.find(joined(path, place.path))}))
    : [{count: roles.length, repeated: 0, group: tree.find(path)}];
  let next = 0;
  const arrays = groups.map(({count, repeated = 0, group}) => {
    const expected = roles.slice(next, next + count);
    next += count;
    if (!group) return count === 0 ? [] : undefined;
    taken.add(group);
    if (group.arrays.length === count + repeated) return group.arrays.slice(repeated);
    throw new CarryoverError(
      'E_WEIGHTS',
      `${where}: ${group.name} has ${group.arrays.length} arrays; '${part.record.name}' has ${count} there (${expected.join(', ')})`,
    );
  });
  return arrays.includes(undefined) ? undefined : {name: path, arrays: arrays.flatMap(own => own!)};
}
