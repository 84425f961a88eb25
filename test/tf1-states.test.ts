import * as tf from '@tensorflow/tfjs-core';
import {layers} from '@tensorflow/tfjs-layers';
import test from 'ava';
import {setEngine} from '../src/engines/registry';
import type {SequenceCell} from '../src/layers/sequence-cell';
import {tf1} from '../src/libraries/tf1';
import {rawOp} from '../src/libraries/tf1/raw-ops';
import {useBackend} from '../src/node/backend';

// Every way in which initial states enter has a gradient: the one that differences say.

test.before(() => useBackend('cpu'));
test.afterEach.always(() => setEngine('auto'));

/** Keeps all that it is given: a mask that drops nothing would be left out. */
const ALMOST_ALL = 1 - 1e-7;
const UNITS = [3, 5];

const lstms = (stateIsTuple: boolean): SequenceCell[] =>
  UNITS.map(numUnits => tf1.basicLSTMCell({numUnits, stateIsTuple}));

const CELLS: Readonly<Record<string, () => SequenceCell>> = {
  'an LSTM with a tuple': () => tf1.lstmCell({numUnits: 4, usePeepholes: true, numProj: 3}),
  'an LSTM with one state': () => tf1.lstmCell({numUnits: 4, numProj: 3, stateIsTuple: false}),
  'a GRU': () => tf1.gruCell({numUnits: 4}),
  'cells of several sizes with tuples': () => tf1.multiRNNCell({cells: lstms(true)}),
  'cells of several sizes with one state each': () => tf1.multiRNNCell({cells: lstms(false)}),
  'cells of several sizes with one state for all': () =>
    tf1.multiRNNCell({cells: lstms(false), stateIsTuple: false}),
  'a stack of one cell with one state': () =>
    tf1.multiRNNCell({cells: lstms(false).slice(1), stateIsTuple: false}),
  'stacks in a stack with one state for all': () =>
    tf1.multiRNNCell({
      stateIsTuple: false,
      cells: [
        tf1.gruCell({numUnits: 3}),
        tf1.multiRNNCell({
          cells: [...lstms(false), tf1.basicRNNCell({numUnits: 2})],
          stateIsTuple: false,
        }),
      ],
    }),
  'residual and dropout wrappers in a stack with one state': () =>
    tf1.multiRNNCell({
      stateIsTuple: false,
      cells: [
        tf1.residualWrapper({cell: tf1.gruCell({numUnits: 2})}),
        tf1.dropoutWrapper({cell: lstms(false)[0]!, stateKeepProb: ALMOST_ALL, outputKeepProb: ALMOST_ALL}),
      ],
    }),
  'a residual wrapper around a stack with one state': () =>
    tf1.residualWrapper({
      cell: tf1.multiRNNCell({
        cells: [tf1.basicLSTMCell({numUnits: 3, stateIsTuple: false}), tf1.gruCell({numUnits: 2})],
        stateIsTuple: false,
      }),
    }),
  'state dropout around a stack with one state': () =>
    tf1.dropoutWrapper({
      cell: tf1.multiRNNCell({cells: lstms(false), stateIsTuple: false}),
      stateKeepProb: ALMOST_ALL,
    }),
};

const BATCH = 2;
const x = (steps = 3): tf.Tensor => tf.randomNormal([BATCH, steps, 2], 0, 1, 'float32', 5);

const statesOf = (cell: SequenceCell, seed = 40): tf.Tensor[] =>
  cell.stateSlots.map(({size}, k) => tf.randomNormal([BATCH, size], 0, 0.5, 'float32', seed + k));

/** A number that depends on all elements of all outputs, on each in its own way. */
function mixed(outputs: readonly tf.Tensor[]): tf.Scalar {
  const parts = outputs.map((output, k) =>
    tf.sum(tf.mul(output, tf.randomNormal(output.shape, 0, 1, 'float32', 70 + k))),
  );
  return parts.reduce((sum, part) => tf.add(sum, part)) as tf.Scalar;
}

