import {join} from 'node:path';
import * as tf from '@tensorflow/tfjs';
import test from 'ava';
import '../src/register';
import {artifactsOf} from '../src/model/artifacts';
import {readWeights} from '../src/node/load';

/*
 * Models of Keras as the official converter writes them: Keras' config and arrays by Keras' names, without the `:0`. They
 * load through plain `tf.loadLayersModel`. Expected outputs are Keras' own.
 */

tf.enableProdMode();

const CASES: Readonly<Record<string, string>> = {
  'CuDNN layers in a nested model': 'fixtures/golden/cudnn-2.2/cudnn_nested',
  'Bidirectional over CuDNNGRU': 'fixtures/golden/cudnn-2.2/bidirectional_cudnn_gru',
  'RNN over a stack of cells, tf.keras 2.15': 'fixtures/register/tf-keras-2-15-stacked_cells_rnn',
  'RNN over a stack of cells, Keras 3': 'fixtures/register/keras-3-stacked_cells_rnn',
  'LSTM of Keras 3.10': 'fixtures/register/keras-3-10-lstm_trained',
};

/** What the official converter makes of `model.h5`. */
async function converted(folder: string): Promise<tf.io.ModelArtifacts> {
  const file = await readWeights(join(folder, 'model.h5'));
  const arrays = file.groups.flatMap(group =>
    group.arrays.map(stored => ({name: stored.name, array: stored.read()})),
  );
  const weightSpecs = arrays.map(({name, array}) => ({
    name: name.replace(/:0$/, ''),
    shape: [...array.shape],
    dtype: 'float32' as const,
  }));
  const values = arrays.flatMap(({array}) => [...(array.values as Float32Array)]);
  return {
    modelTopology: {model_config: file.architecture, keras_version: file.facts.keras_version} as object,
    weightSpecs,
    weightData: new Float32Array(values).buffer,
  };
}

async function npy(path: string): Promise<tf.Tensor> {
  const {groups} = await readWeights(path);
  const array = groups[0]!.arrays[0]!.read();
  return tf.tensor([...(array.values as Float32Array)], [...array.shape]);
}

const difference = (a: tf.Tensor, b: tf.Tensor): number => tf.max(tf.abs(tf.sub(a, b))).dataSync()[0]!;

for (const [title, folder] of Object.entries(CASES)) {
  test(`${title}: loads and matches, and again when it is saved`, async t => {
    const artifacts = await converted(folder);
    const model = await tf.loadLayersModel({load: async () => artifacts});
    const [x, y] = [await npy(join(folder, 'x.npy')), await npy(join(folder, 'y.npy'))];
    t.true(difference(model.predict(x) as tf.Tensor, y) < 2e-5);
    const saved = await artifactsOf(model);
    const again = await tf.loadLayersModel({load: async () => saved});
    t.true(difference(again.predict(x) as tf.Tensor, y) < 2e-5);
  });
}

test('a Functional of Keras 3 is refused with what to do', async t => {
  const input = {class_name: 'InputLayer', name: 'x', config: {batch_shape: [null, 2, 3]}, inbound_nodes: []};
  const node = {args: [{class_name: '__keras_tensor__', config: {keras_history: ['x', 0, 0]}}], kwargs: {}};
  const lstm = {class_name: 'LSTM', name: 'lstm', config: {name: 'lstm', units: 2}, inbound_nodes: [node]};
  const config = {
    name: 'functional',
    layers: [input, lstm],
    input_layers: ['x', 0, 0],
    output_layers: ['lstm', 0, 0],
  };
  const modelTopology = {model_config: {class_name: 'Functional', config}};
  await t.throwsAsync(tf.loadLayersModel({load: async () => ({modelTopology})}), {
    code: 'E_UNSUPPORTED',
    message: /model 'functional': layer 'lstm' is called as Keras 3 writes it.*openModel/,
  });
});

test('a masked step of a layer with zero_output_for_mask puts out 0', async t => {
  const layers = [
    {class_name: 'Masking', config: {name: 'masking', mask_value: 0, batch_input_shape: [null, 3, 2]}},
    {
      class_name: 'LSTM',
      config: {
        name: 'lstm',
        units: 2,
        return_sequences: true,
        zero_output_for_mask: true,
        recurrent_activation: 'sigmoid',
      },
    },
  ];
  const modelTopology = {model_config: {class_name: 'Sequential', config: {name: 'sequential', layers}}};
  const model = await tf.loadLayersModel({load: async () => ({modelTopology})});
  const y = model.predict(tf.tensor3d([1, 2, 0, 0, 3, 4], [1, 3, 2])) as tf.Tensor3D;
  const [[first, second, third]] = y.arraySync() as [number[][]];
  t.true(second!.every(value => value === 0));
  t.true([...first!, ...third!].every(value => value !== 0));
});
