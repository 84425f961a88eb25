import {availableParallelism} from 'node:os';
import {engineEntry} from '../contestants/carryover';
import type {Entry} from '../contestants/contestant';
import {onnxruntimeEntry} from '../contestants/onnxruntime';
import {tfjsEntry} from '../contestants/tfjs-layers';
import {problem, SHAPES, TRAINED} from '../problem';
import {dotChart} from '../report/dots';
import type {Suite} from './suite';

const THREADS = Math.min(8, availableParallelism());
const ALL = `wasm on ${THREADS} threads`;

/**
 * What runs in browsers, one thread each, on tfjs' wasm backend where it is tfjs that runs; and the engine with as many
 * threads as it takes by itself.
 */
export const oneThread: Suite = {
  name: 'one-thread',
  problems: quick => [
    ...SHAPES.slice(0, quick ? 2 : undefined).map(shape => problem(shape)),
    ...TRAINED.slice(0, quick ? 1 : undefined).map(shape => problem(shape, {training: true})),
  ],
  entries: ({engines}) =>
    new Map<string, Entry>([
      ...(engines.includes('wasm')
        ? ([
            ['wasm', engineEntry('wasm', 'wasm', {options: {threads: 1}})],
            [ALL, engineEntry('wasm', 'wasm', {name: ALL, options: {threads: THREADS}})],
          ] as const)
        : []),
      ['onnxruntime-web', onnxruntimeEntry('onnxruntime-web')],
      ['tfjs-layers on wasm', tfjsEntry('tfjs-layers on wasm', 'wasm')],
      ['ops on wasm', engineEntry('ops', 'wasm', {name: 'ops on wasm'})],
    ]),
  pairs: [
    ['wasm', 'onnxruntime-web'],
    ['wasm', ALL],
    ['tfjs-layers on wasm', 'wasm'],
    ['tfjs-layers on wasm', ALL],
    ['tfjs-layers on wasm', 'onnxruntime-web'],
    ['tfjs-layers on wasm', 'ops on wasm'],
  ],
  charts: cases => [{file: 'one-thread.svg', svg: dotChart('One thread, in wasm: one LSTM layer', cases)}],
};
