import {setTimeout} from 'node:timers/promises';
import {runtime} from '../../src/engines/wasm/run/runtime';

/** Waits until the wasm engine could run on so many threads. */
export async function threadsStarted(count: number): Promise<void> {
  for (let waits = 0; runtime()!.threads < count; waits++) {
    if (waits > 2000) throw new Error(`${runtime()!.threads} of ${count} threads have started`);
    await setTimeout(5);
  }
}
