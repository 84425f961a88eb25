import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import {setEngine} from '../src/engines/registry';
import {keras2} from '../src/libraries/all';
import {useBackend} from '../src/node/backend';
import {loadNativeBackend} from '../src/node/native';

/** What `native` does in another way where there is much of it, held against `ops`. */

const native = await loadNativeBackend();

/** The largest difference of outputs and states from those of `ops`. */
function difference(
  {shape, units, gates}: Call,
  others: {readonly goBackwards: boolean; readonly returnSequences: boolean},
): number {
  return tf.tidy(() => {
    const layer = keras2.lstm({units, recurrentActivation: gates, returnState: true, ...others});
    const x = tf.randomNormal([...shape], 0, 1, 'float32', 7);
    const run = (engine: string): tf.Tensor[] => {
      setEngine(engine);
      return layer.apply(x) as tf.Tensor[];
    };
    const want = run('ops');
    const off = run('native').map((value, k) => tf.max(tf.abs(tf.sub(value, want[k]!))).dataSync()[0]!);
    return Math.max(...off);
  });
}

interface Call {
  readonly what: string;
  readonly shape: readonly [number, number, number];
  readonly units: number;
  readonly gates: 'sigmoid' | 'hardSigmoid';
}

const CALLS: readonly Call[] = [
  {what: 'BlockLSTM in chunks of time', shape: [3, 1103, 5], units: 10, gates: 'sigmoid'},
  {what: 'BlockLSTM over a call of one chunk', shape: [3, 11, 5], units: 10, gates: 'sigmoid'},
  {
    what: 'short rounds of large steps, and one left over',
    shape: [127, 7, 3],
    units: 65,
    gates: 'hardSigmoid',
  },
];

for (const call of CALLS)
  for (const goBackwards of [false, true])
    for (const returnSequences of [false, true]) {
      const words = [
        call.what,
        goBackwards && 'backwards',
        returnSequences ? 'all outputs' : 'the last output',
      ];
      test.serial(words.filter(Boolean).join(', '), async t => {
        if (!native.available) {
          if (process.env.CI) t.fail(native.reason);
          else t.log(`not run: ${native.reason}`);
          t.pass();
          return;
        }
        await useBackend('tensorflow');
        t.true(difference(call, {goBackwards, returnSequences}) < 1e-5);
      });
    }
