import {CarryoverError} from '../../../errors';
import type {Kernel} from './kernel';
import {type RunningWorker, SPINS, STATE, type Workers} from './worker';

interface Member {
  readonly worker: RunningWorker;
  /** Index of its state among the memory's words. */
  readonly state: number;
}

/** Threads that run programs beside this one, on the same memory. They never keep a process alive. */
export class Pool {
  private readonly members: Member[] = [];

  constructor(
    private readonly kernel: Kernel,
    private readonly workers: Workers,
    threads: number,
  ) {
    const {heap, module, memory} = kernel;
    for (let k = 1; k < threads; k++) {
      const control = heap.allocate(8);
      heap.words[control / 4] = STATE.starting;
      this.members.push({worker: workers.start({module, memory, control}), state: control / 4});
    }
  }

  /** Threads that could run now, this one included. Threads that are still starting are not waited for. */
  get ready(): number {
    const {words} = this.kernel.heap;
    return 1 + this.members.filter(({state}) => Atomics.load(words, state) === STATE.waiting).length;
  }

  /**
   * Runs programs side by side, no more than are ready, by their addresses.
   * @throws CarryoverError `E_ENGINE` where a worker fails
   */
  run(programs: readonly number[]): void {
    const {heap, exports} = this.kernel;
    const {words} = heap;
    const [own, ...others] = programs;
    const idle = this.members.filter(({state}) => Atomics.load(words, state) === STATE.waiting);
    const busy = others.map((program, k) => {
      const {state} = idle[k]!;
      words[state + 1] = program;
      Atomics.store(words, state, STATE.working);
      Atomics.notify(words, state);
      return state;
    });
    exports.run(own!);
    for (const state of busy) this.await(words, state);
  }

  private await(words: Int32Array, state: number): void {
    let spins = 0;
    while (Atomics.load(words, state) === STATE.working)
      if (++spins > SPINS && this.workers.maySleep) Atomics.wait(words, state, STATE.working);
    if (Atomics.load(words, state) !== STATE.failed) return;
    this.dispose();
    throw new CarryoverError(
      'E_ENGINE',
      "engine wasm: one of its threads failed; report this, and go on with setEngine('wasm', {threads: 1})",
    );
  }

  dispose(): void {
    for (const {worker} of this.members) worker.terminate();
    this.members.length = 0;
  }
}
