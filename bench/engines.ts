/**
 * Carryover's engines against tfjs-layers and onnxruntime-node, in one process, in turn: `npm run bench`.
 * See bench/README.md.
 */
import {mkdirSync, writeFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {setTimeout as sleep} from 'node:timers/promises';
import * as tf from '@tensorflow/tfjs-core';
import {layers} from '@tensorflow/tfjs-layers';
import {recurrenceModel} from '../src/engines/onnx/graph';
import {onnxWeights} from '../src/engines/onnx/weights';
import {setEngine} from '../src/engines/registry';
import {keras2} from '../src/layers/namespaces';
import {useBackend} from '../src/node/backend';
import type {Recurrence} from '../src/recurrence/types';

const SHAPES = [
  [1, 100, 64, 128],
  [8, 50, 32, 64],
  [32, 100, 128, 256],
  [64, 100, 256, 512],
] as const;
const TRAINED = SHAPES.slice(1, 3);
/** Orthogonal matrices of these sizes take tfjs-layers minutes. */
const ARGS = {
  returnSequences: true,
  recurrentActivation: 'sigmoid',
  recurrentInitializer: 'glorotUniform',
} as const;
const ROUNDS = Number(process.env.CARRYOVER_ROUNDS ?? 9);
/** A block of calls lasts about this long, but is two calls at least. */
const BLOCK_MS = 60;
/** Between blocks: the threads of the one before have gone to sleep. */
const PAUSE_MS = 30;

type Contestant = () => void | Promise<void>;

interface Row {
  readonly case: string;
  readonly name: string;
  readonly median: number;
  readonly low: number;
  readonly high: number;
  /** Median over the rounds of this one's time by the first contestant's. */
  readonly ratio: number;
}

function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))]!;
}

async function timed(call: Contestant, calls: number): Promise<number> {
  const start = performance.now();
  for (let k = 0; k < calls; k++) await call();
  return (performance.now() - start) / calls;
}

/** Times contestants in turn, a block of calls each; the order moves on by one from round to round. */
async function compare(title: string, contestants: Readonly<Record<string, Contestant>>): Promise<Row[]> {
  const names = Object.keys(contestants);
  const calls: Record<string, number> = {};
  const times: Record<string, number[]> = {};
  for (const name of names) {
    await timed(contestants[name]!, 2);
    calls[name] = Math.max(2, Math.ceil(BLOCK_MS / (await timed(contestants[name]!, 1))));
    times[name] = [];
  }
  for (let round = 0; round < ROUNDS; round++) {
    for (let k = 0; k < names.length; k++) {
      const name = names[(k + round) % names.length]!;
      await sleep(PAUSE_MS);
      await timed(contestants[name]!, 1);
      times[name]!.push(await timed(contestants[name]!, calls[name]!));
    }
  }
  const reference = times[names[0]!]!;
  return names.map(name => {
    const own = times[name]!;
    const ratio = quantile(
      own.map((time, k) => time / reference[k]!),
      0.5,
    );
    const [median, low, high] = [0.5, 0.1, 0.9].map(q => quantile(own, q)) as [number, number, number];
    return {case: title, name, median, low, high, ratio};
  });
}

function materialize(y: tf.Tensor): void {
  y.dataSync();
  y.dispose();
}

async function forwardCase([batch, time, features, units]: (typeof SHAPES)[number]): Promise<Row[]> {
  const {InferenceSession, Tensor} = createRequire(import.meta.url)('onnxruntime-node');
  const layer = keras2.lstm({units, ...ARGS});
  const plain = layers.lstm({units, ...ARGS});
  const x = tf.randomNormal([batch, time, features], 0, 1, 'float32', 7);
  setEngine('ops');
  const want = layer.apply(x) as tf.Tensor;
  plain.apply(x);
  plain.setWeights(layer.getWeights());
  const [kernel, recurrentKernel, bias] = layer.getWeights().map(w => w.dataSync() as Float32Array);
  const values = {kernel, recurrentKernel, bias} as Record<string, Float32Array | undefined>;
  const recurrence: Recurrence = {...layer.recurrence, input: 'features'};
  const weights = onnxWeights(recurrence, features, name => values[name]);
  const options = {returns: 'sequence', initial: false} as const;
  const session = await InferenceSession.create(recurrenceModel(recurrence, options, features, weights));
  const feeds = {x: new Tensor('float32', x.dataSync(), x.shape)};
  const on = (engine: string) => (): void => {
    setEngine(engine);
    materialize(layer.apply(x) as tf.Tensor);
  };
  const contestants: Record<string, Contestant> = {
    'onnxruntime-node': async () => {
      await session.run(feeds);
    },
    auto: on('auto'),
    onnx: on('onnx'),
    native: on('native'),
    'tfjs-layers': () => materialize(plain.apply(x) as tf.Tensor),
  };
  for (const engine of ['onnx', 'native']) {
    setEngine(engine);
    expectClose(layer.apply(x) as tf.Tensor, want, engine);
  }
  expectClose(plain.apply(x) as tf.Tensor, want, 'tfjs-layers');
  return compare(`forward ${[batch, time, features, units]}`, contestants);
}

/** A contestant that computes something else is not timed. */
function expectClose(got: tf.Tensor, want: tf.Tensor, name: string): void {
  const off = tf.max(tf.abs(tf.sub(got, want))).dataSync()[0]!;
  if (!(off < 1e-4)) throw new Error(`${name} is off by ${off}`);
}

async function trainingCase([batch, time, features, units]: (typeof SHAPES)[number]): Promise<Row[]> {
  const x = tf.randomNormal([batch, time, features], 0, 1, 'float32', 7);
  const step = (layer: layers.Layer): Contestant => {
    const optimizer = tf.train.sgd(0.01);
    layer.apply(x);
    return () => {
      const loss = optimizer.minimize(
        () => tf.mean(tf.square(layer.apply(x) as tf.Tensor)) as tf.Scalar,
        true,
      )!;
      materialize(loss);
    };
  };
  const own = step(keras2.lstm({units, ...ARGS}));
  const on = (engine: string) => (): void | Promise<void> => {
    setEngine(engine);
    return own();
  };
  return compare(`training ${[batch, time, features, units]}`, {
    'tfjs-layers': step(layers.lstm({units, ...ARGS})),
    native: on('native'),
    auto: on('auto'),
  });
}

function print(rows: readonly Row[]): void {
  console.log(`\n${rows[0]!.case} (batch, time, features, units)`);
  console.log(
    `  ${'contestant'.padEnd(18)}${'ms'.padStart(9)}${'p10–p90'.padStart(19)}${'ratio'.padStart(9)}`,
  );
  for (const {name, median, low, high, ratio} of rows) {
    const spread = `${low.toFixed(2)}–${high.toFixed(2)}`;
    console.log(
      `  ${name.padEnd(18)}${median.toFixed(2).padStart(9)}${spread.padStart(19)}${ratio.toFixed(2).padStart(9)}`,
    );
  }
}

await useBackend('tensorflow');
const rows: Row[] = [];
const only = process.argv[2] ?? '';
for (const shape of 'forward'.startsWith(only) ? SHAPES : []) {
  const own = await forwardCase(shape);
  print(own);
  rows.push(...own);
}
for (const shape of 'training'.startsWith(only) ? TRAINED : []) {
  const own = await trainingCase(shape);
  print(own);
  rows.push(...own);
}
mkdirSync('bench/results', {recursive: true});
writeFileSync('bench/results/engines.json', `${JSON.stringify({rounds: ROUNDS, rows}, undefined, 2)}\n`);
