import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import * as tf from '@tensorflow/tfjs';
import test from 'ava';
import type {NdArray} from '../converters/arrays';
import {readNpz} from '../converters/npz/read';
import {keras2} from '../src';
import {useBackend} from '../src/node/backend';
import {openModel} from '../src/node/load';
import {toTensor as tensorOf, verify} from '../src/verify/verify';
import {shippedTest} from './support/shipped';

// Models that packages of Python ship, as people have them installed, against what the packages' own code makes of them
// (fixtures/shipped/make.py). pip brings the packages; where it cannot, the tests say so and are not run.

/** As golden cases of whole models have it. */
const TOLERANCE = 2e-5;

/** Arrays of the package's own making. */
function arraysOf(name: string) {
  const path = `fixtures/shipped/${name}.npz`;
  const arrays = readNpz(readFileSync(path), path);
  return (key: string) => arrays.get(key)!;
}

const toTensor = (array: NdArray): tf.Tensor =>
  tensorOf(array, array.dtype === 'int32' ? 'int32' : 'float32');

/** The largest difference, as a share of the largest number where that is above 1. */
const difference = (ours: tf.Tensor, theirs: tf.Tensor): number =>
  tf.div(tf.max(tf.abs(tf.sub(ours, theirs))), tf.maximum(1, tf.max(tf.abs(theirs)))).dataSync()[0]!;

test.before(() => useBackend('cpu'));

/** The package's attention: a mean of all steps, weighted by a softmax of one number for each. */
class AttentionWeightedAverage extends tf.layers.Layer {
  static className = 'AttentionWeightedAverage';
  private w: tf.LayerVariable | undefined;

  override build([, , size]: tf.Shape): void {
    this.w = this.addWeight('W', [size!, 1], 'float32', tf.initializers.zeros());
    this.built = true;
  }

  override computeOutputShape([batch, , size]: tf.Shape): tf.Shape {
    return [batch!, size!];
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const x = Array.isArray(inputs) ? inputs[0]! : inputs;
    const logits = tf.matMul(tf.reshape(x, [-1, x.shape[2]!]), this.w!.read());
    const weights = tf.softmax(tf.reshape(logits, [-1, x.shape[1]!]));
    return tf.sum(tf.mul(x, tf.expandDims(weights, 2)), 1);
  }
}

shippedTest(
  'textgenrnn',
  'textgenrnn_weights.hdf5',
  'the next letter, with its attention as a layer of ours; without it, up to the layer before',
  async (t, folder) => {
    const weights = join(folder, 'textgenrnn_weights.hdf5');
    const array = arraysOf('textgenrnn');
    const options = {architecture: 'fixtures/shipped/textgenrnn.json', byName: true};
    await t.throwsAsync(openModel(weights, options), {
      code: 'E_LAYER',
      message: /'attention': class 'AttentionWeightedAverage'.*customObjects/,
    });
    const whole = await openModel(weights, {...options, customObjects: {AttentionWeightedAverage}});
    const report = verify(whole.model, array('input'), array('output'), {tolerance: TOLERANCE});
    t.true(report.passed, JSON.stringify(report.outputs));
    const short = await openModel(weights, {...options, outputs: ['rnn_concat']});
    const data = toTensor(array('input'));
    const last = tf.slice(short.model.predict(data) as tf.Tensor, [0, 36, 0], [1, 4, -1]);
    const off = difference(last, toTensor(array('rnn_concat')));
    t.true(off < TOLERANCE, `${off}`);
    t.log(`largest differences: ${report.outputs[0]!.maxAbs}, ${off}`);
  },
);

/** The package's ReversedLSTM: an LSTM that runs backwards, its output turned round again. */
function ReversedLSTM(config: Record<string, unknown>): tf.layers.Layer {
  const layer = keras2.lstm({...(config as unknown as Parameters<typeof keras2.lstm>[0]), goBackwards: true});
  const call = layer.call.bind(layer);
  layer.call = (inputs, kwargs) => tf.reverse(call(inputs, kwargs) as tf.Tensor, 1);
  return layer;
}

