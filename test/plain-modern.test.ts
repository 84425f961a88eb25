import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import {loadLayersModel} from '@tensorflow/tfjs-layers';
import test from 'ava';
import {builtOf, fedOf, maskAfter, modernReleases} from './support/modern-cases';
import {TOLERANCE, worst} from './support/plain-cases';

for (const release of modernReleases) {
  for (const one of release.cases) {
    test(`Keras ${release.version}: ${one.name} computes what Keras computed`, t => {
      const {whole, built} = builtOf(one, release);
      const fed = fedOf(one);
      const outputs = [whole.predict(fed)].flat() as tf.Tensor[];
      const expected = one.outputs ?? [one.output];
      if (!one.training) {
        for (const [k, y] of outputs.entries()) {
          t.deepEqual(y.shape, expected[k]!.shape);
          t.true(worst(y, expected[k]!) < TOLERANCE, `output ${k} is off by ${worst(y, expected[k]!)}`);
          t.deepEqual(
            whole.outputs[k]!.shape.slice(1),
            expected[k]!.shape.slice(1),
            'the shape is known beforehand',
          );
        }
      }
      if (one.mask) t.is(worst(maskAfter(whole, fed), one.mask), 0, 'mask');
      if (one.masked && one.mask === null) t.is(tf.min(maskAfter(whole, fed)).dataSync()[0], 1, 'no mask');
      t.is(built.roles.length, one.weights.length, 'one name for each array');
    });
  }
}
void loadLayersModel;
