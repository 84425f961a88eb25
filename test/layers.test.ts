import * as tf from '@tensorflow/tfjs-core';
import {
  input,
  layers,
  loadLayersModel,
  model as makeModel,
  type SymbolicTensor,
  sequential,
} from '@tensorflow/tfjs-layers';
import test from 'ava';
import {CarryoverError} from '../src/errors';
import {keras0, keras1, keras2} from '../src/libraries/all';
import {useBackend} from '../src/node/backend';

test.before(() => useBackend('cpu'));

const factories = {
  'keras0 LSTM 0.1.3': () =>
    keras0.lstm({inputDim: 3, outputDim: 4, version: '0.1.3', returnSequences: true, truncateGradient: 2}),
  'keras0 GRU': () => keras0.gru({inputDim: 3, outputDim: 4, returnSequences: true}),
  'keras0 SimpleRNN': () => keras0.simpleRNN({inputDim: 3, outputDim: 4, returnSequences: true}),
  'keras0 JZS1': () => keras0.jzs1({inputDim: 3, outputDim: 4, returnSequences: true}),
  'keras0 JZS2': () => keras0.jzs2({inputDim: 3, outputDim: 4, returnSequences: true}),
  'keras0 JZS3': () => keras0.jzs3({inputDim: 3, outputDim: 4, returnSequences: true}),
  'keras1 LSTM cpu': () =>
    keras1.lstm({
      inputDim: 3,
      outputDim: 4,
      returnSequences: true,
      WRegularizer: {name: 'WeightRegularizer', l1: 0, l2: 0.01},
    }),
  'keras1 LSTM gpu': () =>
    keras1.lstm({inputDim: 3, outputDim: 4, returnSequences: true, consumeLess: 'gpu'}),
  'keras1 GRU mem': () => keras1.gru({inputDim: 3, outputDim: 4, returnSequences: true, consumeLess: 'mem'}),
  'keras1 SimpleRNN': () =>
    keras1.simpleRNN({inputDim: 3, outputDim: 4, returnSequences: true, goBackwards: true}),
  'keras2 LSTM': () =>
    keras2.lstm({
      units: 4,
      inputShape: [null, 3],
      returnSequences: true,
      recurrentActivation: 'hard_sigmoid',
    }),
  'keras2 GRU after': () =>
    keras2.gru({
      units: 4,
      inputShape: [null, 3],
      returnSequences: true,
      resetAfter: true,
    }),
  'keras2 SimpleRNN': () =>
    keras2.simpleRNN({units: 4, inputShape: [null, 3], returnSequences: true, useBias: false}),
  'keras2 Bidirectional': () =>
    keras2.bidirectional({
      layer: keras2.lstm({units: 4, returnSequences: true}),
      mergeMode: 'concat',
      inputShape: [null, 3],
    }),
};

for (const [name, make] of Object.entries(factories)) {
  test.serial(`${name} survives getConfig and fromConfig`, t => {
    const layer = make();
    const config = layer.getConfig();
    const own = layer.constructor as unknown as {
      fromConfig(cls: unknown, config: unknown): typeof layer;
    };
    const again = own.fromConfig(layer.constructor, JSON.parse(JSON.stringify(config)));
    t.deepEqual(JSON.parse(JSON.stringify(again.getConfig())), JSON.parse(JSON.stringify(config)));
    t.is(again.constructor, layer.constructor);
  });

  test.serial(`${name} gives the same outputs after model.save and loadLayersModel`, async t => {
    const model = sequential();
    model.add(layers.masking({maskValue: 0, inputShape: [5, 3]}));
    model.add(make());
    model.add(layers.dense({units: 2}));
    const x = tf.randomNormal([2, 5, 3], 0, 1, 'float32', 7);
    const before = model.predict(x) as tf.Tensor;
    let saved: tf.io.ModelArtifacts | undefined;
    await model.save(
      tf.io.withSaveHandler(async artifacts => {
        saved = artifacts;
        return {modelArtifactsInfo: {dateSaved: new Date(0), modelTopologyType: 'JSON'}};
      }),
    );
    const topology = JSON.parse(JSON.stringify(saved!.modelTopology));
    const loaded = await loadLayersModel(tf.io.fromMemory({...saved!, modelTopology: topology}));
    const after = loaded.predict(x) as tf.Tensor;
    t.deepEqual(after.arraySync(), before.arraySync());
    t.deepEqual(
      loaded.getWeights().map(w => w.shape),
      model.getWeights().map(w => w.shape),
    );
  });

  test.serial(`${name} learns by fit and leaks no tensors`, async t => {
    const model = sequential({layers: [make() as layers.Layer, layers.dense({units: 1})]});
    model.setWeights(
      model.getWeights().map((w, k) => tf.randomUniform(w.shape, -0.4, 0.4, 'float32', 17 + k)),
    );
    model.compile({optimizer: 'sgd', loss: 'meanSquaredError'});
    const x = tf.randomNormal([8, 5, 3], 0, 1, 'float32', 7);
    const y = tf.randomNormal([8, 5, 1], 0, 1, 'float32', 8);
    const first = await model.fit(x, y, {epochs: 1, verbose: 0, shuffle: false});
    (model.predict(x) as tf.Tensor).dispose();
    const before = tf.memory().numTensors;
    const later = await model.fit(x, y, {epochs: 6, verbose: 0, shuffle: false});
    (model.predict(x) as tf.Tensor).dispose();
    t.is(tf.memory().numTensors, before);
    t.true(Number(later.history.loss!.at(-1)) < Number(first.history.loss![0]));
  });
}