type Run = (inputs: readonly tf.Tensor[]) => readonly tf.Tensor[];

/** The largest difference between gradients and central differences, beside the largest gradient. */
function worstGradient(run: Run, inputs: readonly tf.Tensor[]): number {
  run(inputs);
  const loss = (...values: tf.Tensor[]): tf.Scalar => tf.tidy(() => mixed(run(values)));
  const gradients = tf.grads(loss)([...inputs]);
  const step = 1e-2;
  let worst = 0;
  let largest = 0.1;
  for (const [which, input] of inputs.entries()) {
    const values = input.dataSync();
    const gradient = gradients[which]!.dataSync();
    for (const k of values.keys()) {
      const at = (by: number): number => {
        const moved = tf.tensor(
          Float32Array.from(values, (value, j) => (j === k ? value + by : value)),
          input.shape,
        );
        return loss(...inputs.map((other, j) => (j === which ? moved : other))).dataSync()[0]!;
      };
      worst = Math.max(worst, Math.abs((at(step) - at(-step)) / (2 * step) - gradient[k]!));
      largest = Math.max(largest, Math.abs(gradient[k]!));
    }
  }
  return worst / largest;
}

const TOLERANCE = 3e-3;

function hasGradients(t: import('ava').ExecutionContext, run: Run, inputs: readonly tf.Tensor[]): void {
  const worst = worstGradient(run, inputs);
  t.true(worst < TOLERANCE, `${worst}`);
}

for (const engine of ['ops', 'wasm'] as const) {
  for (const [title, make] of Object.entries(CELLS)) {
    test.serial(`${engine}: ${title}: states have gradients over a sequence, forwards and backwards`, t => {
      setEngine(engine);
      const cell = make();
      cell.build([null, 2]);
      const mask = tf.tensor2d([
        [1, 1, 1],
        [1, 1, 0],
      ]);
      for (const options of [{}, {training: true}, {mask}, {training: true, backwards: true, mask}]) {
        const run: Run = ([data, ...initial]) => {
          const {y, states} = cell.runSequence(data!, {...options, initial});
          return [y, ...states];
        };
        hasGradients(t, run, [x(), ...statesOf(cell)]);
      }
    });
  }
}

for (const [title, make] of Object.entries(CELLS)) {
  test.serial(`${title}: states have gradients in the layers that run it`, t => {
    const dynamic = tf1.dynamicRnn({cell: make()});
    const run: Run = ([data, ...initialState]) => dynamic.apply(data!, {initialState}) as tf.Tensor[];
    hasGradients(t, run, [x(), ...statesOf(dynamic.cell)]);

    const fixed = tf1.staticRnn({cell: make(), timeMajor: true});
    const lengths = tf.tensor1d([3, 2], 'int32');
    const runFixed: Run = ([data, ...initialState]) =>
      fixed.apply(data!, {initialState, sequenceLength: lengths}) as tf.Tensor[];
    hasGradients(t, runFixed, [tf.transpose(x(), [1, 0, 2]), ...statesOf(fixed.cell)]);

    const two = tf1.bidirectionalDynamicRnn({cellFw: make(), cellBw: make()});
    const runTwo: Run = ([data, ...initialState]) => two.apply(data!, {initialState}) as tf.Tensor[];
    hasGradients(t, runTwo, [x(), ...statesOf(two.cellFw), ...statesOf(two.cellBw, 50)]);
  });

  test.serial(`${title}: one step at a time is the same as the sequence, and states have gradients`, t => {
    const cell = make();
    const one = tf1.dynamicRnn({cell, singleStep: true});
    const step: Run = ([data, ...initialState]) => one.apply(data!, {initialState}) as tf.Tensor[];
    const first = tf.squeeze(x(1), [1]);
    hasGradients(t, step, [first, ...statesOf(cell)]);

    // tfjs' own loop over cells, whose states begin with the output's.
    const rnn = layers.rnn({
      cell: cell as unknown as layers.RNNCell,
      returnSequences: true,
      returnState: true,
    });
    const initial = statesOf(cell);
    const loop: Run = ([data, ...states]) => {
      const [y, ...finals] = rnn.apply(data!, {initialState: cell.toTfjs(states)}) as unknown as tf.Tensor[];
      return [y!, ...cell.fromTfjs(finals)];
    };
    const data = x();
    const whole = cell.runSequence(data, {initial});
    const stepped = loop([data, ...initial]);
    for (const [k, expected] of [whole.y, ...whole.states].entries()) {
      t.true(tf.max(tf.abs(tf.sub(expected, stepped[k]!))).dataSync()[0]! < 1e-6);
    }
    hasGradients(t, loop, [data, ...initial]);
  });
}

