import {spawnSync} from 'node:child_process';
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import type {NdArray} from '../converters/arrays';
import type {Writable} from '../converters/checkpoint/values';
import {writeCheckpointFile} from '../src/node/files/write-checkpoint';
import {readWeights} from '../src/node/load';

// The real TensorFlow is asked. Where CI is set its environment is made, and its absence is a failure.
const required = process.env.CI === 'true';
const found = spawnSync(
  process.execPath,
  ['scripts/python-tensorflow.mjs', ...(required ? [] : ['--existing'])],
  {encoding: 'utf8', stdio: ['ignore', 'pipe', required ? 'inherit' : 'pipe']},
);
const python = found.status === 0 ? found.stdout.trim() : undefined;

/** Runs a Python program with TensorFlow; the JSON that it prints last. */
function ask(program: string, ...args: string[]): unknown {
  const ran = spawnSync(python!, ['-c', program, ...args], {
    encoding: 'utf8',
    env: {...process.env, TF_CPP_MIN_LOG_LEVEL: '3', PYTHONDONTWRITEBYTECODE: '1'},
    maxBuffer: 1 << 28,
  });
  if (ran.status !== 0) throw new Error(ran.stderr.slice(-2000));
  return JSON.parse(ran.stdout.trim().split('\n').at(-1)!);
}

/** 64-bit integers as text; other numbers as they are, -0 and infinities included. */
const SHOW = `
import json, sys
import numpy as np
import tensorflow as tf
v1 = tf.compat.v1

def shown(value, dtype):
    value = np.asarray(value).reshape(-1)
    if dtype == tf.string: return [text.decode() for text in value]
    if dtype in (tf.int64, tf.uint64): return [str(x) for x in value]
    if dtype.is_floating: return [repr(float(x)) for x in value]
    return [int(x) for x in value]

def entry(value, dtype):
    return {'dtype': dtype.name, 'shape': list(np.shape(value)), 'values': shown(value, dtype)}
`;

const LOAD = `${SHOW}
reader = tf.train.load_checkpoint(sys.argv[1])
types = reader.get_variable_to_dtype_map()
print(json.dumps({name: entry(reader.get_tensor(name), types[name]) for name in types}))
`;

/** As a program of its time would: variables of the graph, filled by Saver.restore. */
const RESTORE = `${SHOW}
reader = v1.train.NewCheckpointReader(sys.argv[1])
shapes, types = reader.get_variable_to_shape_map(), reader.get_variable_to_dtype_map()
with tf.Graph().as_default(), v1.Session() as session:
    blank = lambda name: np.full(shapes[name], '' if types[name] == tf.string else 0, object if types[name] == tf.string else types[name].as_numpy_dtype)
    variables = {name: v1.Variable(blank(name), dtype=types[name]) for name in shapes}
    v1.train.Saver(variables).restore(session, sys.argv[1])
    print(json.dumps({name: entry(session.run(variables[name]), types[name]) for name in shapes}))
`;

/** A variable per case; cut along one axis or the other; V1 records beyond a block of the table. */
const SAVE = `${SHOW}
folder = sys.argv[1]
with tf.Graph().as_default(), v1.Session(config=v1.ConfigProto(device_count={'CPU': 3})) as session:
    pieces = {}
    for name, shape, cut in (('rows', [50, 3], v1.fixed_size_partitioner(7)), ('columns', [4, 90], v1.fixed_size_partitioner(8, axis=1)), ('large', [600, 300], None)):
        with v1.variable_scope('', partitioner=cut), tf.device('/cpu:%d' % len(pieces)):
            pieces[name] = v1.get_variable(name, shape, tf.float32, v1.random_normal_initializer(seed=len(name)), use_resource=False)
    with tf.device('/cpu:1'):
        v1.get_variable('step', [], tf.int64, v1.zeros_initializer())
    session.run(v1.global_variables_initializer())
    for version in (1, 2):
        for sharded in (False, True):
            v1.train.Saver(write_version=version, sharded=sharded).save(session, '%s/v%d_%s' % (folder, version, sharded), write_meta_graph=False, write_state=False)
    for name, variable in pieces.items():
        np.asarray(session.run(tf.convert_to_tensor(variable)), '<f4').tofile('%s/%s.raw' % (folder, name))
print('{}')
`;

const several = (dtype: NdArray['dtype'], values: NdArray['values']): NdArray => ({
  dtype,
  shape: [values.length],
  values,
});
const ARRAYS = new Map<string, NdArray>([
  [
    'rnn/lstm_cell/kernel',
    {
      dtype: 'float32',
      shape: [700, 200],
      values: Float32Array.from({length: 140_000}, (_, k) => Math.sin(k)),
    },
  ],
  ['rnn/lstm_cell/bias', several('float32', Float32Array.of(1.5, -0, Number.POSITIVE_INFINITY, 1e-45))],
  ['global_step', {dtype: 'int64', shape: [], values: BigInt64Array.of(-(2n ** 62n))}],
  ['rate', {dtype: 'float32', shape: [], values: Float32Array.of(0.1)}],
  ['label', {dtype: 'string', shape: [], values: ['\u017elu\u0165']}],
  ['words', {dtype: 'string', shape: [2, 2], values: ['', 'a', 'x'.repeat(300), 'b\0c']}],
  ['types/float64', {dtype: 'float64', shape: [1, 2], values: Float64Array.of(Math.PI, -1e300)}],
  ['types/float16', several('float16', Float32Array.of(0.0999755859375, 65504, 2 ** -24, -2))],
  ['types/bool', several('bool', Uint8Array.of(1, 0, 1))],
  ['types/int8', several('int8', Int8Array.of(-128, 127))],
  ['types/uint8', several('uint8', Uint8Array.of(0, 255))],
  ['types/int16', several('int16', Int16Array.of(-32768, 32767))],
  ['types/uint16', several('uint16', Uint16Array.of(0, 65535))],
  ['types/int32', several('int32', Int32Array.of(-(2 ** 31), 2 ** 31 - 1))],
  ['empty', {dtype: 'float32', shape: [0, 3], values: new Float32Array(0)}],
]);
const V2_ONLY = new Map<string, NdArray>([
  ['types/bfloat16', several('bfloat16', Float32Array.of(1.5, 0.10009765625, -3))],
  ['types/uint32', several('uint32', Uint32Array.of(0, 2 ** 32 - 1))],
  ['types/uint64', several('uint64', BigUint64Array.of(2n ** 64n - 1n))],
]);

