import * as tf from '@tensorflow/tfjs-core';
import {sequential} from '@tensorflow/tfjs-layers';
import test from 'ava';
import {disposeEngines, setEngine} from '../src/engines/registry';
import type {Heap} from '../src/engines/wasm/run/heap';
import {runtime} from '../src/engines/wasm/run/runtime';
import {CarryoverError} from '../src/errors';
import {keras2} from '../src/libraries/all';
import {buildLayer, CHANGES, errorOf, outputOf, trainOn, X} from './support/weight-changes';

/** The weights that the wasm engine keeps packed, seen in its kernel's heap: between calls nothing else is there. */

const heap = (): Heap => runtime()!.kernel.heap;

/** Bytes of one version of `buildLayer`'s weights, and those of its way back as well. */
function packSizes(): {forward: number; both: number} {
  const layer = buildLayer();
  outputOf(layer, 'wasm');
  const forward = heap().used;
  tf.tidy(() => tf.grad(x => layer.apply(x) as tf.Tensor)(X));
  const both = heap().used;
  disposeEngines();
  return {forward, both};
}

const sizes = packSizes();

test.beforeEach(() => {
  disposeEngines();
  setEngine('wasm', {threads: 1});
});

test('weights are packed once per direction', t => {
  t.true(sizes.forward > 0);
  t.true(sizes.both > sizes.forward);
});

for (const [what, change] of Object.entries(CHANGES)) {
  test.serial(`weights changed by ${what} are packed anew`, t => {
    const layer = buildLayer();
    t.true(errorOf(layer, 'wasm') < 1e-6);
    const before = outputOf(layer, 'wasm');
    change(layer);
    t.true(errorOf(layer, 'wasm') < 1e-6);
    t.notDeepEqual(outputOf(layer, 'wasm'), before);
  });
}

test.serial('one pack serves all calls for as long as the weights are the same', t => {
  const layer = buildLayer();
  for (let k = 0; k < 5; k++) outputOf(layer, 'wasm');
  t.is(heap().used, sizes.forward);
  tf.tidy(() => layer.apply(tf.zeros([5, 7, 2])) as tf.Tensor);
  t.is(heap().used, sizes.forward);
});

test.serial('disposing of engines frees all packs, and the next call makes them again', t => {
  const layer = buildLayer();
  const before = outputOf(layer, 'wasm');
  const old = heap();
  t.is(old.used, sizes.forward);
  disposeEngines();
  t.is(old.used, 0);
  t.deepEqual(outputOf(layer, 'wasm'), before);
  t.is(heap().used, sizes.forward);
});

test.serial('of one recurrent kernel few packs are kept, the last ones used', t => {
  const layer = buildLayer();
  for (let k = 0; k < 10; k++) {
    layer.weights[2]!.write(tf.fill([12], k));
    outputOf(layer, 'wasm');
  }
  t.is(heap().used, 4 * sizes.forward);
});

test.serial('the packs of weights that are set anew are freed as the next ones are made', t => {
  const layer = buildLayer();
  for (let k = 0; k < 10; k++) {
    CHANGES.setWeights!(layer);
    outputOf(layer, 'wasm');
    t.is(heap().used, sizes.forward);
  }
});

test.serial('the packs of weights that training has replaced are freed as new ones are made', t => {
  const layer = buildLayer();
  const optimizer = tf.train.adam(0.1);
  for (let k = 0; k < 20; k++) {
    trainOn(layer, optimizer);
    t.true(heap().used <= sizes.both);
    outputOf(layer, 'wasm');
    t.true(heap().used <= sizes.both);
  }
  t.is(heap().used, sizes.forward);
});

test.serial('the packs of disposed layers and models are freed as new ones are made', t => {
  for (let k = 0; k < 3; k++) {
    const layer = keras2.lstm({units: 3});
    outputOf(layer, 'wasm');
    t.is(heap().used, sizes.forward);
    layer.dispose();
  }
  for (let k = 0; k < 3; k++) {
    const model = sequential({layers: [keras2.lstm({units: 3, inputShape: [3, 2]})]});
    tf.dispose(model.predict(X));
    t.is(heap().used, sizes.forward);
    model.dispose();
  }
});

test.serial('a training step for which memory runs out, wherever it does, gives back what it took', t => {
  const layer = buildLayer();
  const step = (): void => tf.tidy(() => void tf.grad(x => layer.apply(x) as tf.Tensor)(X));
  step();
  const usual = heap().used;
  let failures = 0;
  for (let failed = true; failed; ) {
    disposeEngines();
    const own = heap();
    const allocate = own.allocate.bind(own);
    let left = failures;
    own.allocate = bytes => {
      if (left-- === 0) throw new CarryoverError('E_ENGINE', 'no room');
      return allocate(bytes);
    };
    try {
      step();
      failed = false;
    } catch (error) {
      t.is((error as CarryoverError).code, 'E_ENGINE');
      failures += 1;
    }
    own.allocate = allocate;
    step();
    t.is(heap().used, usual);
  }
  t.true(failures > 4);
});
