import * as tf from '@tensorflow/tfjs-core';
import {input, loadLayersModel, model as modelOf, type SymbolicTensor} from '@tensorflow/tfjs-layers';
import test, {type ExecutionContext} from 'ava';
import {setEngine} from '../src/engines/registry';
import type {DialectCell} from '../src/layers/cell';
import type {StatefulLayer} from '../src/layers/stateful-layer';
import {keras2, keras3} from '../src/libraries/all';
import {artifactsOf} from '../src/model/artifacts';
import {useBackend} from '../src/node/backend';

/* RNN over cells and stacks, against a loop that steps the cells one by one. */

await useBackend('cpu');
setEngine('ops');

const x = tf.randomNormal([3, 6, 2], 0, 1, 'float32', 7);
/** Masked at the start, in the middle, at the end; and not at all. */
const mask = tf.tensor2d([
  [0, 1, 0, 1, 1, 0],
  [1, 1, 1, 1, 0, 0],
  [1, 1, 1, 1, 1, 1],
]);

function near(t: ExecutionContext, got: tf.Tensor, want: tf.Tensor, what: string): void {
  t.deepEqual(got.shape, want.shape, what);
  const difference = tf.max(tf.abs(tf.sub(got, want))).dataSync()[0]!;
  t.true(difference < 1e-5, `${what}: off by ${difference}`);
}

const makeCells = (): DialectCell[] => [
  keras2.lstmCell({units: 3}),
  keras2.gruCell({units: 2, resetAfter: true}),
  keras2.simpleRNNCell({units: 4, activation: 'relu'}),
];

type State = tf.Tensor | Readonly<Record<string, tf.Tensor>>;

/** The slow way: all cells at a step, then the next step; a masked step changes nothing. */
function slow(
  cells: readonly DialectCell[],
  {
    backwards = false,
    masked = false,
    zero = false,
    initial,
  }: {backwards?: boolean; masked?: boolean; zero?: boolean; initial?: State[]},
): {outputs: tf.Tensor; states: State[]} {
  const steps = tf.unstack(x, 1);
  const masks = tf.unstack(mask, 1).map(row => tf.expandDims(row, 1));
  const order = steps.map((_, k) => (backwards ? steps.length - 1 - k : k));
  let states: State[] = initial ?? cells.map(cell => cell.zeroState(3));
  let y: tf.Tensor = tf.zeros([3, 4]);
  const outputs = order.map(k => {
    const m = masked ? masks[k]! : tf.onesLike(masks[k]!);
    const hold = (fresh: tf.Tensor, old: tf.Tensor) =>
      tf.where(tf.cast(tf.broadcastTo(m, fresh.shape as [number, number]), 'bool'), fresh, old);
    let data: tf.Tensor = steps[k]!;
    states = cells.map((cell, c) => {
      const old = states[c]!;
      const {y: out, state} = cell.step(data, old);
      data = out;
      if (state instanceof tf.Tensor) return hold(state, old as tf.Tensor);
      const before = old as Readonly<Record<string, tf.Tensor>>;
      return Object.fromEntries(
        Object.entries(state).map(([name, value]) => [name, hold(value, before[name]!)]),
      );
    });
    y = hold(data, zero ? tf.zerosLike(y) : y);
    return y;
  });
  return {outputs: tf.stack(outputs, 1), states};
}

const flat = (states: readonly State[]): tf.Tensor[] =>
  states.flatMap(state => (state instanceof tf.Tensor ? [state] : Object.values(state)));

