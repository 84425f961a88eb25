import {keyed} from '../../recurrence/memo';
import {outputSize, type Recurrence} from '../../recurrence/types';
import type {EngineOptions, RecurrenceInputs} from '../types';
import {PerWeights} from '../versions';
import {Crowd} from './crowd';
import {Keeper, type Keepsake} from './keeper';
import {BUILDS, type Build, type Kernel, makeKernel} from './kernel';
import {Pool} from './pool';
import {runTasks, type Task} from './tasks';
import {addressesOf, type Packed, packWeights} from './weights';
import {type Window, windowSteps} from './windows';
import {pageWorkers, type Workers} from './worker';

/** Programs of so many calls (shapes and structures) are kept. */
const MOST_PROGRAMS = 64;
/** By itself it takes no more: each has its share of the rows, and reads all weights. */
const MOST_THREADS = 8;
/** Multiplications that are worth a thread: a tenth of a millisecond, twice what waking it takes. */
let worthAThread = 1e6;
/** Multiplications of a step that are worth meeting the other threads in each: a microsecond, some three times as long. */
const WORTH_MEETING = 16e3;
/** What forward passes may leave behind while their gradients have not been asked for. */
const MOST_KEPT = 1 << 30;
/** What a part of a batch may take of the memory; larger batches are run in more parts, one after the other. */
const MOST_BYTES = 1 << 28;

const said = keyed(r => r);

/** What a call is cut into parts by. */
export interface Extent {
  readonly batch: number;
  readonly time: number;
  /** Numbers of x at a step. */
  readonly width: number;
  readonly save: boolean;
}

interface Kept {
  /** Another one's memory is not this one's. */
  readonly runtime: Runtime;
  readonly keepsake: Keepsake;
}

/** The kernel at work: its programs, packed weights and threads, kept between calls. */
export class Runtime {
  private readonly packed: PerWeights<number>;
  private readonly keeper: Keeper;
  private readonly programs = new Map<string, unknown>();
  /** Others on the machine's cores. */
  readonly crowd = new Crowd();

  constructor(
    readonly kernel: Kernel,
    private readonly pool?: Pool,
  ) {
    this.packed = new PerWeights(at => kernel.heap.give(at));
    this.keeper = new Keeper(kernel.heap, MOST_KEPT);
  }

  /** A call's program, made once. `call`: all that it depends on beside the recurrence. */
  program<T>(r: Recurrence, call: string, make: () => T): T {
    const key = `${said(r)} ${call}`;
    const known = this.programs.get(key) as T | undefined;
    const program = known ?? make();
    // The last one used is the last one to go.
    this.programs.delete(key);
    this.programs.set(key, program);
    if (this.programs.size > MOST_PROGRAMS) this.programs.delete(this.programs.keys().next().value!);
    return program;
  }

  /** The address of each program's weights, packed once per version. */
  weights(programs: readonly Packed[], weights: RecurrenceInputs['weights']): number[] {
    const key = programs.map(({packs}) => packs.key).join(' | ');
    const at = this.packed.get(weights, key, () => packWeights(this.kernel, programs, weights));
    return addressesOf(at, programs);
  }

  /** Into how many parts a batch is cut: one for each thread that has enough to do, more where memory is short. */
  parts(r: Recurrence, {batch, time, width, save}: Extent): number {
    const output = outputSize(r);
    const seen = r.input === 'features' ? width : 0;
    const work = batch * time * 4 * r.units * (seen + output) * (save ? 3 : 1);
    const threads = Math.min(this.threads, Math.floor(work / Math.max(1, worthAThread)));
    const steps = save ? time : windowSteps(time, Number.POSITIVE_INFINITY);
    const bytes = batch * steps * (width + output + (save ? 8 * r.units : 0)) * 4;
    return Math.max(1, Math.min(batch, Math.max(threads, Math.ceil(bytes / MOST_BYTES))));
  }

  /**
   * Into how many shares the columns are cut: one for each thread where rows are too few for them and steps have enough
   * to do. Only where columns have nothing to do with each other beside products.
   */
  shares(r: Recurrence, {batch, time, width, save}: Extent): number {
    const {lanes} = this.kernel;
    if (save || lanes === 1 || 2 * batch > this.threads || r.projection || r.layerNorm) return 1;
    const step = batch * 4 * r.units * ((r.input === 'features' ? width : 0) + r.units);
    const most = Math.min(this.threads, r.units / lanes);
    if (worthAThread === 0) return Math.max(1, Math.floor(most));
    const shares = Math.floor(Math.min(most, step / WORTH_MEETING, (step * time) / worthAThread));
    return shares > 1 && this.crowd.leavesRoom() ? shares : 1;
  }

  /** Whether the thread that runs this may sleep. */
  get maySleep(): boolean {
    return workers?.maySleep ?? false;
  }

  /** Keeps pieces of memory for a backward pass; what comes back is for `takeKept`. */
  keep(addresses: readonly number[]): unknown {
    return {runtime: this, keepsake: this.keeper.keep(addresses)} satisfies Kept;
  }

  /** The pieces that were kept, which are the caller's now; undefined where they are not there any more. */
  takeKept(kept: unknown): readonly number[] | undefined {
    const {runtime: owner, keepsake} = kept as Kept;
    return owner === this ? this.keeper.take(keepsake) : undefined;
  }

  /** Threads that could run now. */
  get threads(): number {
    return this.pool?.ready ?? 1;
  }

  run(tasks: readonly Task[], windows: readonly Window[]): void {
    const {kernel, pool} = this;
    const alone = tasks.length === 1 || !pool;
    const run = alone ? ([program]: readonly number[]) => kernel.exports.run(program!) : pool.run.bind(pool);
    runTasks(kernel, tasks, alone ? 1 : this.threads, windows, run);
  }

  dispose(): void {
    this.packed.clear();
    this.programs.clear();
    this.pool?.dispose();
  }
}

/** Undefined while nobody has asked for it, null where it cannot be had. */
let current: Runtime | null | undefined;
let builds: readonly Build[] = BUILDS;
let workers = pageWorkers();
let wanted: number | undefined;

/** The runtime of this realm, made when it is first needed; undefined where WebAssembly does not run. */
export function runtime(): Runtime | undefined {
  if (current === undefined) current = makeRuntime() ?? null;
  return current ?? undefined;
}

function makeRuntime(): Runtime | undefined {
  const threads = workers ? (wanted ?? Math.min(MOST_THREADS, workers.available)) : 1;
  const kernel = (threads > 1 && makeKernel(true, builds)) || makeKernel(false, builds);
  return kernel && new Runtime(kernel, kernel.shared ? startPool(kernel, threads) : undefined);
}

/** Undefined where workers cannot be had after all: one thread does it then. */
function startPool(kernel: Kernel, threads: number): Pool | undefined {
  try {
    return new Pool(kernel, workers!, threads);
  } catch {
    return undefined;
  }
}

/** How many threads later calls may use; as many as there are where it is left out. */
export function configure({threads}: EngineOptions): void {
  if (threads === wanted) return;
  wanted = threads;
  disposeRuntime();
}

/** How to start workers where it is not as in a page. */
export function useWorkers(own: Workers): void {
  if (workers === own) return;
  workers = own;
  disposeRuntime();
}

/** Lets later calls run on these builds of the kernel only. */
export function useBuilds(names: readonly Build[]): void {
  builds = names;
  disposeRuntime();
}

/** Cuts batches into parts from so many multiplications a part on. */
export function splitFrom(multiplications: number): void {
  worthAThread = multiplications;
}

export function disposeRuntime(): void {
  current?.dispose();
  current = undefined;
}
