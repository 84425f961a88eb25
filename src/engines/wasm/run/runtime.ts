import {keyed} from '../../../recurrence/memo';
import type {Recurrence} from '../../../recurrence/types';
import type {WeightName} from '../../../recurrence/weights';
import {shared} from '../../shared';
import type {EngineOptions, TensorsOf} from '../../types';
import {PerWeights} from '../../versions';
import {BackOff} from './back-off';
import {BUILDS, type Build, type Kernel, makeKernel} from './kernel';
import {addressesOf, packWeights, type ReadsWeights} from './packing';
import {Pool} from './pool';
import {type ReserveHandle, ReserveStore} from './reserve-store';
import {runTasks, type Task} from './tasks';
import type {TimeChunk} from './time-chunks';
import {pageWorkers, type Workers} from './worker';

/** The most programs that are kept: one per structure and shape of calls. */
const MOST_PROGRAMS = 64;
/** The most threads by default: each has its share of the rows, and reads all weights. */
const MOST_THREADS = 8;
/** Bytes of reserves that are kept while their gradients have not been asked for. */
const MOST_RESERVED = 1 << 30;

const keyOf = keyed(r => r);

/** A reserve, and the runtime in whose memory it is. */
interface Kept {
  readonly runtime: Runtime;
  readonly handle: ReserveHandle;
}

/** The kernel at work: its programs, packed weights and threads, kept between calls. */
export class Runtime {
  private readonly packed: PerWeights<number>;
  private readonly reserves: ReserveStore;
  private readonly programs = new Map<string, unknown>();
  readonly backOff = new BackOff();

  constructor(
    readonly kernel: Kernel,
    private readonly pool?: Pool,
  ) {
    this.packed = new PerWeights(at => kernel.heap.free(at));
    this.reserves = new ReserveStore(kernel.heap, MOST_RESERVED);
  }

  /** A call's program, compiled once. `call` names all that it depends on beside the recurrence. */
  program<T>(r: Recurrence, call: string, compile: () => T): T {
    const key = `${keyOf(r)} ${call}`;
    const known = this.programs.get(key) as T | undefined;
    const program = known ?? compile();
    // The program that was used last is dropped last.
    this.programs.delete(key);
    this.programs.set(key, program);
    if (this.programs.size > MOST_PROGRAMS) this.programs.delete(this.programs.keys().next().value!);
    return program;
  }

  /** The address of each program's weights, packed once per version. */
  weights(programs: readonly ReadsWeights[], tensors: TensorsOf<WeightName>): number[] {
    const key = programs.map(({weights}) => weights.key).join(' | ');
    const at = this.packed.get(tensors, key, () => packWeights(this.kernel, programs, tensors));
    return addressesOf(at, programs);
  }

  /** Whether the thread that runs this may sleep. */
  get maySleep(): boolean {
    return state.workers?.maySleep ?? false;
  }

  /** Keeps pieces of memory for a backward pass, which hands the result to `takeReserve`. */
  keepReserve(addresses: readonly number[]): unknown {
    return {runtime: this, handle: this.reserves.keep(addresses)} satisfies Kept;
  }

  /** The pieces that were kept, which are the caller's now; undefined where they have been freed. */
  takeReserve(kept: unknown): readonly number[] | undefined {
    const {runtime: owner, handle} = kept as Kept;
    return owner === this ? this.reserves.take(handle) : undefined;
  }

  /** Threads that could run now. */
  get threads(): number {
    return this.pool?.ready ?? 1;
  }

  run(tasks: readonly Task[], chunks: readonly TimeChunk[]): void {
    const {kernel, pool} = this;
    const alone = tasks.length === 1 || !pool;
    const run = alone ? ([program]: readonly number[]) => kernel.exports.run(program!) : pool.run.bind(pool);
    runTasks(kernel, tasks, alone ? 1 : this.threads, chunks, run);
  }

  dispose(): void {
    this.packed.clear();
    this.programs.clear();
    this.pool?.dispose();
  }
}

/** The runtime of this realm, and what it is made of. */
const state = shared('wasm', () => ({
  /** Undefined until it is needed, null where WebAssembly does not run. */
  current: undefined as Runtime | null | undefined,
  builds: BUILDS as readonly Build[],
  workers: pageWorkers(),
  threads: undefined as number | undefined,
}));

/** The runtime of this realm, made when it is first needed; undefined where WebAssembly does not run. */
export function runtime(): Runtime | undefined {
  if (state.current === undefined) state.current = makeRuntime() ?? null;
  return state.current ?? undefined;
}

/** How many threads a call may use, once they have started. */
export function mostThreads(): number {
  const {workers} = state;
  return workers ? (state.threads ?? Math.min(MOST_THREADS, workers.available)) : 1;
}

function makeRuntime(): Runtime | undefined {
  const {builds} = state;
  const threads = mostThreads();
  const kernel = (threads > 1 && makeKernel(true, builds)) || makeKernel(false, builds);
  return kernel && new Runtime(kernel, kernel.shared ? startPool(kernel, threads) : undefined);
}

/** Undefined where workers do not start: one thread runs everything then. */
function startPool(kernel: Kernel, threads: number): Pool | undefined {
  try {
    return new Pool(kernel, state.workers!, threads);
  } catch {
    return undefined;
  }
}

/** Sets how many threads later calls may use; by default as many as there are. */
export function configure({threads}: EngineOptions): void {
  if (threads === state.threads) return;
  state.threads = threads;
  disposeRuntime();
}

/** Sets how workers are started where they are not a page's. */
export function useWorkers(own: Workers): void {
  if (state.workers === own) return;
  state.workers = own;
  disposeRuntime();
}

/** Sets the builds of the kernel that later calls may run on. */
export function useBuilds(names: readonly Build[]): void {
  state.builds = names;
  disposeRuntime();
}

export function disposeRuntime(): void {
  state.current?.dispose();
  state.current = undefined;
}
