import {existsSync, readdirSync, readFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {gunzipSync} from 'node:zlib';
import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import {readMetaGraph} from '../converters/graph-def';
import type {GraphNode} from '../converters/graph-def/node';
import {DataType} from '../converters/protobuf/tensorflow/tensor';
import {CarryoverError} from '../src/errors';
import {freeze} from '../src/graph/freeze';
import {nativeGraphs, nativeRunner} from '../src/graph/native/runner';
import type {ModelGraph} from '../src/graph/types';
import {useBackend} from '../src/node/backend';
import {readTensor} from '../src/node/index';
import {readWeights} from '../src/node/load';
import {loadNativeBackend} from '../src/node/native';
import {compare} from '../src/verify/compare';
import {model, node} from './support/small-graphs';

const native = await loadNativeBackend();
if (native.available) await useBackend('tensorflow');
else console.log(`not run on TensorFlow: ${native.reason}`);
const serial = native.available ? test.serial : test.serial.skip;

const GOLDEN = 'fixtures/golden';

interface Golden {
  readonly sources: readonly {readonly format: string; readonly path: string}[];
  readonly inputs: Readonly<Record<string, string>>;
  readonly outputs: Readonly<Record<string, string>>;
  readonly tolerance: {readonly atol: number; readonly rtol: number};
}

/** The golden case of a graph among the fixtures: `tf1.15-rnn-gru` is `tf1.15-rnn/gru`. */
function caseOf(graph: string): string {
  const families = readdirSync(GOLDEN).filter(family => graph.startsWith(`${family}-`));
  const family = families.toSorted((a, b) => b.length - a.length)[0] ?? '';
  return `${GOLDEN}/${family}/${graph.slice(family.length + 1)}`;
}

const graphs = readdirSync('fixtures/graphs')
  .filter(name => name.endsWith('.meta.gz') && !name.includes('-functions'))
  .map(name => name.replace('.meta.gz', ''));

async function frozen(name: string, folder: string, outputs?: readonly string[]): Promise<ModelGraph> {
  const golden = JSON.parse(readFileSync(`${folder}/golden.json`, 'utf8')) as Golden;
  const {path} = golden.sources.find(({format}) => format.startsWith('tf-checkpoint'))!;
  const file = await readWeights(`${folder}/${path}`);
  const bytes = new Uint8Array(gunzipSync(readFileSync(`fixtures/graphs/${name}.meta.gz`)));
  const meta = readMetaGraph(bytes, name);
  const graph = freeze({name, graph: meta.graph, meta}, file, {outputs});
  file.close();
  return graph;
}

/** Runs a graph on its case's inputs; how many of the case's outputs are among what comes out. */
async function agreeing(graph: ModelGraph, folder: string): Promise<number> {
  const golden = JSON.parse(readFileSync(`${folder}/golden.json`, 'utf8')) as Golden;
  const names = Object.keys(golden.inputs);
  const inputs = await Promise.all(
    graph.inputs.map(async ({name, dtype}, k) => {
      const own = names.find(candidate => candidate === name) ?? names[k]!;
      const tensor = await readTensor(`${folder}/${golden.inputs[own]}`);
      return tf.cast(tensor, dtype?.includes('int') ? 'int32' : 'float32');
    }),
  );
  const runner = nativeRunner(graph);
  const results = runner.run(
    inputs,
    graph.outputs.map(({ref}) => ref),
  );
  runner.dispose();
  const wanted = await Promise.all(
    Object.values(golden.outputs).map(file => readTensor(`${folder}/${file}`)),
  );
  const numbers = (tensor: tf.Tensor) => ({
    shape: tensor.shape,
    values: Float64Array.from(tensor.dataSync()),
  });
  // Tensors of float64 come out as float32.
  const doubles = graph.inputs.some(({dtype}) => dtype === 'float64');
  const tolerance = doubles ? {atol: 1e-6, rtol: 1e-6} : golden.tolerance;
  const found = wanted.filter(want =>
    results.some(
      got =>
        got.size === want.size &&
        compare('', {...numbers(got), shape: want.shape}, numbers(want), tolerance).passed,
    ),
  );
  tf.dispose([inputs, results, wanted]);
  return found.length;
}

for (const name of graphs) {
  const folder = caseOf(name);
  serial(`${name}: the pruned graph gives TensorFlow's numbers in one call`, async t => {
    t.true(existsSync(folder));
    t.true((await agreeing(await frozen(name, folder), folder)) > 0);
  });
}

serial('loops of the second kind run with their functions, variables read inside of them', async t => {
  let functions = 0;
  for (const name of ['basic_lstm', 'gru_float16', 'lstm_partitioned_variable', 'bidir_basic_lstm_lengths']) {
    const plain = `tf2.15-compat-v1-rnn-${name}`;
    const folder = caseOf(plain);
    const outputs = (await frozen(plain, folder)).outputs
      .map(one => one.name)
      .filter(one => !/while|Exit/.test(one));
    const graph = await frozen(`${plain}-functions`, folder, outputs);
    functions += graph.functions.length;
    t.true((await agreeing(graph, folder)) > 0, name);
  }
  t.true(functions > 4);
});

const TYPES = [
  ['DT_INT64', [3, -2147483648, 2147483647], 'int32'],
  ['DT_UINT8', [3, 0, 255], 'int32'],
  ['DT_INT16', [3, -32768, 32767], 'int32'],
  ['DT_DOUBLE', [0.5, -1.25, 3], 'float32'],
  ['DT_HALF', [0.5, -1.25, 2048], 'float32'],
  ['DT_BFLOAT16', [0.5, -1.25, 2], 'float32'],
  ['DT_FLOAT', [0.5, -1.25, 3], 'float32'],
  ['DT_INT32', [1, 2, -3], 'int32'],
  ['DT_BOOL', [1, 0, 1], 'bool'],
] as const;

for (const [type, values, dtype] of TYPES) {
  serial(
    `inputs and outputs of ${type} are fed and read as ${dtype}, and the graph runs in its own type`,
    t => {
      const T = {type: DataType[type]};
      const graph = model([node('x', 'Placeholder', [], {dtype: T}), node('y', 'Identity', ['x:0'], {T})]);
      const runner = nativeRunner(graph);
      const x = tf.tensor1d([...values], dtype);
      const [y, back] = runner.run([x], ['y:0', 'x:0']);
      t.is(y!.dtype, dtype);
      t.deepEqual([...y!.dataSync()], [...values]);
      t.deepEqual([...back!.dataSync()], [...values]);
      runner.dispose();
      tf.dispose([x, y!, back!]);
    },
  );
}

serial('strings go through', t => {
  const T = {type: DataType.DT_STRING};
  const graph = model([node('x', 'Placeholder', [], {dtype: T}), node('y', 'Identity', ['x:0'], {T})]);
  const runner = nativeRunner(graph);
  const x = tf.tensor1d(['a', 'Straße', '']);
  const [y] = runner.run([x], ['y:0']);
  t.deepEqual([...(y!.dataSync() as unknown as string[])], ['a', 'Straße', '']);
  runner.dispose();
  tf.dispose([x, y!]);
});

serial('a whole number beyond int32 is refused, not cut', t => {
  const T = {type: DataType.DT_INT64};
  const graph = model([node('x', 'Placeholder', [], {dtype: T}), node('y', 'Mul', ['x:0', 'x:0'], {T})]);
  const runner = nativeRunner(graph);
  const x = tf.tensor1d([1, 100_000], 'int32');
  t.throws(() => runner.run([x], ['y:0']));
  const {tensors} = held();
  const error = t.throws(() => runner.run([x], ['y:0']), {instanceOf: CarryoverError, code: 'E_UNSUPPORTED'});
  t.is(
    error!.message,
    "'y:0' gives 10000000000, which is beyond int32, the only whole numbers that TensorFlow.js has",
  );
  t.is(held().tensors, tensors);
  runner.dispose();
  x.dispose();
});

const FLOAT = {T: {type: DataType.DT_FLOAT}};
const INT = {T: {type: DataType.DT_INT32}};
const placeholder = (name: string): GraphNode =>
  node(name, 'Placeholder', [], {dtype: {type: DataType.DT_FLOAT}});
const constant = (name: string, value: number): GraphNode =>
  node(name, 'Const', [], {
    dtype: {type: DataType.DT_INT32},
    value: {tensor: {dtype: DataType.DT_INT32, tensorShape: {dim: []}, intVal: Uint8Array.of(value)}},
  });

serial('constants of a loop run in its frame, though nothing says any more what they wait for', t => {
  // i from 0 while i < 5: i + (1 + 1), where both ones are constants in the loop alone.
  const frame = {frame_name: {s: new TextEncoder().encode('loop')}, ...INT};
  const graph = model([
    constant('zero', 0),
    constant('five', 5),
    constant('one', 1),
    node('enter', 'Enter', ['zero:0'], frame),
    node('merge', 'Merge', ['enter:0', 'next:0'], {...INT, N: {i: 2}}),
    node('less', 'Less', ['merge:0', 'five:0'], INT),
    node('cond', 'LoopCond', ['less:0']),
    node('switch', 'Switch', ['merge:0', 'cond:0'], INT),
    node('two', 'AddV2', ['one:0', 'one:0'], INT),
    node('add', 'AddV2', ['switch:1', 'two:0'], INT),
    node('next', 'NextIteration', ['add:0'], INT),
    node('exit', 'Exit', ['switch:0'], INT),
  ]);
  const runner = nativeRunner(graph);
  const [end, two] = runner.run([], ['exit:0', 'two:0']);
  t.is(end!.dataSync()[0], 6);
  t.is(two!.dataSync()[0], 2);
  runner.dispose();
  tf.dispose([end!, two!]);
});

serial('a node without a type of its own takes that of what it hands on', t => {
  const graph = model([placeholder('x'), node('y', 'Identity', ['x:0']), node('z', 'Neg', ['y:0'], FLOAT)]);
  const runner = nativeRunner(graph);
  const x = tf.scalar(2.5);
  const [z] = runner.run([x], ['z:0']);
  t.is(z!.dataSync()[0], -2.5);
  runner.dispose();
  tf.dispose([x, z!]);
});

serial('an operation that TensorFlow lacks is named, with its node and what to do', t => {
  const runner = nativeRunner(model([placeholder('x'), node('a/b', 'NoSuchOp', ['x:0'])]));
  const error = t.throws(() => runner.run([tf.scalar(1)], ['a/b:0']), {code: 'E_UNSUPPORTED'});
  t.regex(
    error!.message,
    /^graph: node 'a\/b' is a NoSuchOp, an operation that TensorFlow's C library lacks .*--until/,
  );
});

serial('what TensorFlow refuses at a run is told with its node', t => {
  const runner = nativeRunner(model([placeholder('x'), node('in/product', 'MatMul', ['x:0', 'x:0'], FLOAT)]));
  const x = tf.ones([2, 3]);
  const error = t.throws(() => runner.run([x], ['in/product:0']), {code: 'E_SHAPE'});
  t.regex(error!.message, /Matrix size-incompatible.*\(node 'in\/product', MatMul\)$/);
  t.throws(() => runner.run([x], ['nothing:0']), {
    code: 'E_USAGE',
    message: "graph: the graph has no 'nothing:0'",
  });
  runner.dispose();
  x.dispose();
});

serial('CuDNN and recurrences of ours are refused before anything is loaded', t => {
  const cudnn = model([placeholder('x'), node('rnn', 'CudnnRNN', ['x:0'])]);
  t.is(
    nativeGraphs.refuses(cudnn),
    "node 'rnn' is a CudnnRNN, which TensorFlow runs on graphics processors alone",
  );
  const ours = model([placeholder('x'), node('rnn', 'CarryoverRecurrence', ['x:0'])]);
  t.throws(() => nativeRunner(ours), {code: 'E_ENGINE', message: /recurrence of Carryover's/});
});

function held(): {readonly tensors: number; readonly graphs: number} {
  const {binding} = tf.backend() as unknown as {
    binding: {getNumOfTensors(): number; getNumOfSavedModels(): number};
  };
  return {tensors: binding.getNumOfTensors(), graphs: binding.getNumOfSavedModels()};
}

serial('runs leave no tensors, graphs or folders behind', t => {
  const T = {type: DataType.DT_DOUBLE};
  const graph = model([node('x', 'Placeholder', [], {dtype: T}), node('y', 'Neg', ['x:0'], {T})]);
  const folders = (): number =>
    readdirSync(tmpdir()).filter(name => name.startsWith('carryover-graph-')).length;
  const runner = nativeRunner(graph);
  const x = tf.tensor1d([1, 2]);
  x.dataSync();
  tf.dispose(runner.run([x], ['y:0']));
  const before = {...held(), numbers: tf.memory().numTensors};
  const foldersBefore = folders();
  for (let k = 0; k < 50; k++) tf.dispose(runner.run([x], ['y:0']));
  t.deepEqual({...held(), numbers: tf.memory().numTensors}, before);
  runner.dispose();
  t.is(held().graphs, before.graphs - 1);
  t.true(folders() <= foldersBefore);
  x.dispose();
});
