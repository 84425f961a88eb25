import {badFormat} from '../format-error';
import {beyond, type Limits, SMALL_FILE_BYTES} from '../limits';
import {PickleObject, type PickleValue} from './value';

export const MUCH_LARGER = 'one part is used so often that the data would be far larger than the file';

interface Extent {
  readonly depth: number;
  readonly count: number;
}

const LEAF: Extent = {depth: 0, count: 1};

interface Visit {
  readonly value: object;
  readonly children: readonly PickleValue[];
  next: number;
  depth: number;
  count: number;
}

/**
 * Refuses data that contain themselves, nest too deeply, or unfold into far more than the file holds.
 * @throws CarryoverError E_FORMAT, E_LIMIT
 */
export function checkTree(root: PickleValue, size: number, where: string, limits: Limits): void {
  const {pickleDepth, pickleValuesPerByte} = limits;
  const most = pickleValuesPerByte * (SMALL_FILE_BYTES + size);
  const done = new Map<object, Extent>();
  const open = new Set<object>();
  const path: Visit[] = [];

  function enter(value: PickleValue): void {
    const children = childrenOf(value);
    const known = children === undefined ? LEAF : done.get(value as object);
    if (known !== undefined) {
      add(known);
      return;
    }
    if (open.has(value as object)) throw badFormat(where, 'data that contain themselves; expected a tree');
    if (path.length >= pickleDepth) throw beyond(where, 'pickleDepth', 'data nested too deep', limits);
    open.add(value as object);
    path.push({value: value as object, children: children!, next: 0, depth: 0, count: 1});
  }

  function add({depth, count}: Extent): void {
    const parent = path.at(-1);
    if (parent === undefined) return;
    parent.depth = Math.max(parent.depth, depth + 1);
    parent.count += count;
    if (parent.count > most) {
      throw beyond(where, 'pickleValuesPerByte', MUCH_LARGER, limits);
    }
    if (path.length + parent.depth > pickleDepth) {
      throw beyond(where, 'pickleDepth', 'data nested too deep', limits);
    }
  }

  enter(root);
  for (let visit = path.at(-1); visit !== undefined; visit = path.at(-1)) {
    if (visit.next < visit.children.length) {
      enter(visit.children[visit.next++]!);
      continue;
    }
    const {value, depth, count} = visit;
    path.pop();
    open.delete(value);
    done.set(value, {depth, count});
    add({depth, count});
  }
}

function childrenOf(value: PickleValue): readonly PickleValue[] | undefined {
  if (Array.isArray(value)) return value as readonly PickleValue[];
  if (value instanceof Map) return [...value.entries()].flat(1) as PickleValue[];
  if (value instanceof Set) return [...value] as PickleValue[];
  if (!(value instanceof PickleObject)) return undefined;
  return [...value.args, value.keywords, value.state ?? null];
}
