import * as tf from '@tensorflow/tfjs-core';
import {input, layers, loadLayersModel, model as makeModel, sequential} from '@tensorflow/tfjs-layers';
import test from 'ava';
import {CarryoverError} from '../src/errors';
import type {CellState, DialectCell} from '../src/layers/cell';
import type {SequenceCell} from '../src/layers/sequence-cell';
import {tf1} from '../src/libraries/tf1';
import {cudnnWarnings} from '../src/libraries/tf1/sequence-layer';
import type {LayerRecord} from '../src/model/architecture';
import {useBackend} from '../src/node/backend';

test.before(() => useBackend('cpu'));

const cells: Record<string, () => DialectCell> = {
  basicLSTMCell: () => tf1.basicLSTMCell({numUnits: 4, forgetBias: 0.5}),
  'lstmCell with everything': () =>
    tf1.lstmCell({numUnits: 4, usePeepholes: true, numProj: 3, cellClip: 0.5, projClip: 0.4}),
  gruCell: () => tf1.gruCell({numUnits: 4}),
  basicRNNCell: () => tf1.basicRNNCell({numUnits: 4}),
  lstmBlockCell: () => tf1.lstmBlockCell({numUnits: 4, usePeephole: true, cellClip: 0.3}),
  gruBlockCell: () => tf1.gruBlockCell({numUnits: 4}),
  cudnnCompatibleGRUCell: () => tf1.cudnnCompatibleGRUCell({numUnits: 4}),
  cudnnCompatibleLSTMCell: () => tf1.cudnnCompatibleLSTMCell({numUnits: 4}),
  coupledInputForgetGateLSTMCell: () => tf1.coupledInputForgetGateLSTMCell({numUnits: 4, usePeepholes: true}),
  layerNormBasicLSTMCell: () => tf1.layerNormBasicLSTMCell({numUnits: 4}),
  ugrnnCell: () => tf1.ugrnnCell({numUnits: 4}),
  nasCell: () => tf1.nasCell({numUnits: 4, numProj: 3, useBias: true}),
  indRNNCell: () => tf1.indRNNCell({numUnits: 4}),
  indyGRUCell: () => tf1.indyGRUCell({numUnits: 4}),
  indyLSTMCell: () => tf1.indyLSTMCell({numUnits: 4}),
};

const x = (): tf.Tensor3D => tf.randomNormal([2, 5, 3], 0, 1, 'float32', 11);
const near = (a: tf.Tensor, b: tf.Tensor): number => tf.max(tf.abs(tf.sub(a, b))).dataSync()[0]!;

for (const [name, make] of Object.entries(cells)) {
  test.serial(`${name} gives the same over a sequence, step by step, and in tf.layers.rnn`, t => {
    const cell = make();
    const data = x();
    cell.build([null, 3]);
    const whole = cell.runSequence(data, {});
    let state: CellState = cell.zeroState(2);
    const outputs = tf.unstack(data, 1).map(step => {
      const result = cell.step(step, state);
      state = result.state;
      return result.y;
    });
    t.true(near(tf.stack(outputs, 1), whole.y) < 1e-6);
    const rnn = layers.rnn({cell, returnSequences: true, returnState: true});
    const [y, ...states] = rnn.apply(data) as unknown as tf.Tensor[];
    t.true(near(y!, whole.y) < 1e-6);
    t.deepEqual(
      states.map(s => s.shape),
      [cell.stateSize].flat().map(size => [2, size]),
    );
  });

  test.serial(`${name} has the gradient of its outputs`, t => {
    const cell = make();
    cell.build([null, 3]);
    // The same at every run: differences taken across the corner of a clip would say nothing.
    cell.setWeights(
      cell.getWeights().map((weight, k) => tf.randomUniform(weight.shape, -0.4, 0.4, 'float32', 31 + k)),
    );
    const data = x();
    const loss = (value: tf.Tensor): tf.Scalar => tf.sum(tf.square(cell.runSequence(value, {}).y));
    const gradient = tf.grad(loss)(data).dataSync();
    const values = data.dataSync();
    for (const k of [0, 7, 29]) {
      const moved = (by: number): number => {
        const copy = Float32Array.from(values);
        copy[k]! += by;
        return loss(tf.tensor(copy, data.shape)).dataSync()[0]!;
      };
      const numeric = (moved(1e-2) - moved(-1e-2)) / 2e-2;
      t.true(
        Math.abs(numeric - gradient[k]!) < 5e-3 * Math.max(1, Math.abs(numeric)),
        `${numeric} ${gradient[k]}`,
      );
    }
  });

  test.serial(`${name} in dynamicRnn survives model.save and loadLayersModel`, async t => {
    const inputs = input({shape: [5, 3]});
    const [y] = tf1.dynamicRnn({cell: make()}).apply(inputs) as ReturnType<typeof input>[];
    const before = makeModel({
      inputs,
      outputs: layers.dense({units: 1}).apply(y!) as ReturnType<typeof input>,
    });
    let saved: tf.io.ModelArtifacts | undefined;
    await before.save(
      tf.io.withSaveHandler(async artifacts => {
        saved = artifacts;
        return {modelArtifactsInfo: {dateSaved: new Date(0), modelTopologyType: 'JSON'}};
      }),
    );
    const topology = JSON.parse(JSON.stringify(saved!.modelTopology));
    const after = await loadLayersModel(tf.io.fromMemory({...saved!, modelTopology: topology}));
    t.deepEqual(
      (after.predict(x()) as tf.Tensor).arraySync(),
      (before.predict(x()) as tf.Tensor).arraySync(),
    );
  });
}

