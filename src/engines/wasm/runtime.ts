import type {Tensor} from '@tensorflow/tfjs-core';
import type {Recurrence} from '../../recurrence/types';
import {PerWeights} from '../versions';
import {BUILDS, type Build, type Kernel, makeKernel} from './kernel';
import type {Sizes} from './layout';
import type {Packs} from './packs';
import {runTasks, type Task} from './tasks';
import {packWeights} from './weights';

/** Programs of so many calls (shapes and structures) are kept. */
const MOST_PROGRAMS = 64;

/** The kernel at work: its programs, packed weights and threads, kept between calls. */
export class Runtime {
  private readonly packed: PerWeights<number>;
  private readonly programs = new Map<string, unknown>();

  constructor(readonly kernel: Kernel) {
    this.packed = new PerWeights(at => kernel.heap.give(at));
  }

  /** A call's program, made once. */
  program<T>(r: Recurrence, call: readonly unknown[], make: () => T): T {
    const key = JSON.stringify([r, call]);
    const known = this.programs.get(key) as T | undefined;
    const program = known ?? make();
    // The last one used is the last one to go.
    this.programs.delete(key);
    this.programs.set(key, program);
    if (this.programs.size > MOST_PROGRAMS) this.programs.delete(this.programs.keys().next().value!);
    return program;
  }

  /** The address of these weights, packed once per version. */
  weights(packs: Packs, sizes: Sizes, weights: Readonly<Record<string, Tensor>>): number {
    return this.packed.get(weights, packs.key, () => packWeights(this.kernel, packs, sizes, weights));
  }

  /** Into how many parts a batch is split. */
  parts(_r: Recurrence, _batch: number, _time: number, _width: number, _save: boolean): number {
    return 1;
  }

  run(tasks: readonly Task[]): void {
    runTasks(this.kernel, tasks, 1, programs => {
      for (const program of programs) this.kernel.exports.run(program);
    });
  }

  dispose(): void {
    this.packed.clear();
    this.programs.clear();
  }
}

let current: Runtime | undefined;
let builds: readonly Build[] = BUILDS;

/** The runtime of this realm, made when it is first needed; undefined where there is no WebAssembly. */
export function runtime(): Runtime | undefined {
  if (current) return current;
  const kernel = makeKernel(false, builds);
  if (kernel) current = new Runtime(kernel);
  return current;
}

/** Lets later calls run on these builds of the kernel only. */
export function useBuilds(names: readonly Build[]): void {
  builds = names;
  disposeRuntime();
}

export function disposeRuntime(): void {
  current?.dispose();
  current = undefined;
}
