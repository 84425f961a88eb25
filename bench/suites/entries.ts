import {engineEntry} from '../contestants/carryover';
import type {Entries, Entry} from '../contestants/contestant';
import {onnxruntimeEntry} from '../contestants/onnxruntime';
import {pythonEntry} from '../contestants/python';
import {tfjsEntry} from '../contestants/tfjs-layers';
import type {Field} from './suite';

const BACKEND = 'tensorflow';

/** Everybody, each as fast as it can be. */
export function everybody({engines, peers}: Field): Entries {
  return new Map<string, Entry>([
    ['auto', engineEntry('auto', BACKEND)],
    ...engines.map((engine): [string, Entry] => [engine, engineEntry(engine, BACKEND)]),
    // Where nothing native is installed, the rest of a training step is not TensorFlow's either.
    ...(engines.includes('wasm')
      ? ([['wasm on wasm', engineEntry('wasm', 'wasm', {name: 'wasm on wasm'})]] as const)
      : []),
    ['onnxruntime-node', onnxruntimeEntry('onnxruntime-node')],
    ['onnxruntime-web', onnxruntimeEntry('onnxruntime-web')],
    ['tfjs-layers', tfjsEntry('tfjs-layers', BACKEND)],
    ...[...peers].map(([name, peer]): [string, Entry] => [name, pythonEntry(name, peer)]),
  ]);
}

/** The same without those whose last time says that the next size takes minutes. */
export function whileBearable(entries: Entries, limitMs: number): Entries {
  const last = new Map<string, {readonly ms: number; readonly steps: number}>();
  return new Map(
    [...entries].map(([name, entry]): [string, Entry] => [
      name,
      async (p, data) => {
        const size = p.batch * p.time * p.units;
        const before = last.get(`${name} ${p.training}`);
        if (before && before.ms > limitMs && size >= before.steps)
          return `a smaller case took ${(before.ms / 1e3).toFixed(1)} s`;
        const contestant = await entry(p, data);
        if (typeof contestant === 'string') return contestant;
        return {
          ...contestant,
          block: async calls => {
            const ms = await contestant.block(calls);
            last.set(`${name} ${p.training}`, {ms, steps: size});
            return ms;
          },
        };
      },
    ]),
  );
}
