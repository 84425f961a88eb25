import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import {CarryoverError} from '../src/errors';
import {nativeRunner} from '../src/graph/native/runner';
import type {GraphRunner} from '../src/graph/runner';
import {tfjsRunner} from '../src/graph/tfjs';
import {PASSING, TFJS_OPERATIONS} from '../src/graph/tfjs/known';
import {ownOperations} from '../src/graph/tfjs/own';
import {useBackend} from '../src/node/backend';
import {loadNativeBackend} from '../src/node/native';
import {arrayOperations} from './support/operations/arrays';
import type {OperationCase} from './support/operations/case';
import {elementWise} from './support/operations/element-wise';
import {images} from './support/operations/images';
import {recurrent} from './support/operations/recurrent';
import {sums} from './support/operations/sums';
import {operationGraph} from './support/small-graphs';

const native = await loadNativeBackend();
if (native.available) await useBackend('tensorflow');
else console.log(`not run on TensorFlow: ${native.reason}`);
const serial = native.available ? test.serial : test.serial.skip;

const CASES: readonly OperationCase[] = [
  ...elementWise,
  ...arrayOperations,
  ...sums,
  ...images,
  ...recurrent,
];

interface Numbers {
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly values: readonly number[];
}

async function run(
  backend: 'cpu' | 'tensorflow',
  made: () => GraphRunner,
  outputs: number,
): Promise<Numbers[]> {
  await tf.setBackend(backend);
  const runner = made();
  try {
    const refs = Array.from({length: outputs}, (_, k) => `y:${k}`);
    const results = runner.run([], refs);
    const numbers = results.map(one => ({
      shape: one.shape,
      dtype: one.dtype,
      values: Array.from(one.dataSync(), Number),
    }));
    tf.dispose(results);
    return numbers;
  } finally {
    runner.dispose();
  }
}

const recurrence = (): never => {
  throw new Error('no recurrence is in these graphs');
};

/** What differs; undefined where nothing does. */
function difference(got: Numbers, want: Numbers, tolerance: number): string | undefined {
  if (String(got.shape) !== String(want.shape)) return `shape [${got.shape}], expected [${want.shape}]`;
  if (got.dtype !== want.dtype) return `dtype ${got.dtype}, expected ${want.dtype}`;
  const k = want.values.findIndex((value, at) => {
    const other = got.values[at]!;
    if (Object.is(value, other) || value === other) return false;
    return !(Math.abs(value - other) <= tolerance * Math.max(1, Math.abs(value)));
  });
  return k < 0 ? undefined : `[${k}] is ${got.values[k]}, expected ${want.values[k]}`;
}

async function failureOf(one: OperationCase): Promise<string | undefined> {
  const graph = operationGraph(one.op, one.inputs, one.attributes, one.outputs);
  const told = `${one.op} ${one.title}`;
  try {
    const got = await run('cpu', () => tfjsRunner(graph, {recurrence}), one.outputs);
    if (one.refused) return `${told}: runs, and was to be refused`;
    const want = one.expected
      ? got.map(({shape, dtype}, k) => ({shape, dtype, values: one.expected![k]!}))
      : await run('tensorflow', () => nativeRunner(graph), one.outputs);
    const found = got.flatMap((numbers, k) => {
      if (one.only && !one.only.includes(k)) return [];
      const text = difference(numbers, want[k]!, one.tolerance ?? 1e-6);
      return text === undefined ? [] : [`output ${k} ${text}`];
    });
    return found.length > 0 ? `${told}: ${found.join('; ')}` : undefined;
  } catch (error) {
    if (
      one.refused &&
      error instanceof CarryoverError &&
      error.code === 'E_UNSUPPORTED' &&
      one.refused.test(error.message)
    )
      return undefined;
    return `${told}: ${(error as Error).message}`;
  }
}

for (const op of new Set(CASES.map(one => one.op))) {
  const cases = CASES.filter(one => one.op === op);
  serial(`${op} gives TensorFlow's numbers`, async t => {
    const failures: (string | undefined)[] = [];
    for (const one of cases) failures.push(await failureOf(one));
    t.deepEqual(
      failures.filter(text => text !== undefined),
      [],
    );
  });
}

/** What every case has. */
const IN_ALL = ['Const', 'Placeholder'];

test('every operation that is let through has a case', t => {
  const tried = new Set([...IN_ALL, ...CASES.map(one => one.op)]);
  t.deepEqual(
    [...TFJS_OPERATIONS, ...PASSING, ...ownOperations()].filter(op => !tried.has(op)),
    [],
  );
});

for (const op of ['RandomUniform', 'Multinomial', 'StringJoin', 'Conv1D', 'BitwiseAnd', 'Stack']) {
  test(`${op}, which is not known to be TensorFlow's, is refused before anything runs`, t => {
    const graph = operationGraph(op, [], {}, 1);
    const error = t.throws(() => tfjsRunner(graph, {recurrence}), {
      instanceOf: CarryoverError,
      code: 'E_UNSUPPORTED',
    });
    t.is(error!.found, op);
    t.regex(error!.message, new RegExp(`node 'y': operation ${op} .*--until`));
  });
}
