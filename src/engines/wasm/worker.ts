/** What a worker has been told to do, or does; a word of shared memory per worker. */
export const STATE = {starting: 0, waiting: 1, working: 2, failed: 3} as const;

/** What a worker is started with. */
export interface WorkerStart {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  /** Address of its state; the address of the program to run is in the word behind it. */
  readonly control: number;
}

/** So many looks at the state before a worker goes to sleep: about as long as it takes to be woken, 50 µs. */
const LOOKS = 20_000;

/**
 * A worker's program, as text, so that no bundler has to know of a file beside the code. `start` has to be there, a
 * `WorkerStart`.
 */
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
  let looks = 0;
  while (Atomics.load(words, 0) !== working) if (++looks > ${LOOKS}) Atomics.wait(words, 0, waiting);
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
  /** Threads that the machine has to offer. */
  readonly available: number;
  /** Whether this thread may sleep until a worker is done. A page's may not. */
  readonly maySleep: boolean;
  start(data: WorkerStart): RunningWorker;
}

/** Workers of a page that is isolated from others, as shared memory asks. */
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
