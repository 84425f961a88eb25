import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import {RecurrentLayer} from '../src/layers/recurrent-layer';
import type {OpenedModel} from '../src/model/open';
import {useBackend} from '../src/node/backend';
import {type GoldenOptions, runGoldenTree} from '../src/node/golden';

/** A golden test is worth something if a model that is wrong in one place fails it. */

test.before(() => useBackend('cpu'));

const folder = 'fixtures/golden/keras-2.2.4-theano';

function recurrentLayer({model}: OpenedModel): RecurrentLayer {
  return model.layers.find((layer): layer is RecurrentLayer => layer instanceof RecurrentLayer)!;
}

/** Replaces a layer's kernels column block by column block: new block k is old block order[k]. */
function permuteGates(opened: OpenedModel, order: readonly number[]): void {
  const layer = recurrentLayer(opened);
  const permuted = layer.getWeights().map(weight => {
    const blocks = tf.split(weight, order.length, weight.rank - 1);
    return tf.concat(
      order.map(k => blocks[k]!),
      weight.rank - 1,
    );
  });
  layer.setWeights(permuted);
}

const change = (fields: Record<string, unknown>) => (opened: OpenedModel) => {
  const layer = recurrentLayer(opened);
  const recurrence = {...layer.recurrence, ...fields};
  // What it hands to engines is put together once.
  const {instance} = layer as unknown as {instance: object};
  Object.assign(instance, {recurrence});
  Object.assign(layer, {plain: {...recurrence, input: 'features'}});
};

const mutations: [title: string, where: string, mutate: NonNullable<GoldenOptions['mutate']>][] = [
  ['two gates are swapped', 'lstm_seq', opened => permuteGates(opened, [1, 0, 2, 3])],
  ['two gates of a GRU are swapped', 'gru_seq', opened => permuteGates(opened, [1, 0, 2])],
  [
    'the forget bias is dropped',
    'lstm_seq',
    opened => {
      const layer = recurrentLayer(opened);
      const [kernel, recurrent, bias] = layer.getWeights();
      const units = layer.behaviour.units;
      const kept = tf.concat([tf.ones([units]), tf.zeros([units]), tf.ones([2 * units])]);
      layer.setWeights([kernel!, recurrent!, tf.mul(bias!, kept)]);
    },
  ],
  [
    'the gates use sigmoid for hard_sigmoid',
    'lstm_seq',
    opened => {
      const {activations} = recurrentLayer(opened).recurrence;
      const sigmoid = {kind: 'sigmoid'} as const;
      change({activations: {...activations, i: sigmoid, f: sigmoid, o: sigmoid}})(opened);
    },
  ],
  [
    'the candidate uses linear for tanh',
    'gru_seq',
    opened => {
      const {activations} = recurrentLayer(opened).recurrence;
      change({activations: {...activations, h: {kind: 'linear'}}})(opened);
    },
  ],
  ['the mask rule forgets where it should hold', 'lstm_seq_mask_tail', change({mask: 'forget'})],
  ['masked outputs are zero where they should repeat', 'lstm_seq_mask_any', change({mask: 'holdZero'})],
  ['the sequence runs forwards for backwards', 'lstm_seq_backwards', change({direction: 'forward'})],
  [
    'the reset gate acts after the product for before',
    'gru_seq',
    change({reset: 'after', recurrentBias: false}),
  ],
];

for (const [title, name, mutate] of mutations) {
  test.serial(`a golden case fails when ${title}`, async t => {
    const folders = [`${folder}/${name}`];
    const right = await runGoldenTree(folders);
    t.is(right.failed, 0);
    const wrong = await runGoldenTree(folders, {mutate});
    t.is(wrong.passed, 0);
    t.deepEqual(
      wrong.cases.map(({error}) => error),
      wrong.cases.map(() => undefined),
    );
  });
}

test.serial('a golden case fails when the mask is shifted by one step', async t => {
  const folders = ['fixtures/golden/keras-2.2.4-theano/lstm_seq_mask_any'];
  const shifted = await runGoldenTree(folders, {
    mutate: opened => {
      const layer = recurrentLayer(opened);
      const call = layer.call.bind(layer);
      layer.call = (inputs, kwargs) => {
        const mask = kwargs?.mask as tf.Tensor;
        const late = tf.concat([tf.slice(mask, [0, 1]), tf.slice(mask, [0, 0], [-1, 1])], 1);
        return call(inputs, {...kwargs, mask: late});
      };
    },
  });
  t.is(shifted.passed, 0);
  t.true(shifted.cases.every(({error}) => error === undefined));
});
