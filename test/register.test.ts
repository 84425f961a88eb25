import * as tf from '@tensorflow/tfjs';
import test from 'ava';
import {Bidirectional} from '../src/layers/bidirectional';
import {RecurrentLayer} from '../src/layers/recurrent-layer';
import {artifactsOf} from '../src/model/artifacts';

tf.enableProdMode();

type Build = (x: tf.SymbolicTensor) => tf.SymbolicTensor;
const random = (shape: number[], seed: number) => tf.randomUniform(shape, -1, 1, 'float32', seed);

// Built, run and saved before Carryover takes the names.
const models: Record<string, {model: tf.LayersModel; x: tf.Tensor}> = {};
function add(name: string, build: Build, features = 3): void {
  const input = tf.input({shape: [5, features]});
  const model = tf.model({inputs: input, outputs: build(input)});
  models[name] = {model, x: random([2, 5, features], 7)};
}
const apply = (layer: tf.layers.Layer, x: tf.SymbolicTensor) => layer.apply(x) as tf.SymbolicTensor;

add('LSTM', x => apply(tf.layers.lstm({units: 4, returnSequences: true}), x));
add('LSTM with sigmoid gates and forget bias', x =>
  apply(tf.layers.lstm({units: 4, recurrentActivation: 'sigmoid', unitForgetBias: true}), x),
);
add('GRU', x => apply(tf.layers.gru({units: 4, returnSequences: true, goBackwards: true}), x));
add('SimpleRNN without bias', x => apply(tf.layers.simpleRNN({units: 4, useBias: false}), x));
add('masked LSTM', x => {
  const masked = apply(tf.layers.masking({maskValue: 0}), x);
  return apply(tf.layers.lstm({units: 4, returnSequences: true}), masked);
});
add('Bidirectional GRU', x =>
  apply(
    tf.layers.bidirectional({
      layer: tf.layers.gru({units: 3, returnSequences: true}) as never,
      mergeMode: 'concat',
    }),
    x,
  ),
);

for (const [name, {model, x}] of Object.entries(models)) {
  test.serial(`${name} saved by tfjs runs on Carryover with the same output`, async t => {
    for (const weight of model.weights) weight.write(random(weight.shape as number[], 11));
    const rows = tf.tensor([1, 0, 1, 1, 0, 0, 1, 1, 0, 1], [2, 5, 1]);
    const input = name.startsWith('masked') ? tf.mul(x, rows) : x;
    const want = (model.predict(input) as tf.Tensor).dataSync();
    const artifacts = await artifactsOf(model);
    await import('../src/register');
    // As from a file: names and strings in Python's spelling.
    const loaded = await tf.loadLayersModel({load: async () => artifacts});
    const isOurs = (layer: unknown): boolean =>
      layer instanceof RecurrentLayer || layer instanceof Bidirectional;
    t.false(model.layers.some(isOurs));
    t.true(loaded.layers.some(isOurs));
    const got = (loaded.predict(input) as tf.Tensor).dataSync();
    t.is(got.length, want.length);
    t.true(got.every((value, k) => Math.abs(value - want[k]!) <= 1e-6));
    t.true(want.some(value => Math.abs(value) > 1e-2));
  });
}

test.serial('a GRU with resetAfter, which tfjs refuses, loads and has both rows of its bias', async t => {
  await import('../src/register');
  const {model} = models.GRU!;
  const topology = JSON.parse(
    JSON.stringify((await artifactsOf(model)).modelTopology).replace(
      '"reset_after":false',
      '"reset_after":true',
    ),
  ) as {model_config?: object};
  const loaded = await tf.loadLayersModel({load: async () => ({modelTopology: topology})});
  t.deepEqual(loaded.weights.at(-1)!.shape, [2, 12]);
  const y = loaded.predict(random([2, 5, 3], 3)) as tf.Tensor;
  t.deepEqual(y.shape, [2, 5, 4]);
});
