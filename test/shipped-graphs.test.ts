import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import type {ExecutionContext} from 'ava';
import type {NdArray} from '../converters/arrays';
import {readNpz} from '../converters/npz/read';
import {type BackendChoice, useBackend} from '../src/node/backend';
import {openModel} from '../src/node/load';
import {loadNativeBackend} from '../src/node/native';
import {compare} from '../src/verify/compare';
import {runModel} from '../src/verify/verify';
import {shippedTest} from './support/shipped';

// Graphs that packages of Python ship, as people have them installed, against what TensorFlow 1.15 makes of them
// (fixtures/shipped/graphs.py), with recurrences in the place of loops and in one call of TensorFlow.

const TOLERANCE = 2e-5;

const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** From -1 to 1, as the generator has them. */
const waves = (...shape: number[]): NdArray => ({
  dtype: 'float32',
  shape,
  values: Float32Array.from({length: sizeOf(shape)}, (_, k) => ((k * 37) % 101) / 50 - 1),
});

const indices = (below: number, ...shape: number[]): NdArray => whole(shape, k => (k * 37) % below);

const whole = (shape: number[], value: (k: number) => number): NdArray => ({
  dtype: 'int32',
  shape,
  values: Int32Array.from({length: sizeOf(shape)}, (_, k) => value(k)),
});

/** Every `each`-th of the first axis, and of these the first `rows` rows. */
function sampled({dtype, shape, values}: NdArray, each: number, rows: number): NdArray {
  const [steps = 0, count = 0, ...inner] = shape;
  const size = sizeOf(inner);
  const taken: number[] = [];
  for (let step = 0; step < steps; step += each) {
    const begin = step * count * size;
    taken.push(...Array.from((values as Float32Array).subarray(begin, begin + rows * size)));
  }
  const all = Float32Array.from(taken);
  return {dtype, shape: [all.length / (rows * size), rows, ...inner], values: all};
}

interface Case {
  readonly name: string;
  /** A file of the package, and the graph beside it. */
  readonly file: string;
  readonly source: string;
  readonly inputs: Readonly<Record<string, NdArray>>;
  /** The tensor that is asked for, and the array that it is to be. */
  readonly output: string;
  readonly array: string;
  readonly sample?: readonly [each: number, rows: number];
  /** How many recurrences take the place of its loops, or of layers that are spelled out step by step. */
  readonly recurrences: number;
}

const lengths = (rows: number): NdArray => whole([rows], k => 400 - ((k * 37) % 300));

const CASES: readonly Case[] = [
  {
    name: 'cutkum',
    file: 'frozen_model.pb',
    source: 'frozen_model.pb',
    inputs: {
      'placeholder/inputs': waves(12, 2, 80),
      'placeholder/seq_lengths': whole([2], k => [12, 7][k]!),
      'placeholder/fw_state': waves(1, 2, 896),
    },
    output: 'probs',
    array: 'probs',
    recurrences: 1,
  },
  {
    name: 'deepnlp',
    file: 'ckpt/zh/pos.ckpt.meta',
    source: 'pos.ckpt',
    inputs: {'pos_var_scope_zh_1/input_data': indices(5000, 1, 30)},
    output: 'pos_var_scope_zh_1/pos_variables/output_node',
    array: 'logits',
    recurrences: 2,
  },
  {
    name: 'chiron',
    file: 'final.ckpt-80000.meta',
    source: 'final.ckpt-80000',
    inputs: {Placeholder_1: waves(100, 2000), lengths: lengths(100)},
    output: 'transpose',
    array: 'rna',
    sample: [25, 6],
    recurrences: 2,
  },
  {
    name: 'chiron',
    file: 'final.ckpt-158301.meta',
    source: 'final.ckpt-158301',
    inputs: {Placeholder_1: waves(300, 400), lengths: lengths(300)},
    output: 'transpose',
    array: 'dna',
    sample: [25, 6],
    recurrences: 6,
  },
];

async function agrees(t: ExecutionContext, folder: string, one: Case, engine: string): Promise<void> {
  const opened = await openModel(join(folder, one.source), {outputs: [one.output], engine});
  const [made] = [...runModel(opened.model, one.inputs).values()];
  const got = one.sample ? sampled(made!, ...one.sample) : made!;
  const path = `fixtures/shipped/${one.name}.npz`;
  const want = readNpz(readFileSync(path), path).get(one.array)!;
  // Logits reach 32: the difference is told as a share of the largest number.
  const largest = (want.values as Float32Array).reduce((most, value) => Math.max(most, Math.abs(value)), 1);
  const shares = ({shape, values}: NdArray) => ({
    shape,
    values: (values as Float32Array).map(value => value / largest),
  });
  const {passed, maxAbs} = compare(one.array, shares(got), shares(want), {atol: TOLERANCE, rtol: 0});
  t.true(passed, `differs by ${maxAbs}`);
  t.log(`${engine}: differs by at most ${maxAbs.toExponential(1)}`);
  const found = opened.notes.filter(note => / is one recurrence: /.test(note));
  t.is(found.length, one.recurrences, opened.notes.join('; '));
  opened.model.dispose();
}

const native = await loadNativeBackend();
const backends: readonly [BackendChoice, string][] = native.available
  ? [
      ['tensorflow', 'auto'],
      ['tensorflow', 'native'],
    ]
  : [['cpu', 'auto']];

for (const one of CASES) {
  for (const [backend, engine] of backends) {
    shippedTest(
      one.name,
      one.file,
      `${one.source} gives TensorFlow's numbers, ${engine} on ${backend}`,
      async (t, folder) => {
        t.timeout(120_000);
        await useBackend(backend);
        await agrees(t, folder, one, engine);
      },
    );
  }
}

shippedTest('cutkum', 'frozen_model.pb', 'it runs in plain JavaScript too', async (t, folder) => {
  await useBackend('cpu');
  await agrees(t, folder, CASES[0]!, 'wasm');
});