test.serial('a forget bias is added at run time and never stored', t => {
  const cell = tf1.basicLSTMCell({numUnits: 2, forgetBias: 3});
  cell.build([null, 3]);
  t.deepEqual(cell.getWeights()[1]!.arraySync(), new Array(8).fill(0));
  const without = tf1.basicLSTMCell({numUnits: 2, forgetBias: 0});
  without.build([null, 3]);
  without.setWeights(cell.getWeights());
  t.true(near(cell.runSequence(x(), {}).y, without.runSequence(x(), {}).y) > 1e-3);
});

test.serial('a state is a tuple or one tensor, c before h', t => {
  const tuple = tf1.basicLSTMCell({numUnits: 2});
  const joined = tf1.basicLSTMCell({numUnits: 2, stateIsTuple: false});
  for (const cell of [tuple, joined]) cell.build([null, 3]);
  joined.setWeights(tuple.getWeights());
  const [step] = tf.unstack(x(), 1) as [tf.Tensor];
  const [c, h] = [tf.fill([2, 2], 0.3), tf.fill([2, 2], -0.2)];
  const a = tuple.step(step, tf1.LSTMStateTuple(c, h)).state as {c: tf.Tensor; h: tf.Tensor};
  const b = joined.step(step, tf.concat([c, h], 1)).state as tf.Tensor;
  t.deepEqual(b.arraySync(), tf.concat([a.c, a.h], 1).arraySync());
});

test.serial("past a row's length outputs are zero and the state is held", t => {
  const layer = tf1.dynamicRnn({cell: tf1.gruCell({numUnits: 2})});
  const data = x();
  const [y, state] = layer.apply(data, {sequenceLength: tf.tensor1d([2, 5], 'int32')}) as tf.Tensor[];
  const rows = y!.arraySync() as number[][][];
  t.true(
    rows[0]!
      .slice(2)
      .flat()
      .every(value => value === 0),
  );
  t.deepEqual((state!.arraySync() as number[][])[0], rows[0]![1]);
  t.deepEqual((state!.arraySync() as number[][])[1], rows[1]![4]);
});

test.serial('time-major data give the same outputs, turned', t => {
  const cell = tf1.gruCell({numUnits: 2});
  const [y] = tf1.dynamicRnn({cell}).apply(x()) as tf.Tensor[];
  const [turned] = tf1.dynamicRnn({cell, timeMajor: true}).apply(tf.transpose(x(), [1, 0, 2])) as tf.Tensor[];
  t.deepEqual(tf.transpose(turned!, [1, 0, 2]).arraySync(), y!.arraySync());
});

test.serial("a backward cell begins at each row's own end", t => {
  const [cellFw, cellBw] = [tf1.gruCell({numUnits: 2}), tf1.gruCell({numUnits: 2})];
  const layer = tf1.bidirectionalDynamicRnn({cellFw, cellBw});
  const data = x();
  const [, backward] = layer.apply(data, {sequenceLength: tf.tensor1d([3, 5], 'int32')}) as tf.Tensor[];
  const short = tf.reverse(tf.slice(data, [0, 0, 0], [1, 3, 3]), 1);
  const alone = tf.reverse(cellBw.runSequence(short, {}).y, 1);
  t.true(near(tf.slice(backward!, [0, 0, 0], [1, 3, 2]), alone) < 1e-6);
  t.is(tf.max(tf.abs(tf.slice(backward!, [0, 3, 0], [1, 2, 2]))).dataSync()[0], 0);
});