test.serial("arrays come in the library's own order and shapes", t => {
  const built = (layer: ReturnType<typeof keras0.lstm>): unknown[] => {
    layer.build([null, null, 3]);
    return layer.arrayNames.map((name, k) => [name, layer.getWeights()[k]!.shape]);
  };
  const perGate = (gates: string[]): unknown[] =>
    gates.flatMap(g => [
      [`W_${g}`, [3, 4]],
      [`U_${g}`, [4, 4]],
      [`b_${g}`, [4]],
    ]);
  t.deepEqual(built(keras0.lstm({outputDim: 4})), perGate(['i', 'c', 'f', 'o']));
  t.deepEqual(built(keras0.gru({outputDim: 4})), perGate(['z', 'r', 'h']));
  t.deepEqual(built(keras1.lstm({outputDim: 4, consumeLess: 'gpu'})), [
    ['W', [3, 16]],
    ['U', [4, 16]],
    ['b', [16]],
  ]);
  t.deepEqual(built(keras2.gru({units: 4, resetAfter: true})), [
    ['kernel', [3, 12]],
    ['recurrent_kernel', [4, 12]],
    ['bias', [2, 12]],
  ]);
});

test.serial('defaults are those of the release', t => {
  const defaults = keras0.lstm({outputDim: 4, version: '0.1.3'}).args;
  t.is(keras0.lstm({inputDim: 3}).args.outputDim, 128);
  t.is(defaults.innerActivation, 'hardSigmoid');
  t.is(defaults.truncateGradient, -1);
  t.is(defaults.forgetBiasInit, 'one');
  t.is(keras0.gru({version: '0.2.0'}).args.activation, 'sigmoid');
  t.is(keras0.gru({version: '0.3.3'}).args.activation, 'tanh');
  t.is(keras2.lstm({units: 1, version: '2.2.4'}).args.recurrentActivation, 'hardSigmoid');
  t.is(keras2.lstm({units: 1, version: '2.3.1'}).args.recurrentActivation, 'sigmoid');
});

test.serial('the forget gate alone starts with a bias of one', t => {
  const layer = keras2.lstm({units: 2});
  layer.build([null, null, 3]);
  t.deepEqual(layer.getWeights()[2]!.arraySync(), [0, 0, 1, 1, 0, 0, 0, 0]);
  const fused = keras1.lstm({outputDim: 2, consumeLess: 'gpu'});
  fused.build([null, null, 3]);
  t.deepEqual(fused.getWeights()[2]!.arraySync(), [0, 0, 1, 1, 0, 0, 0, 0]);
});

test.serial('constraints act on every training step and survive saving', async t => {
  const norm = {class_name: 'MaxNorm', config: {max_value: 0.5, axis: 0}};
  const layer = keras2.simpleRNN({units: 4, inputShape: [3, 3], kernelConstraint: norm, unroll: false});
  const model = sequential({layers: [layer]});
  model.compile({optimizer: 'sgd', loss: 'meanSquaredError'});
  await model.fit(tf.ones([4, 3, 3]), tf.ones([4, 4]), {epochs: 1, verbose: 0});
  const norms = tf.norm(layer.getWeights()[0]!, 'euclidean', 0).dataSync();
  t.true(norms.every(n => n <= 0.5 + 1e-6));
  t.deepEqual(layer.getConfig().kernelConstraint, norm);
});

