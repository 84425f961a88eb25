import type {StepGraph} from '../../../recurrence/step';
import {outputSize, type Recurrence} from '../../../recurrence/types';
import {canShardUnits} from '../compile/shardable';
import type {Runtime} from './runtime';
import {chunkSteps} from './time-chunks';

/** Multiplications that are worth a thread: a tenth of a millisecond, twice what waking it takes. */
const WORTH_A_THREAD = 1e6;
let worthAThread = WORTH_A_THREAD;
/** Multiplications of a step that are worth a barrier: a microsecond, some three times as long as a barrier takes. */
const WORTH_A_BARRIER = 16e3;
/** Bytes of memory that a batch shard may take; larger batches run in more shards, one after the other. */
const MOST_BYTES = 1 << 28;

/** The size of a call. */
export interface Extent {
  readonly batch: number;
  readonly time: number;
  /** Elements of x at a step. */
  readonly width: number;
  readonly save: boolean;
}

/** Sets how many multiplications are worth a thread; without an argument, the default. 0 shards every call. */
export function shardFrom(multiplications = WORTH_A_THREAD): void {
  worthAThread = multiplications;
}

/** The batch shards of a call: one for each thread that has enough to do, more where memory is short. */
export function countBatchShards(
  {threads}: Runtime,
  r: Recurrence,
  {batch, time, width, save}: Extent,
): number {
  const output = outputSize(r);
  const features = r.input === 'features' ? width : 0;
  const work = batch * time * 4 * r.units * (features + output) * (save ? 3 : 1);
  const wanted = Math.min(threads, Math.floor(work / Math.max(1, worthAThread)));
  const steps = save ? time : chunkSteps(time, Number.POSITIVE_INFINITY);
  const bytes = batch * steps * (width + output + (save ? 8 * r.units : 0)) * 4;
  return Math.max(1, Math.min(batch, Math.max(wanted, Math.ceil(bytes / MOST_BYTES))));
}

/**
 * The unit shards of a call: one for each thread where the batch has too few rows for them, steps have enough to do, and
 * units depend on each other by nothing but h·U.
 */
export function countUnitShards(
  {threads, kernel: {lanes}, backOff}: Runtime,
  r: Recurrence,
  step: () => StepGraph,
  {batch, time, width, save}: Extent,
): number {
  if (save || lanes === 1 || 2 * batch > threads || !canShardUnits(r, step().nodes)) return 1;
  const work = batch * 4 * r.units * ((r.input === 'features' ? width : 0) + r.units);
  const most = Math.min(threads, r.units / lanes);
  if (worthAThread === 0) return Math.max(1, Math.floor(most));
  const shards = Math.floor(Math.min(most, work / WORTH_A_BARRIER, (work * time) / worthAThread));
  return shards > 1 && backOff.permits() ? shards : 1;
}
