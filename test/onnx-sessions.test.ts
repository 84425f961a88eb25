import {setTimeout as sleep} from 'node:timers/promises';
import {setFlagsFromString} from 'node:v8';
import {runInNewContext} from 'node:vm';
import * as tf from '@tensorflow/tfjs-core';
import {sequential} from '@tensorflow/tfjs-layers';
import test from 'ava';
import {onnxEngine} from '../src/engines/onnx/engine';
import type {OnnxRuntime} from '../src/engines/onnx/runtime';
import {registerEngine, setEngine} from '../src/engines/registry';
import {keras2} from '../src/libraries/all';
import {loadOnnx} from '../src/node/onnx';
import {buildLayer, CHANGES, errorOf, outputOf, trainOn, X} from './support/weight-changes';

/** The onnx engine on ONNX Runtime itself, with its sessions counted. */

const sessions = {live: 0, made: 0};
const runtime = loadOnnx() as OnnxRuntime;
const counted: OnnxRuntime = {
  createSession: (...args) => {
    const session = runtime.createSession(...args);
    sessions.live += 1;
    sessions.made += 1;
    return {
      run: (...call) => session.run(...call),
      release: () => {
        sessions.live -= 1;
        session.release();
      },
    };
  },
};
const engine = {...onnxEngine(() => counted), name: 'counted'};

registerEngine(engine);

test.beforeEach(() => {
  engine.dispose!();
  sessions.made = 0;
  setEngine('counted');
});

for (const [what, change] of Object.entries(CHANGES)) {
  test.serial(`weights changed by ${what} are seen`, t => {
    const layer = buildLayer();
    t.true(errorOf(layer, 'counted') < 1e-5);
    const before = outputOf(layer, 'counted');
    change(layer);
    t.true(errorOf(layer, 'counted') < 1e-5);
    t.notDeepEqual(outputOf(layer, 'counted'), before);
  });
}

test.serial('a session serves all calls for as long as weights and settings are the same', t => {
  const layer = buildLayer();
  for (let k = 0; k < 5; k++) outputOf(layer, 'counted');
  t.is(sessions.made, 1);
  tf.tidy(() => layer.apply(tf.zeros([1, 7, 2])) as tf.Tensor);
  t.is(sessions.made, 1);
});

test.serial('disposing of engines frees all sessions, and the next call makes them again', t => {
  const layer = buildLayer();
  const before = outputOf(layer, 'counted');
  t.is(sessions.live, 1);
  engine.dispose!();
  t.is(sessions.live, 0);
  t.deepEqual(outputOf(layer, 'counted'), before);
  t.is(sessions.live, 1);
});

test.serial('of one recurrent kernel few sessions are kept, the last ones used', t => {
  const layer = buildLayer();
  for (let k = 0; k < 10; k++) {
    layer.weights[2]!.write(tf.fill([12], k));
    outputOf(layer, 'counted');
  }
  t.is(sessions.made, 10);
  t.is(sessions.live, 4);
  outputOf(layer, 'counted');
  t.is(sessions.made, 10);
});

test.serial('the sessions of weights that training has replaced are freed as new ones are made', t => {
  const layer = buildLayer();
  const optimizer = tf.train.sgd(0.1);
  for (let k = 0; k < 20; k++) {
    trainOn(layer, optimizer);
    outputOf(layer, 'counted');
  }
  t.is(sessions.made, 20);
  t.is(sessions.live, 1);
});

test.serial('the sessions of disposed models are freed as new ones are made', t => {
  for (let k = 0; k < 3; k++) {
    const model = sequential({layers: [keras2.gru({units: 3, inputShape: [3, 2]})]});
    tf.dispose(model.predict(X));
    model.dispose();
  }
  t.is(sessions.made, 3);
  t.is(sessions.live, 1);
});

test.serial(
  'sessions of weights that nothing holds any longer are freed though nothing new is made',
  async t => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const use = (): void =>
      tf.tidy(() => {
        const weights = {kernel: tf.ones([2, 12]), recurrentKernel: tf.ones([3, 12])};
        const inputs = {x: X, weights, initial: {}, dropout: {}};
        engine.forward({...buildLayer().recurrence, input: 'features'}, inputs, {
          returns: 'last',
          save: false,
        });
      });
    use();
    t.is(sessions.live, 1);
    for (let k = 0; k < 50 && sessions.live > 0; k++) {
      collect();
      await sleep(20);
    }
    t.is(sessions.live, 0);
  },
);
