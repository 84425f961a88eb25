import {mkdtempSync, readdirSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import {sessionCount} from '../src/engines/native/session';
import {disposeEngines, setEngine, takeUsedEngines} from '../src/engines/registry';
import {runtime} from '../src/engines/wasm/run/runtime';
import {keras2} from '../src/libraries/all';
import {useBackend} from '../src/node/backend';
import {loadNativeBackend} from '../src/node/native';
import {useOnnx} from '../src/node/onnx';

const PREDICTIONS = 10_000;
const STEPS = 1_000;

const native = await loadNativeBackend();
const onnx = useOnnx();

/** What tfjs-node holds in TensorFlow. */
interface Binding {
  getNumOfTensors(): number;
  getNumOfSavedModels(): number;
}

interface Held {
  readonly tensors: number;
  readonly bytes: number;
  readonly handles?: number;
  readonly graphs?: number;
}

function held(): Held {
  const {numTensors: tensors, numBytes: bytes} = tf.memory();
  if (tf.getBackend() !== 'tensorflow') return {tensors, bytes};
  const {binding} = tf.backend() as unknown as {binding: Binding};
  return {tensors, bytes, handles: binding.getNumOfTensors(), graphs: binding.getNumOfSavedModels()};
}

/** What the wasm engine's kernel has: bytes handed out between calls, and all of its memory. */
function kernelMemory(): {used: number; bytes: number} {
  const {used, bytes} = runtime()!.kernel.heap;
  return {used, bytes};
}

function build(): {predict: () => void; train: () => void; dispose: () => void} {
  const layer = keras2.lstm({units: 3, returnSequences: true});
  const x = tf.ones([2, 4, 2]);
  const optimizer = tf.train.sgd(0.01);
  layer.apply(x);
  return {
    predict: () => (layer.apply(x) as tf.Tensor).dispose(),
    train: () => optimizer.minimize(() => tf.sum(layer.apply(x) as tf.Tensor)),
    dispose: () => {
      layer.dispose();
      x.dispose();
      optimizer.dispose();
    },
  };
}

const folder = mkdtempSync(join(tmpdir(), 'carryover-leaks-'));
const before = process.env.TMPDIR;
test.before(() => {
  process.env.TMPDIR = folder;
});
test.after.always(() => {
  if (before === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = before;
  rmSync(folder, {recursive: true});
});

if (native.available) {
  test.serial(
    `${PREDICTIONS} predictions and ${STEPS} training steps on native leave nothing behind`,
    async t => {
      t.timeout(5 * 60_000);
      await useBackend('tensorflow');
      setEngine('native');
      takeUsedEngines();
      const {predict, train, dispose} = build();
      predict();
      train();
      // A step changes the weights: what is kept of them is of those after it.
      predict();
      t.is(sessionCount(), 3);
      const start = held();
      for (let k = 0; k < PREDICTIONS; k++) predict();
      t.deepEqual(held(), start);
      for (let k = 0; k < STEPS; k++) train();
      predict();
      t.deepEqual(held(), start);
      t.deepEqual(takeUsedEngines(), ['native']);
      t.deepEqual(readdirSync(folder), []);
      dispose();
      disposeEngines();
      t.is(held().graphs, 0);
    },
  );
}

if (onnx.available) {
  test.serial(
    `${PREDICTIONS} predictions, and ${STEPS} between training steps, on onnx leave no tensors behind`,
    async t => {
      t.timeout(5 * 60_000);
      await useBackend(native.available ? 'tensorflow' : 'cpu');
      setEngine('onnx');
      const {predict, train, dispose} = build();
      predict();
      train();
      predict();
      takeUsedEngines();
      const start = held();
      for (let k = 0; k < PREDICTIONS; k++) predict();
      t.deepEqual(takeUsedEngines(), ['onnx']);
      t.deepEqual(held(), start);
      // Each step's weights are new ones, with a session of their own.
      for (let k = 0; k < STEPS; k++) {
        train();
        predict();
      }
      const {graphs, ...tensors} = held();
      const {graphs: none, ...atStart} = start;
      t.deepEqual(tensors, atStart);
      dispose();
      disposeEngines();
    },
  );
}

test.serial(
  `${PREDICTIONS} predictions and ${STEPS} training steps on wasm leave nothing behind, and its memory as it was`,
  async t => {
    t.timeout(5 * 60_000);
    await useBackend('cpu');
    setEngine('wasm', {threads: 1});
    takeUsedEngines();
    t.is(kernelMemory().used, 0);
    const {predict, train, dispose} = build();
    let most = 0;
    for (let k = 0; k < 3; k++) {
      predict();
      train();
      most = Math.max(most, kernelMemory().used);
    }
    predict();
    const [start, memory] = [held(), kernelMemory()];
    t.true(memory.used > 0);
    for (let k = 0; k < PREDICTIONS; k++) predict();
    t.deepEqual(held(), start);
    t.deepEqual(kernelMemory(), memory);
    for (let k = 0; k < STEPS; k++) {
      train();
      t.true(kernelMemory().used <= most);
    }
    predict();
    t.deepEqual(held(), start);
    t.deepEqual(kernelMemory(), memory);
    t.deepEqual(takeUsedEngines(), ['wasm']);
    const {heap} = runtime()!.kernel;
    dispose();
    disposeEngines();
    t.is(heap.used, 0);
  },
);
