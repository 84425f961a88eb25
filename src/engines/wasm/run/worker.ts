/** States of a worker, in a word of shared memory. */
export const STATE = {starting: 0, waiting: 1, working: 2, failed: 3} as const;

/** What a worker is started with. */
export interface WorkerStart {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  /** Address of the worker's state; the next word holds the address of the program to run. */
  readonly control: number;
}

/** Spin this many times before sleeping: about as long as waking takes, 50 µs. */
export const SPINS = 20_000;

/** A worker's code, as text, so that bundlers need no configuration. It reads a `WorkerStart` from `start`. */
export const WORKER = `
const {waiting, working, failed} = ${JSON.stringify(STATE)};
const {module, memory, control} = start;
const {run} = new WebAssembly.Instance(module, {env: {memory}}).exports;
const words = new Int32Array(memory.buffer, control, 2);
const become = state => {
  Atomics.store(words, 0, state);
  Atomics.notify(words, 0);
};
become(waiting);
for (;;) {
  let spins = 0;
  while (Atomics.load(words, 0) !== working) if (++spins > ${SPINS}) Atomics.wait(words, 0, waiting);
  try {
    run(words[1]);
    become(waiting);
  } catch (error) {
    become(failed);
    throw error;
  }
}
`;

/** A worker of whatever kind the platform has. */
export interface RunningWorker {
  terminate(): unknown;
}

/** Starts workers on this platform. */
export interface Workers {
  /** Threads that the machine can run at once. */
  readonly available: number;
  /** Whether this thread may sleep until a worker is done. A page's main thread may not. */
  readonly maySleep: boolean;
  start(data: WorkerStart): RunningWorker;
}

/** Workers of a page; undefined unless it is cross-origin isolated, as shared memory demands. */
export function pageWorkers(): Workers | undefined {
  const {crossOriginIsolated, navigator, Worker: PageWorker} = globalThis;
  if (!crossOriginIsolated || typeof PageWorker === 'undefined') return undefined;
  return {
    available: navigator.hardwareConcurrency,
    maySleep: typeof document === 'undefined',
    start: data => {
      const code = `onmessage = ({data: start}) => {${WORKER}};`;
      const url = URL.createObjectURL(new Blob([code], {type: 'text/javascript'}));
      const worker = new PageWorker(url);
      worker.postMessage(data);
      return {
        terminate: () => {
          worker.terminate();
          URL.revokeObjectURL(url);
        },
      };
    },
  };
}
