import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import * as tf from '@tensorflow/tfjs';
import test from 'ava';
import {formatNamed} from '../converters/formats';
import {readTfjs} from '../converters/tfjs/read';
import type {GraphLayersModel} from '../src/graph/model';
import {registerGraphOps} from '../src/graph/registered';
import {graphFiles} from '../src/graph/write/files';
import {useBackend} from '../src/node/backend';
import {writeFolder} from '../src/node/files/write';
import {findGoldens} from '../src/node/golden';
import {graphHandler, openModel, readArray} from '../src/node/index';
import {loadNativeBackend} from '../src/node/native';
import {compare} from '../src/verify/compare';
import {inputTensors, runModel} from '../src/verify/verify';

// Graphs written for TensorFlow.js, with recurrences and without, and as SavedModels, give the golden outputs.

tf.enableProdMode();
const native = await loadNativeBackend();
const CASES = findGoldens(['fixtures/golden/tf1-graphs']);
const TOLERANCE = {atol: 2e-5, rtol: 2e-5};

interface Golden {
  readonly sources: readonly {readonly path: string}[];
  readonly inputs: Readonly<Record<string, string>>;
  readonly outputs: Readonly<Record<string, string>>;
}

async function arraysOf(folder: string, files: Readonly<Record<string, string>>) {
  const entries = Object.entries(files).map(async ([name, file]) => {
    return [name, await readArray(join(folder, file))] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

/** The model of a case, with what the case asks for put out, by the graph's own names. */
async function opened(folder: string) {
  const golden = JSON.parse(readFileSync(join(folder, 'golden.json'), 'utf8')) as Golden;
  const source = join(folder, golden.sources[0]!.path);
  const names = Object.keys(golden.outputs);
  const first = await openModel(source, {inside: names, inputs: Object.keys(golden.inputs)});
  const model = first.model as GraphLayersModel;
  const known = new Map(
    model.graph.outputs.flatMap(({ref, name, aliases}) => [name, ...aliases].map(one => [one, ref])),
  );
  const refs = names.map(
    name =>
      known.get(name) ??
      model.graph.names.get(name) ??
      (names.length === 1 ? model.graph.outputs[0]!.ref : name),
  );
  model.dispose();
  const again = await openModel(source, {outputs: refs, inputs: Object.keys(golden.inputs)});
  const inputs = await arraysOf(folder, golden.inputs);
  const want = Object.values(await arraysOf(folder, golden.outputs));
  return {model: again.model as GraphLayersModel, inputs, want};
}

const numbers = (shape: readonly number[], values: ArrayLike<number | bigint>) => ({
  shape: [...shape],
  values: Float32Array.from(values, Number),
});

test.before(async () => {
  await tf.setBackend('cpu');
  registerGraphOps(tf);
});

/** What TensorFlow.js alone cannot say, and why. */
const BEYOND: Readonly<Record<string, RegExp>> = {
  block_lstm: /node 'lstm_fused_cell\/BlockLSTM': TensorFlow.js has no operation BlockLSTM/,
  while_v2_lengths: /node 'rnn\/Minimum': a loop that ends with the longest row/,
};

for (const [name, message] of Object.entries(BEYOND)) {
  test.serial(`${name} cannot be written portable, and is told why`, async t => {
    const {model} = await opened(`fixtures/golden/tf1-graphs/${name}`);
    const attempt = () => graphFiles(model, formatNamed('tfjs')!, {portable: true});
    await t.throwsAsync(attempt, {code: 'E_UNSUPPORTED', message});
    model.dispose();
  });
}

for (const folder of CASES) {
  for (const portable of Object.hasOwn(BEYOND, folder.split('/').at(-1)!) ? [false] : [false, true]) {
    test.serial(
      `${folder}, ${portable ? 'portable' : 'with its recurrences'}: tf.loadGraphModel runs it`,
      async t => {
        const {model, inputs, want} = await opened(folder);
        const files = await graphFiles(model, formatNamed('tfjs')!, {portable});
        const bytes = new Map(files.map(one => [one.name, one.bytes]));
        const artifacts = await readTfjs(async name => bytes.get(name)!);
        const nodes = (artifacts.modelTopology as {node: {op: string}[]}).node;
        if (portable) t.false(nodes.some(({op}) => op.startsWith('Carryover')));
        else t.is(nodes.filter(({op}) => op === 'CarryoverRecurrence').length, model.graph.recurrences.size);
        const copy = await tf.loadGraphModel({load: async () => artifacts});
        const tensors = inputTensors(model, inputs);
        const given = Object.fromEntries(
          model.graph.inputs.map(({ref}, k) => [
            ref.replace(/:0$/, ''),
            tf.cast(tensors[k]!, model.inputs[k]!.dtype),
          ]),
        );
        const names = model.graph.outputs.map(({ref}) => ref.replace(/:0$/, ''));
        const turns = nodes.some(({op}) => /^(Enter|Switch|Merge)$/.test(op));
        const made = turns ? await copy.executeAsync(given, names) : copy.execute(given, names);
        const results = [made].flat();
        t.is(results.length, want.length);
        for (const [k, result] of results.entries()) {
          const got = numbers(result.shape, result.dataSync());
          const {passed, maxAbs} = compare(
            names[k]!,
            got,
            numbers(want[k]!.shape, want[k]!.values as Float32Array),
            TOLERANCE,
          );
          t.true(passed, `${names[k]} differs by ${maxAbs}`);
        }
        copy.dispose();
        model.dispose();
      },
    );
  }

  test.serial(`${folder}: its SavedModel gives the same`, async t => {
    const {model, inputs, want} = await opened(folder);
    const out = join(mkdtempSync(join(tmpdir(), 'carryover-graph-')), 'saved');
    try {
      const files = await graphFiles(model, formatNamed('saved-model')!, {portable: false});
      await writeFolder(
        out,
        async stage => {
          for (const {name, bytes} of files) writeFileSync(join(stage, name), bytes);
        },
        {force: false, ours: () => false},
      );
      const copy = await openModel(out);
      const got = [...runModel(copy.model, inputs).values()];
      for (const [k, array] of want.entries()) {
        const own = numbers(got[k]!.shape, got[k]!.values as Float32Array);
        t.true(compare(`${k}`, own, numbers(array.shape, array.values as Float32Array), TOLERANCE).passed);
      }
      copy.model.dispose();
    } finally {
      model.dispose();
      rmSync(out, {recursive: true, force: true});
    }
  });
}

test.serial('graphHandler loads a frozen graph through tf.loadGraphModel', async t => {
  const folder = 'fixtures/golden/tf1-graphs/mean_over_time';
  const model = await tf.loadGraphModel(graphHandler(`${folder}/frozen.pb`));
  const golden = JSON.parse(readFileSync(`${folder}/golden.json`, 'utf8')) as Golden;
  const [x] = Object.values(await arraysOf(folder, golden.inputs));
  const [y] = Object.values(await arraysOf(folder, golden.outputs));
  const result = model.predict(tf.tensor(x!.values as Float32Array, [...x!.shape])) as tf.Tensor;
  const got = numbers(result.shape, result.dataSync());
  t.true(compare('y', got, numbers(y!.shape, y!.values as Float32Array), TOLERANCE).passed);
  model.dispose();
});

const withNative = native.available ? test.serial : test.serial.skip;
withNative("tfjs-node's own loader of SavedModels loads what is written", async t => {
  await useBackend('tensorflow');
  const folder = 'fixtures/golden/tf1-graphs/manual_reverse';
  const {model, inputs, want} = await opened(folder);
  const files = await graphFiles(model, formatNamed('saved-model')!, {portable: false});
  const out = mkdtempSync(join(tmpdir(), 'carryover-graph-'));
  writeFileSync(join(out, files[0]!.name), files[0]!.bytes);
  const copy = await openModel(out, {engine: 'native'});
  const [got] = [...runModel(copy.model, inputs).values()];
  t.true(
    compare(
      'y',
      numbers(got!.shape, got!.values as Float32Array),
      numbers(want[0]!.shape, want[0]!.values as Float32Array),
      TOLERANCE,
    ).passed,
  );
  copy.model.dispose();
  model.dispose();
  rmSync(out, {recursive: true});
});
