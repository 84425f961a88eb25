import {readFileSync} from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import {readNpy} from '../converters';
import {openAny} from '../converters/open';
import {freeze} from '../src/graph/freeze';
import {withRecurrences} from '../src/graph/recurrences';
import {recurrenceRunner} from '../src/graph/recurrences/runner';
import type {ModelGraph} from '../src/graph/types';
import {useBackend} from '../src/node/backend';
import {diskFiles} from '../src/node/files/disk';

test.before(() => useBackend('cpu'));

const GOLDEN = 'fixtures/golden';

async function graphOf(path: string): Promise<ModelGraph> {
  const file = await openAny(diskFiles, path);
  const found = await file.findGraph!();
  return freeze(found!, file);
}

function tensor(folder: string, name: string): tf.Tensor {
  const {shape, values, dtype} = readNpy(readFileSync(`${folder}/${name}.npy`), name);
  return tf.tensor(values as Float32Array, [...shape], /int/.test(dtype) ? 'int32' : 'float32');
}

const close = (t: import('ava').ExecutionContext, actual: tf.Tensor, expected: tf.Tensor): void => {
  t.deepEqual(actual.shape, expected.shape);
  const difference = tf.tidy(() => tf.max(tf.abs(tf.sub(actual, expected))).dataSync()[0]!);
  t.true(difference < 2e-6, `${difference}`);
};

for (const [path, states] of [
  ['tf0.12-rnn/basic_lstm/v2/model.ckpt', ['state.c', 'state.h']],
  ['tf1.15-rnn/basic_lstm/frozen.pb', ['state.c', 'state.h']],
  ['tf1.15-rnn/basic_lstm/saved_model', ['state.c', 'state.h']],
  ['tf1.15-rnn/basic_lstm_with_meta/v2/model.ckpt', ['state.c', 'state.h']],
  ['tf1.15-rnn/gru/frozen.pb', ['state']],
  ['tf2.15-compat-v1-rnn/basic_lstm/frozen.pb', ['state.c', 'state.h']],
  ['tf2.15-compat-v1-rnn/gru/frozen.pb', ['state']],
] as const) {
  test(`${path}: its loop is one recurrence, which gives what TensorFlow gave`, async t => {
    const graph = withRecurrences(await graphOf(`${GOLDEN}/${path}`));
    t.false(graph.nodes.some(({op}) => /^(NextIteration|Enter|While|StatelessWhile)$/.test(op)));
    t.is(graph.recurrences.size, 1);
    const [[name, recurrence] = t.fail() as never] = [...graph.recurrences];
    t.true(graph.nodes.some(node => node.name === name));
    const folder = `${GOLDEN}/${path.split('/').slice(0, 2).join('/')}`;
    const {inputs, outputs} = recurrence;
    const expected = ['y', ...states].map(output => tensor(folder, output));
    const given = inputs.map(input => {
      if (input === 'x') return tf.transpose(tensor(folder, 'x'), [1, 0, 2]);
      return input === 'lengths' ? tensor(folder, 'lengths') : tf.zerosLike(expected[1]!);
    });
    const runner = recurrenceRunner(recurrence);
    const results = runner.run(given);
    t.is(results.length, outputs.length);
    close(t, tf.transpose(results[0]!, [1, 0, 2]), expected[0]!);
    for (const [k, state] of results.slice(1).entries()) close(t, state, expected[k + 1]!);
    const before = tf.memory().numTensors;
    for (const result of runner.run(given)) result.dispose();
    t.is(tf.memory().numTensors, before);
    runner.dispose();
  });
}