shippedTest(
  'rnnmorph',
  join('en', 'eval_model.h5'),
  'the tags of words, with its ReversedLSTM as a layer of ours',
  async (t, folder) => {
    const array = arraysOf('rnnmorph');
    const options = {architecture: join(folder, 'eval_model.json')};
    const weights = join(folder, 'eval_model.h5');
    await t.throwsAsync(openModel(weights, options), {
      code: 'E_LAYER',
      message: /'LSTM_1_backward'.*ReversedLSTM/,
    });
    const {model} = await openModel(weights, {...options, customObjects: {ReversedLSTM}});
    const inputs = {chars: array('chars'), grammemes: array('grammemes')};
    const report = verify(model, inputs, {main_pred: array('main_pred')}, {tolerance: TOLERANCE});
    t.true(report.passed, JSON.stringify(report.outputs));
    t.log(`largest difference: ${report.outputs[0]!.maxAbs}`);
  },
);

/** PyTorch's arrays of a GRU (rows r, z, n, each gate's weights in a row) as Keras has them (columns z, r, h). */
function fromPyTorch(array: (key: string) => tf.Tensor, part: 'enc' | 'dec'): tf.Tensor[] {
  const turned = (key: string): tf.Tensor => {
    const [r, z, n] = tf.split(array(`${part}_${key}`), 3, 0);
    return tf.concat([z!, r!, n!], 0);
  };
  const biases = tf.stack([turned('b_ih'), turned('b_hh')]);
  return [tf.transpose(turned('w_ih')), tf.transpose(turned('w_hh')), biases];
}

shippedTest(
  'g2p_en',
  'checkpoint20.npz',
  'the phonemes of words, by GRUs with its arrays in the order of Keras',
  async (t, folder) => {
    const path = join(folder, 'checkpoint20.npz');
    const arrays = readNpz(readFileSync(path), path);
    const array = (key: string): tf.Tensor => toTensor(arrays.get(key)!);
    const gru = (part: 'enc' | 'dec') => {
      const layer = keras2.gru({
        units: 256,
        resetAfter: true,
        recurrentActivation: 'sigmoid',
        returnSequences: part === 'dec',
        returnState: part === 'enc',
      });
      layer.build([null, null, 256]);
      layer.setWeights(fromPyTorch(array, part));
      return layer;
    };
    const [encoder, decoder] = [gru('enc'), gru('dec')];
    const known = arraysOf('g2p_en');
    const [PHONEMES_START, PHONEMES_END] = [2, 3];
    for (const word of ['carryover', 'activationist']) {
      const letters = toTensor(known(`${word}.letters`));
      const [hidden] = encoder.apply<tf.Tensor[]>(tf.gather(array('enc_emb'), letters));
      const phonemes = Array.from(toTensor(known(`${word}.phonemes`)).dataSync());
      const read = tf.tensor2d([[PHONEMES_START, ...phonemes]], undefined, 'int32');
      const decoded = decoder.apply<tf.Tensor>(tf.gather(array('dec_emb'), read), {initialState: [hidden!]});
      const logits = tf.add(tf.matMul(tf.squeeze(decoded, [0]), array('fc_w'), false, true), array('fc_b'));
      const off = [
        [hidden!, known(`${word}.hidden`)] as const,
        [tf.expandDims(logits), known(`${word}.logits`)] as const,
      ].map(([ours, theirs]) => difference(ours, toTensor(theirs)));
      t.true(
        off.every(difference => difference < TOLERANCE),
        `${word}: ${off}`,
      );
      t.deepEqual(Array.from(tf.argMax(logits, 1).dataSync()), [...phonemes, PHONEMES_END]);
      t.log(`${word}: largest differences ${off.join(', ')}`);
    }
  },
);