test.serial('stacked, residual and dropout cells nest', t => {
  const stack = (train: boolean): SequenceCell =>
    tf1.multiRNNCell({
      cells: [
        tf1.lstmCell({numUnits: 3}),
        tf1.dropoutWrapper({
          cell: tf1.residualWrapper({cell: tf1.basicLSTMCell({numUnits: 3})}),
          inputKeepProb: train ? 0.5 : 1,
          outputKeepProb: 0.8,
          stateKeepProb: 0.7,
        }),
      ],
    });
  const layer = tf1.dynamicRnn({cell: stack(true)});
  t.deepEqual(layer.outputNames, ['y', 'state.0.c', 'state.0.h', 'state.1.c', 'state.1.h']);
  const run = (training: boolean): unknown => (layer.apply(x(), {training}) as tf.Tensor[])[0]!.arraySync();
  t.deepEqual(run(false), run(false));
  t.notDeepEqual(run(true), run(true));
  const names = layer.trainableWeights.map(weight => weight.originalName.split('/').slice(-2).join('/'));
  t.is(new Set(layer.trainableWeights.map(weight => weight.originalName)).size, names.length);
});

test.serial('a model of these cells learns by fit and leaks no tensors', async t => {
  const model = sequential();
  model.add(
    layers.rnn({
      cell: tf1.multiRNNCell({cells: [tf1.basicLSTMCell({numUnits: 4}), tf1.gruCell({numUnits: 3})]}),
      inputShape: [5, 3],
    }),
  );
  model.add(layers.dense({units: 1}));
  model.compile({optimizer: 'sgd', loss: 'meanSquaredError'});
  const y = tf.ones([2, 1]);
  const first = await model.fit(x(), y, {epochs: 1, verbose: 0});
  const data = x();
  const before = tf.memory().numTensors;
  const later = await model.fit(data, y, {epochs: 5, verbose: 0});
  t.is(tf.memory().numTensors, before);
  t.true(Number(later.history.loss!.at(-1)) < Number(first.history.loss![0]));
});

test.serial('an embedding wrapper looks up its table', t => {
  const cell = tf1.embeddingWrapper({
    cell: tf1.gruCell({numUnits: 2}),
    embeddingClasses: 7,
    embeddingSize: 3,
  });
  cell.build([null, 1]);
  t.deepEqual(cell.arrayNames.slice(0, 2), ['embedding', 'gates/kernel']);
  const {y} = cell.runSequence(tf.tensor3d([[[1], [6]]]), {});
  t.deepEqual(y.shape, [1, 2, 2]);
});

test.serial('bad inputs are told in one line', t => {
  const of = (f: () => unknown): CarryoverError => t.throws(f, {instanceOf: CarryoverError})!;
  const cell = tf1.basicLSTMCell({numUnits: 2});
  t.regex(of(() => cell.step(tf.ones([2, 3, 4]), cell.zeroState(2))).message, /inputs of rank 2/);
  t.regex(of(() => cell.build([null, null])).message, /shape\[-1\] to be known/);
  t.regex(of(() => tf1.multiRNNCell({cells: [cell], stateIsTuple: false})).message, /tuple states/);
  t.regex(of(() => tf1.multiRNNCell({cells: []})).message, /at least one cell/);
});

test('a forget bias on the arrays of a cuDNN LSTM is warned of', t => {
  const record = (forgetBias: number, array: string): LayerRecord => ({
    name: 'rnn',
    library: 'tf1',
    className: 'dynamic_rnn',
    config: {},
    calls: [],
    group: 'rnn',
    where: 'recipe.json',
    cells: {
      cell: {
        className: 'BasicLSTMCell',
        config: {num_units: 4, forget_bias: forgetBias},
        cells: [],
        wrap: [],
      },
    },
    variables: {kernel: array},
  });
  t.regex(cudnnWarnings(record(1, 'rnn/cudnn_compatible_lstm_cell/kernel'))[0]!, /set forget_bias to 0/);
  t.deepEqual(cudnnWarnings(record(0, 'rnn/cudnn_compatible_lstm_cell/kernel')), []);
  t.deepEqual(cudnnWarnings(record(1, 'rnn/basic_lstm_cell/kernel')), []);
});