for (const backwards of [false, true]) {
  for (const zero of [false, true]) {
    for (const masked of [false, true]) {
      test(`a stack runs as its cells step by step (backwards ${backwards}, masked ${masked}, zero ${zero})`, t => {
        const cells = makeCells();
        const settings = {goBackwards: backwards, zeroOutputForMask: zero, returnState: true};
        const layer = keras2.rnn({cell: cells, returnSequences: true, ...settings});
        // A call takes the mask out of its arguments.
        const kwargs = () => (masked ? {mask} : {});
        const [y, ...states] = layer.apply<tf.Tensor[]>(x, kwargs());
        const want = slow(cells, {backwards, masked, zero});
        near(t, y!, want.outputs, 'sequence');
        const wanted = flat(want.states);
        t.is(states.length, 4);
        for (const [k, state] of states.entries()) near(t, state, wanted[k]!, `state ${layer.stateNames[k]}`);
        const last = keras2.rnn({cell: cells, ...settings, returnState: false});
        near(
          t,
          last.apply(x, kwargs()),
          tf.squeeze(tf.slice(want.outputs, [0, 5, 0], [-1, 1, -1]), [1]),
          'last step',
        );
      });
    }
  }
}

test('a stack starts from the states that it is given, and their gradients are those of the loop', t => {
  const cells = makeCells();
  const layer = keras2.rnn({cell: cells});
  layer.apply(x);
  const given = [3, 3, 2, 4].map((size, k) => tf.randomNormal([3, size], 0, 1, 'float32', k + 1));
  const [h, c, gru, simple] = given as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
  const fast = (...states: tf.Tensor[]): tf.Tensor =>
    tf.sum(tf.square(layer.apply<tf.Tensor>(x, {initialState: states, mask})));
  const loop = (...[h, c, gru, simple]: tf.Tensor[]): tf.Tensor => {
    const {outputs} = slow(cells, {masked: true, initial: [{h: h!, c: c!}, gru!, simple!]});
    return tf.sum(tf.square(tf.slice(outputs, [0, 5, 0], [-1, 1, -1])));
  };
  near(t, fast(h, c, gru, simple), loop(h, c, gru, simple), 'value');
  const [own, wanted] = [tf.grads(fast)(given), tf.grads(loop)(given)];
  for (const [k, gradient] of own.entries()) near(t, gradient, wanted[k]!, `gradient of state ${k}`);
});

test('one cell in an RNN is the layer', t => {
  for (const library of [keras2, keras3]) {
    const layer = library.gru({units: 3, resetAfter: true, returnSequences: true, goBackwards: true});
    const looped = library.rnn({
      cell: library.gruCell({units: 3, resetAfter: true}),
      returnSequences: true,
      goBackwards: true,
    });
    const want = layer.apply(x, {mask});
    looped.apply(x);
    looped.setWeights(layer.getWeights());
    near(t, looped.apply(x, {mask}), want, 'sequence');
  }
});

test('the states of a stack are in reverse order before 2.2.3', t => {
  const cells = (): DialectCell[] => [keras2.lstmCell({units: 3}), keras2.gruCell({units: 2})];
  const names = (version: string): readonly string[] => {
    const stack = keras2.stackedRNNCells({cells: cells(), version});
    return stack.stateSlots.map(({name}) => name);
  };
  t.deepEqual(names('2.2.2'), ['1', '0.h', '0.c']);
  t.deepEqual(names('2.2.3'), ['0.h', '0.c', '1']);
  const stack = keras2.stackedRNNCells({cells: cells(), version: '2.2.2'});
  const layer = keras2.rnn({cell: stack, returnState: true});
  const [y, first, h, c] = layer.apply<tf.Tensor[]>(x);
  near(t, first!, y!, "the last cell's state");
  const [again] = layer.apply<tf.Tensor[]>(x, {initialState: [first!, h!, c!]});
  const [other] = keras2
    .rnn({cell: stack.cells as DialectCell[], returnState: true})
    .apply<tf.Tensor[]>(x, {initialState: [h!, c!, first!]});
  near(t, again!, other!, 'states in their order');
});

test('a stateful RNN goes on where it ended, until it is reset', t => {
  const layer = keras2.rnn({cell: makeCells(), stateful: true, returnSequences: true});
  const [head, tail] = [tf.slice(x, [0, 0, 0], [-1, 4, -1]), tf.slice(x, [0, 4, 0], [-1, 2, -1])];
  const whole = layer.apply<tf.Tensor>(x);
  layer.resetStates();
  near(t, tf.concat([layer.apply<tf.Tensor>(head), layer.apply<tf.Tensor>(tail)], 1), whole, 'in two calls');
  layer.resetStates();
  near(t, layer.apply(x), whole, 'after a reset');
});