test.serial('initial states are taken as inputs and final states returned', t => {
  const x = input({shape: [4, 3]});
  const h = input({shape: [2]});
  const c = input({shape: [2]});
  const outputs = keras2.lstm({units: 2, returnState: true}).apply<SymbolicTensor[]>([x, h, c]);
  const model = makeModel({inputs: [x, h, c], outputs});
  const feeds = [tf.ones([1, 4, 3]), tf.ones([1, 2]), tf.zeros([1, 2])];
  const [y, state] = model.predict(feeds) as tf.Tensor[];
  t.deepEqual(y!.arraySync(), state!.arraySync());
  feeds[1] = tf.zeros([1, 2]);
  t.notDeepEqual((model.predict(feeds) as tf.Tensor[])[0]!.arraySync(), y!.arraySync());
});

test.serial('a stateful layer carries its state until it is reset', t => {
  const model = sequential({layers: [keras2.gru({units: 2, stateful: true, batchInputShape: [2, 3, 1]})]});
  const x = tf.ones([2, 3, 1]);
  const run = (): unknown => (model.predict(x, {batchSize: 2}) as tf.Tensor).arraySync();
  const first = run();
  t.notDeepEqual(run(), first);
  model.resetStates();
  t.deepEqual(run(), first);
});

test.serial('dropout acts in training only', t => {
  for (const layer of [
    keras1.lstm({outputDim: 8, dropoutW: 0.5, dropoutU: 0.5}),
    keras1.gru({outputDim: 8, dropoutW: 0.5, dropoutU: 0.5, consumeLess: 'gpu'}),
    keras2.lstm({units: 8, dropout: 0.5, recurrentDropout: 0.5, implementation: 1}),
    keras2.gru({units: 8, dropout: 0.5, recurrentDropout: 0.5, implementation: 2}),
    keras2.gru({units: 8, recurrentDropout: 0.5, implementation: 1, resetAfter: true}),
    keras2.simpleRNN({units: 8, dropout: 0.5, recurrentDropout: 0.5}),
  ]) {
    const x = tf.ones([2, 4, 8]);
    const run = (training: boolean): unknown => (layer.apply(x, {training}) as tf.Tensor).arraySync();
    t.deepEqual(run(false), run(false));
    t.notDeepEqual(run(true), run(true));
  }
});

test.serial('recurrent dropout has a gradient', t => {
  const layer = keras1.lstm({outputDim: 4, dropoutW: 0.3, dropoutU: 0.3});
  const x = tf.ones([2, 3, 5]);
  layer.apply(x);
  const {grads} = tf.variableGrads(() => tf.sum(layer.apply(x, {training: true}) as tf.Tensor) as tf.Scalar);
  t.is(Object.keys(grads).length, 12);
  t.true(Object.values(grads).every(gradient => Number.isFinite(tf.sum(gradient).dataSync()[0])));
});

test.serial('bad arguments and shapes are told in one line', t => {
  const of = (f: () => unknown): CarryoverError => t.throws(f, {instanceOf: CarryoverError})!;
  t.regex(of(() => keras2.lstm({units: 'four'} as never)).message, /units is "four"; expected an integer/);
  t.regex(of(() => keras2.lstm({})).message, /number of units/);
  t.regex(
    of(() => keras2.lstm({units: 2, returnSequence: true} as never)).message,
    /no argument 'returnSequence'; it has units,/,
  );
  t.regex(
    of(() => keras0.lstm({version: '1.2.2'})).message,
    /version is '1\.2\.2'; expected a release of Keras 0/,
  );
  t.regex(of(() => keras1.lstm({outputDim: 2, consumeLess: 'tpu'} as never)).message, /one of cpu, mem, gpu/);
  t.regex(of(() => keras2.lstm({units: 2, activation: 'log_softmax'})).message, /no element-wise activation/);
  t.is(of(() => keras2.lstm({units: 2}).apply(tf.ones([2, 3]))).code, 'E_SHAPE');
  const layer = keras2.lstm({units: 2});
  layer.apply(tf.ones([1, 2, 3]));
  t.is(of(() => layer.apply(tf.ones([1, 2, 4]))).code, 'E_SHAPE');
  t.is(of(() => layer.apply([tf.ones([1, 2, 3]), tf.ones([1, 2])])).code, 'E_SHAPE');
  t.is(of(() => layer.resetStates()).code, 'E_USAGE');
});
