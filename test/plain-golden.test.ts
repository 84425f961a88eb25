import * as tf from '@tensorflow/tfjs-core';
import {type layers, loadLayersModel} from '@tensorflow/tfjs-layers';
import test from 'ava';
import {
  build,
  contextOf,
  importInto,
  modelOf,
  releases,
  TOLERANCE,
  tensorOf,
  worst,
} from './support/plain-cases';

test('there are recorded layers of five releases', t => {
  t.deepEqual([...new Set(releases.map(({release}) => release.version))].sort(), [
    '0.2.0',
    '0.3.3',
    '1.0.8',
    '1.2.2',
    '2.3.1',
  ]);
});

for (const {file, release} of releases) {
  for (const one of release.cases) {
    test(`${file.replace('.json', '')}: ${one.name} computes what Keras computed`, t => {
      const built = build(one, contextOf(release, 'layer_1'));
      if (built === undefined) return t.fail(`${one.className} is not known`);
      const whole = modelOf(one, built.layer);
      t.is(built.roles.length, one.weights.length, 'one name for each array');
      importInto(built, one.weights);
      const tensors = one.inputs.map(tensorOf);
      const fed = tensors.length > 1 ? tensors : tensors[0]!;

      const output = (
        one.training ? built.layer.apply(fed, {training: true}) : whole.predict(fed)
      ) as tf.Tensor;
      t.deepEqual(output.shape, one.output.shape);
      t.true(worst(output, one.output) < TOLERANCE, `output is off by ${worst(output, one.output)}`);
      t.deepEqual(
        whole.outputs[0]!.shape.slice(1),
        one.output.shape.slice(1),
        'the shape is known beforehand',
      );

      if (one.mask) {
        const masks = tensors.map(x => tf.any(tf.notEqual(x, 0), -1));
        const mask = built.layer.computeMask(fed, masks.length > 1 ? masks : masks[0]!) as tf.Tensor;
        t.is(worst(tf.cast(mask, 'float32'), one.mask), 0, 'mask');
      }
      one.weightsAfter?.forEach((after, k) => {
        const difference = worst(built.layer.getWeights()[k]!, after);
        t.true(difference < TOLERANCE, `${built.roles[k]} is off by ${difference} after training`);
      });
    });
  }
}

/** What a layer's config says; an argument left out and null are the same to tfjs, which gives an embedding a dtype. */
function said(layer: layers.Layer): string {
  return JSON.stringify(layer.getConfig(), (key, value) =>
    key === 'dtype' ? undefined : (value ?? undefined),
  );
}

test('every recorded layer survives getConfig, and a saved model gives the same output', async t => {
  for (const {release} of releases) {
    for (const one of release.cases.filter(({training}) => !training)) {
      const built = build(one, contextOf(release, 'layer_1'))!;
      const whole = modelOf(one, built.layer);
      importInto(built, one.weights);
      const tensors = one.inputs.map(tensorOf);
      const fed = tensors.length > 1 ? tensors : tensors[0]!;
      let artifacts: tf.io.ModelArtifacts | undefined;
      await whole.save(
        tf.io.withSaveHandler(async given => {
          artifacts = given;
          return {modelArtifactsInfo: {dateSaved: new Date(), modelTopologyType: 'JSON'}};
        }),
      );
      const loaded = await loadLayersModel(tf.io.fromMemory(artifacts!));
      const difference = tf
        .max(tf.abs(tf.sub(whole.predict(fed) as tf.Tensor, loaded.predict(fed) as tf.Tensor)))
        .dataSync()[0]!;
      t.true(difference === 0, `${release.version} ${one.name}: ${difference}`);
      t.is(said(loaded.layers.at(-1)!), said(whole.layers.at(-1)!), one.name);
    }
  }
});

test('prediction leaves no tensors behind', t => {
  for (const {release} of releases) {
    for (const one of release.cases.filter(({training}) => !training)) {
      const built = build(one, contextOf(release, 'layer_1'))!;
      const whole = modelOf(one, built.layer);
      const tensors = one.inputs.map(tensorOf);
      const fed = tensors.length > 1 ? tensors : tensors[0]!;
      tf.dispose(whole.predict(fed));
      const before = tf.memory().numTensors;
      tf.dispose(whole.predict(fed));
      t.is(tf.memory().numTensors, before, `${release.version} ${one.name}`);
      tf.dispose(tensors);
      whole.dispose();
    }
  }
});

test('gradients flow through every layer with weights', t => {
  for (const {release} of releases) {
    for (const one of release.cases.filter(
      ({weights, className}) => weights.length > 0 && className !== 'Embedding',
    )) {
      const built = build(one, contextOf(release, 'layer_1'))!;
      const x = tensorOf(one.inputs[0]!);
      built.layer.apply(x);
      importInto(built, one.weights);
      const trained = built.layer.trainableWeights.map(weight => weight.read() as tf.Variable);
      const {grads} = tf.variableGrads(
        () => tf.sum(tf.square(built.layer.apply(x) as tf.Tensor)) as tf.Scalar,
        trained,
      );
      const values = Object.values(grads).flatMap(gradient => Array.from(gradient.dataSync()));
      t.true(values.length > 0 && values.every(Number.isFinite), `${release.version} ${one.name}`);
      t.true(
        values.some(value => value !== 0),
        `${release.version} ${one.name}`,
      );
    }
  }
});
