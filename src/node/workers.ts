import {availableParallelism} from 'node:os';
import {Worker} from 'node:worker_threads';
import {WORKER, type Workers} from '../engines/wasm/run/worker';

/** Threads of Node; they end with the process and do not keep it alive. */
export const nodeWorkers: Workers = {
  available: availableParallelism(),
  maySleep: true,
  start: data => {
    const code = `const {workerData: start} = require('node:worker_threads');${WORKER}`;
    // No loaders, no kind of module: the program's own arguments are not for this code.
    const worker = new Worker(code, {eval: true, workerData: data, execArgv: []});
    worker.unref();
    // What went wrong is in the worker's state, where it is looked at.
    worker.on('error', () => undefined);
    return worker;
  },
};
