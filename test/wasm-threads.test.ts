import {execFile} from 'node:child_process';
import {promisify} from 'node:util';
import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import {disposeEngines, setEngine} from '../src/engines/registry';
import {runtime} from '../src/engines/wasm/run/runtime';
import {shardFrom} from '../src/engines/wasm/run/sharding';
import {keras2} from '../src/libraries/all';
import {useBackend} from '../src/node/backend';
import {threadsStarted} from './support/threads';

await useBackend('cpu');

const layer = keras2.lstm({units: 24, returnSequences: true, returnState: true});
const x = tf.randomNormal([7, 11, 5], 0, 1, 'float32', 3);
layer.apply(x);

/** Outputs, states and gradients of weights, one after the other. */
function everything(between: () => void = () => undefined): number[] {
  return tf.tidy(() => {
    const outputs = layer.apply(x) as tf.Tensor[];
    const {grads} = tf.variableGrads(() => {
      const [y, ...states] = layer.apply(x) as tf.Tensor[];
      between();
      return tf.add(tf.sum(tf.square(y!)), tf.sum(tf.square(states[1]!))) as tf.Scalar;
    });
    return [...outputs, ...Object.values(grads)].flatMap(tensor => [...tensor.dataSync()]);
  });
}

function alike(got: readonly number[], want: readonly number[]): boolean {
  return got.length === want.length && got.every((value, k) => Math.abs(value - want[k]!) <= 1e-5);
}

test.serial('two and three threads give what one gives', async t => {
  setEngine('wasm', {threads: 1});
  const one = everything();
  t.is(runtime()!.threads, 1);
  t.false(runtime()!.kernel.shared);
  shardFrom(0);
  for (const count of [2, 3]) {
    setEngine('wasm', {threads: count});
    // While workers are starting, one thread does it.
    t.true(alike(everything(), one));
    await threadsStarted(count);
    t.true(alike(everything(), one));
  }
  shardFrom();
});

test.serial('a gradient is the same when threads, and all memory, have changed since the forward pass', t => {
  setEngine('wasm', {threads: 1});
  const want = everything();
  t.true(alike(everything(disposeEngines), want));
  t.true(
    alike(
      everything(() => setEngine('wasm', {threads: 2})),
      want,
    ),
  );
});

test.serial('what a forward pass leaves is freed when nobody asks for its gradient', t => {
  setEngine('wasm', {threads: 1});
  everything();
  const {heap} = runtime()!.kernel;
  const before = heap.used;
  const sizes: number[] = [];
  for (let k = 0; k < 3; k++) {
    everything(() => sizes.push(heap.used));
    t.is(heap.used, before);
  }
  t.true(sizes.every(used => used > before));
});

test('a program ends while its workers wait for work', async t => {
  const code = `
    import * as tf from '@tensorflow/tfjs-core';
    import {keras2, setEngine} from './src/index';
    import {useBackend} from './src/node/backend';
    import {runtime} from './src/engines/wasm/run/runtime';
    import {shardFrom} from './src/engines/wasm/run/sharding';
    await useBackend('cpu');
    setEngine('wasm', {threads: 2});
    shardFrom(0);
    const layer = keras2.gru({units: 4});
    layer.apply(tf.ones([2, 3, 4]));
    while (runtime().threads < 2) await new Promise(done => setTimeout(done, 5));
    layer.apply(tf.ones([2, 3, 4]));
    console.log('done');
  `;
  const args = ['--import=tsx', '--input-type=module', '--eval', code];
  const {stdout} = await promisify(execFile)(process.execPath, args, {timeout: 60_000});
  t.is(stdout.trim(), 'done');
});
