import type {UnitShard} from '../compile/layout';

/** Neighbouring rows of a batch. */
export interface BatchRange {
  readonly first: number;
  readonly rows: number;
}

/** The ranges of a batch in so many shards of (nearly) equal size. */
export function batchShards(batch: number, shards: number): BatchRange[] {
  return Array.from({length: shards}, (_, k) => {
    const first = Math.floor((k * batch) / shards);
    return {first, rows: Math.floor(((k + 1) * batch) / shards) - first};
  });
}

/** The units in shards of (nearly) equal size, whole vectors each but the last; this thread runs the first one. */
export function unitShards(units: number, shards: number, lanes: number, maySleep: boolean): UnitShard[] {
  const vectors = Math.ceil(units / lanes);
  const from = (k: number): number => Math.min(units, Math.floor((k * vectors) / shards) * lanes);
  return Array.from({length: shards}, (_, index) => {
    const first = from(index);
    return {first, count: from(index + 1) - first, shards, maySleep: maySleep || index > 0};
  });
}