/** As SHOW does. */
function shown({dtype, shape, values}: NdArray): unknown {
  const python = new Map([
    ['Infinity', 'inf'],
    ['NaN', 'nan'],
  ]);
  const float = (value: number) =>
    Object.is(value, -0) ? '-0' : (python.get(String(value)) ?? String(value));
  const one = (value: unknown) =>
    typeof value === 'bigint' ? String(value) : dtype.includes('float') ? float(value as number) : value;
  return {dtype, shape: [...shape], values: Array.from<unknown>(values).map(one)};
}

/** Python writes floats in another manner (1e-45, 0.1): both are parsed and written as here. */
function normalized(answer: unknown): unknown {
  const entries = Object.entries(
    answer as Record<string, {dtype: string; shape: number[]; values: unknown[]}>,
  );
  return Object.fromEntries(
    entries.map(([name, entry]) => {
      const float = (text: unknown) =>
        text === 'inf' || text === 'nan' ? text : Object.is(Number(text), -0) ? '-0' : String(Number(text));
      return [name, entry.dtype.includes('float') ? {...entry, values: entry.values.map(float)} : entry];
    }),
  );
}

function expected(arrays: ReadonlyMap<string, NdArray>): unknown {
  return Object.fromEntries([...arrays].map(([name, array]) => [name, shown(array)]));
}

function inFolder<T>(work: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'carryover-tensorflow-'));
  const done = () => rmSync(folder, {recursive: true, force: true});
  const result = work(folder);
  if (result instanceof Promise) return result.finally(done) as T;
  done();
  return result;
}

if (python === undefined && !required) {
  test('TensorFlow is not set up here: node scripts/python-tensorflow.mjs does it', t => {
    t.log(`checkpoints were not compared with TensorFlow: ${found.stderr.trim()}`);
    t.is(found.status, 1);
  });
} else {
  test('TensorFlow can be had', t => {
    t.is(found.status, 0);
  });

  for (const shards of [1, 3]) {
    test(`V2 in ${shards} file(s): tf.train.load_checkpoint and Saver.restore read what was written`, t => {
      inFolder(folder => {
        const arrays = new Map([...ARRAYS, ...V2_ONLY]);
        const prefix = join(folder, 'model.ckpt');
        writeCheckpointFile(prefix, arrays as ReadonlyMap<string, Writable>, {shards});
        t.deepEqual(normalized(ask(LOAD, prefix)), expected(arrays));
        t.deepEqual(normalized(ask(RESTORE, prefix)), expected(arrays));
      });
    });
  }

  test('V1: Saver.restore reads what was written', t => {
    inFolder(folder => {
      const prefix = join(folder, 'model.ckpt');
      writeCheckpointFile(prefix, ARRAYS, {version: 1});
      t.deepEqual(normalized(ask(RESTORE, prefix)), expected(ARRAYS));
    });
  });

  test('partitioned and sharded variables saved by TensorFlow, V1 and V2, are put together', async t => {
    await inFolder(async folder => {
      ask(SAVE, folder);
      for (const name of ['v1_False', 'v1_True', 'v2_False', 'v2_True']) {
        const file = await readWeights(join(folder, name));
        const arrays = new Map(file.groups[0]!.arrays.map(array => [array.name, array]));
        t.deepEqual([...arrays.keys()].sort(), ['columns', 'large', 'rows', 'step']);
        t.is(file.facts.shards, name.endsWith('True') ? '3' : '1');
        for (const variable of ['rows', 'columns', 'large']) {
          const {values} = arrays.get(variable)!.read() as {values: Float32Array};
          const raw = readFileSync(join(folder, `${variable}.raw`));
          t.true(
            Buffer.from(values.buffer, values.byteOffset, values.byteLength).equals(raw),
            `${name} ${variable}`,
          );
        }
        file.close();
      }
    });
  });

  test('TensorFlow, too, refuses a written checkpoint once a byte of it has changed', t => {
    inFolder(folder => {
      const prefix = join(folder, 'model.ckpt');
      writeCheckpointFile(prefix, ARRAYS);
      const path = `${prefix}.data-00000-of-00001`;
      const bytes = readFileSync(path);
      bytes[bytes.length - 1]! ^= 1;
      writeFileSync(path, bytes);
      t.throws(() => ask(LOAD, prefix), {message: /Checksum does not match/});
    });
  });
}