test.serial('a cell that is stepped by itself has the gradient of its state', t => {
  for (const stateIsTuple of [true, false]) {
    const cell = tf1.basicLSTMCell({numUnits: 3, stateIsTuple});
    const run: Run = ([data, ...states]) => {
      const {y, state} = cell.step(data!, stateIsTuple ? {c: states[0]!, h: states[1]!} : states[0]!);
      return [y, ...(state instanceof tf.Tensor ? [state] : Object.values(state))];
    };
    hasGradients(t, run, [tf.squeeze(x(1), [1]), ...statesOf(cell)]);
  }
});

test.serial('a state that is given in part is refused, and all of its parts are named', t => {
  const cell = tf1.basicLSTMCell({numUnits: 3});
  const [c] = statesOf(cell);
  t.throws(() => cell.step(tf.squeeze(x(1), [1]), {c: c!}), {
    code: 'E_SHAPE',
    message: /all of its state: c, h/,
  });
  const layer = tf1.dynamicRnn({cell});
  t.throws(() => layer.apply(x(), {initialState: [c!]}), {
    message: /given 1 initial states; expected 2 \(state\.c, state\.h\)/,
  });
});

test.serial('states are given as a program has them: tuples, and tuples of tuples', t => {
  const layer = tf1.dynamicRnn({cell: tf1.multiRNNCell({cells: lstms(true)})});
  const states = statesOf(layer.cell);
  const [c0, h0, c1, h1] = states as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
  const nested = [tf1.LSTMStateTuple(c0, h0), tf1.LSTMStateTuple(c1, h1)];
  const flat = layer.apply(x(), {initialState: states}) as tf.Tensor[];
  const tuples = layer.apply(x(), {initialState: nested}) as tf.Tensor[];
  for (const [k, tensor] of flat.entries()) t.deepEqual(tuples[k]!.arraySync(), tensor.arraySync());
});

for (const op of ['BlockLSTM', 'BlockLSTMV2', 'LSTMBlockCell', 'GRUBlockCell']) {
  test.serial(`raw_ops.${op}: states have gradients, of one step as well`, t => {
    for (const steps of op.startsWith('BlockLSTM') ? [3, 1] : [1]) {
      const layer = rawOp(op, {use_peephole: false}, 'test');
      const {inputNames} = layer;
      const sequence = inputNames.includes('seq_len_max');
      const first = sequence ? tf.randomNormal([steps, BATCH, 2], 0, 1, 'float32', 3) : tf.squeeze(x(1), [1]);
      const states = inputNames
        .filter(name => name.endsWith('_prev'))
        .map((_, k) => tf.randomNormal([BATCH, 3], 0, 0.5, 'float32', 9 + k));
      const length = tf.scalar(steps, 'int32');
      const run: Run = inputs => layer.apply(sequence ? [...inputs, length] : [...inputs]) as tf.Tensor[];
      run([first, ...states]);
      const weights = layer
        .getWeights()
        .map(({shape}, k) => tf.randomNormal(shape, 0, 0.5, 'float32', 20 + k));
      layer.setWeights(weights);
      hasGradients(t, run, [first, ...states]);
    }
  });
}
