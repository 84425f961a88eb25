// A TensorFlow graph four ways: its recurrences on the fast engines, a recipe of it, one call of TensorFlow, and TensorFlow.js'
// own graph executor turning its loops. npx tsx bench/graph/main.ts FROZEN.pb [--batch 1] [--steps 100] [--rounds 15]
import {parseArgs} from 'node:util';
import * as tf from '@tensorflow/tfjs';
import {disposeEngines, setEngine} from '../../src/engines/registry';
import type {GraphLayersModel} from '../../src/graph/model';
import {tfjsArtifacts} from '../../src/graph/write/tfjs';
import {useBackend} from '../../src/node/backend';
import {openModel} from '../../src/node/index';
import {firstRecipe} from '../../src/node/inspect';

const {values, positionals} = parseArgs({
  allowPositionals: true,
  options: {
    batch: {type: 'string', default: '1'},
    steps: {type: 'string', default: '100'},
    rounds: {type: 'string', default: '15'},
    backend: {type: 'string', default: 'tensorflow'},
  },
});
const [source] = positionals;
if (source === undefined) throw new Error('give a frozen graph with one input [batch, time, features]');

await useBackend(values.backend as 'tensorflow' | 'cpu');
const {model: graph} = await openModel(source);
const recipe = await firstRecipe(source);
const {model: drawn} = await openModel(source, {architecture: recipe});
const plain = tfjsArtifacts((graph as GraphLayersModel).plain);
const alone = await tf.loadGraphModel({load: async () => plain});
const features = graph.inputs[0]!.shape.at(-1)!;
const x = tf.randomNormal([Number(values.batch), Number(values.steps), features]);

type Way = () => Promise<tf.Tensor>;
const once = (model: {predict(x: tf.Tensor): tf.Tensor | tf.Tensor[]}, engine: string): Way => {
  return async () => {
    setEngine(engine);
    return [model.predict(x)].flat()[0]!;
  };
};
const ways: Readonly<Record<string, Way>> = {
  'graph, auto': once(graph as never, 'auto'),
  'recipe, auto': once(drawn as never, 'auto'),
  ...(values.backend === 'tensorflow' && {'graph, one call of TensorFlow': once(graph as never, 'native')}),
  'GraphModel alone': async () => [await alone.executeAsync(x)].flat()[0]!,
};

const median = (times: number[]): number => times.toSorted((a, b) => a - b)[times.length >> 1]!;
const taken = new Map(Object.keys(ways).map(name => [name, [] as number[]]));
for (let round = -2; round < Number(values.rounds); round++) {
  for (const [name, way] of Object.entries(ways)) {
    const begin = performance.now();
    const y = await way();
    y.dataSync();
    const time = performance.now() - begin;
    y.dispose();
    if (round >= 0) taken.get(name)!.push(time);
  }
}
const base = median(taken.get('graph, auto')!);
console.log(
  `${source}: ${x.shape.join(' x ')}, ${values.backend}; medians of ${values.rounds} rounds, all ways in each round`,
);
for (const [name, times] of taken) {
  const [low, high] = [Math.min(...times), Math.max(...times)];
  const own = median(times);
  console.log(
    `${name.padEnd(30)} ${own.toFixed(2)} ms (${low.toFixed(2)} to ${high.toFixed(2)}), ${(own / base).toFixed(2)} x`,
  );
}
disposeEngines();
