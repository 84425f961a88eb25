import {setTimeout} from 'node:timers/promises';
import {setEngine} from '../../src/engines/registry';
import {type Choice, traceChoices} from '../../src/engines/trace';
import type {EngineOptions} from '../../src/engines/types';
import {runtime} from '../../src/engines/wasm/run/runtime';
import {ownLayer} from '../data';
import type {Entry} from './contestant';
import {layerContestant} from './layer';

/** A name of `engineNames()` or `auto`, as a contestant on a backend. Out of the running where it refuses. */
export function engineEntry(
  engine: string,
  backend: string,
  {name = engine, options, clock}: {name?: string; options?: EngineOptions; clock?: () => number} = {},
): Entry {
  return async (p, data) => {
    const layer = ownLayer(p);
    const kernels = layer.arrayNames.flatMap((array, k) =>
      /^(recurrent_kernel|W_hid_to_.*)$/.test(array) ? [k] : [],
    );
    const set = async (): Promise<void> => {
      setEngine(engine, options);
      if (engine === 'wasm' && options?.threads) await threadsStarted(options.threads);
    };
    const contestant = await layerContestant(name, layer, p, data, kernels, {backend, set, clock});
    let first: Float32Array = new Float32Array();
    const choice = await chosenFor(async () => {
      first = await contestant.compute();
    });
    if (engine !== 'auto' && choice.engine !== engine) {
      contestant.dispose();
      const own = choice.candidates.find(candidate => candidate.engine === engine);
      return own?.refusal ?? `it ran on ${choice.engine}`;
    }
    const remark = (): string | undefined => (engine === 'auto' ? choice.engine : undefined);
    return {...contestant, remark, compute: async () => first};
  };
}

/** Workers start beside the program: until they have, one thread does it all. */
async function threadsStarted(threads: number): Promise<void> {
  for (let waits = 0; (runtime()?.threads ?? threads) < threads; waits++) {
    if (waits > 1000) throw new Error(`engine wasm: ${threads} threads have not started`);
    await setTimeout(5);
  }
}

/** What the engines said of the (only) recurrence that a call runs. */
async function chosenFor(call: () => unknown): Promise<Choice> {
  const choices: Choice[] = [];
  traceChoices(choice => choices.push(choice));
  try {
    await call();
  } finally {
    traceChoices(undefined);
  }
  return choices.at(-1)!;
}