test("TensorFlow's stateful layers take given states only while their own are zero", t => {
  for (const [version, takes] of [
    ['2.3.1', true],
    ['2.15.0', false],
    ['2.2.4-tf', false],
  ] as const) {
    const layer = keras2.lstm({units: 2, stateful: true, version});
    const states = [tf.ones([3, 2]), tf.ones([3, 2])];
    const first = layer.apply<tf.Tensor>(x, {initialState: states}).dataSync();
    const second = layer.apply<tf.Tensor>(x, {initialState: states}).dataSync();
    t.is(tf.util.arraysEqual([...first], [...second]), takes, version);
  }
});

test('masked steps in Bidirectional put out 0 in TensorFlow, and repeat the output in Keras 2 itself', t => {
  const run = (version: string): tf.Tensor => {
    const layer = keras2.lstm({units: 2, returnSequences: true, version});
    return keras2.bidirectional({layer}).apply(x, {mask});
  };
  const atMasked = (y: tf.Tensor): number => {
    const third = tf.slice(y, [0, 2, 0], [1, 1, 2]);
    return tf.sum(tf.abs(third)).dataSync()[0]!;
  };
  t.true(atMasked(run('2.3.1')) > 0);
  t.is(atMasked(run('2.15.0')), 0);
  t.is(atMasked(run('2.2.4-tf')), 0);
});

test('data with time first give what data with batches first give', t => {
  const settings = {units: 3, returnSequences: true, version: '2.15.0'};
  const plain = keras2.bidirectional({layer: keras2.lstm(settings)});
  const major = keras2.bidirectional({layer: keras2.lstm({...settings, timeMajor: true})});
  const want = plain.apply<tf.Tensor>(x, {mask});
  const turned = tf.transpose(x, [1, 0, 2]);
  major.apply(turned);
  major.setWeights(plain.getWeights());
  const got = major.apply<tf.Tensor>(turned, {mask: tf.transpose(mask)});
  near(t, tf.transpose(got, [1, 0, 2]), want, 'sequence');
  t.deepEqual(major.computeOutputShape([6, 3, 2]), [6, 3, 6]);
});

/** Each new layer, as a program makes it. */
const LAYERS: Readonly<Record<string, () => StatefulLayer | ReturnType<typeof keras2.bidirectional>>> = {
  stack: () => keras2.rnn({cell: makeCells(), returnSequences: true, goBackwards: true, version: '2.15.0'}),
  reversed: () => keras2.rnn({cell: keras2.stackedRNNCells({cells: makeCells(), version: '2.2.0'})}),
  cudnnLSTM: () => keras2.cudnnLSTM({units: 3, returnSequences: true}),
  cudnnGRU: () => keras2.cudnnGRU({units: 3, goBackwards: true}),
  bidirectional: () =>
    keras2.bidirectional({
      layer: keras2.rnn({cell: makeCells()}),
      backwardLayer: keras2.gru({units: 3, goBackwards: true}),
    }),
};

for (const [name, make] of Object.entries(LAYERS)) {
  test(`${name} comes back as it was saved`, async t => {
    const start = input({shape: [6, 2]});
    const layer = make();
    const built = modelOf({inputs: start, outputs: layer.apply(start) as SymbolicTensor});
    const want = built.predict(x) as tf.Tensor;
    const loaded = await loadLayersModel(tf.io.fromMemory(await artifactsOf(built)));
    near(t, loaded.predict(x) as tf.Tensor, want, 'prediction');
    t.deepEqual(loaded.layers.at(-1)!.getConfig(), layer.getConfig());
  });
}

test('dropout of a cell acts in training alone', t => {
  const layer = keras2.rnn({cell: keras2.lstmCell({units: 8, dropout: 0.5, recurrentDropout: 0.5})});
  const want = layer.apply<tf.Tensor>(x).dataSync();
  t.deepEqual(layer.apply<tf.Tensor>(x).dataSync(), want);
  t.notDeepEqual(layer.apply<tf.Tensor>(x, {training: true}).dataSync(), want);
});
