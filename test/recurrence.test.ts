import test from 'ava';
import {readArguments} from '../src/dialects/arguments';
import {LIBRARIES} from '../src/libraries';
import {dialectsOf} from '../src/libraries/library';
import {differentiate} from '../src/recurrence/differentiate';
import {columnsOf, mixesColumns, operandsOf, widthsOf} from '../src/recurrence/nodes';
import {recordStep} from '../src/recurrence/step';
import {type CellKind, GATES, outputSize, type Recurrence, STATES} from '../src/recurrence/types';
import {validate} from '../src/recurrence/validate';
import {weightShape, weightsOf} from '../src/recurrence/weights';

const tanh = {kind: 'tanh'} as const;

function recurrence(cell: CellKind, more: Partial<Recurrence> = {}): Recurrence {
  return {
    cell,
    units: 4,
    activations: Object.fromEntries([...GATES[cell], 'h'].map(gate => [gate, tanh])),
    mask: 'holdRepeat',
    direction: 'forward',
    outputOrder: 'time',
    bias: true,
    input: 'features',
    ...more,
  };
}

const shapes = (r: Recurrence): Record<string, number[]> =>
  Object.fromEntries(weightsOf(r).map(spec => [spec.name, weightShape(spec, r, 3)]));

test('weightsOf says the weights of a recurrence and their shapes', t => {
  t.deepEqual(shapes(recurrence('simple')), {kernel: [3, 4], bias: [4], recurrentKernel: [4, 4]});
  t.deepEqual(shapes(recurrence('gru', {bias: false, reset: 'after'})), {
    kernel: [3, 12],
    recurrentKernel: [4, 12],
  });
  t.deepEqual(shapes(recurrence('gru', {reset: 'after', input: 'preactivations'})), {
    recurrentKernel: [4, 12],
    recurrentBias: [12],
  });
  t.deepEqual(shapes(recurrence('mut1', {recurrent: 'diagonal'})), {
    kernel: [3, 12],
    bias: [12],
    recurrentKernel: [12],
    stepBias: [12],
  });
  const peephole = {rule: 'add', reads: 'previous'} as const;
  t.deepEqual(
    shapes(recurrence('lstm', {projection: 2, coupled: true, peepholes: {i: peephole, f: peephole}})),
    {kernel: [3, 16], bias: [16], recurrentKernel: [2, 16], projection: [4, 2], 'peephole.f': [4]},
  );
  t.is(weightsOf(recurrence('lstm', {layerNorm: {epsilon: 1e-3}})).length, 3 + 10);
});

test('a call with a weight that is missing, unknown or of the wrong shape is refused', t => {
  const r = recurrence('gru', {reset: 'after'});
  const given = Object.fromEntries(Object.entries(shapes(r)).map(([name, shape]) => [name, {shape}]));
  const call = (weights: object, initial = {}) =>
    validate(r, {x: {shape: [2, 5, 3]}, weights, initial, dropout: {}});
  t.notThrows(() => call(given));
  const {bias: _, ...withoutBias} = given;
  t.notThrows(() => call(withoutBias), 'a bias that is not there counts as zero');
  const {recurrentBias: __, ...without} = given;
  t.throws(() => call(without), {
    code: 'E_SHAPE',
    message: 'recurrentBias of the recurrence is missing; expected [12]',
  });
  t.throws(() => call({...given, kernel: {shape: [3, 8]}}), {
    message: /^kernel of .* \[3, 8\]; expected \[3, 12\]$/,
  });
  t.throws(() => call({...given, stepBias: {shape: [12]}}), {
    code: 'E_SHAPE',
    message: "this gru has no weight 'stepBias'; it has kernel, bias, recurrentKernel, recurrentBias",
  });
  t.throws(() => call(given, {c: {shape: [2, 4]}}), {message: "this gru has no state 'c'; it has h"});
});

const variants: readonly Recurrence[] = [
  ...(Object.keys(GATES) as CellKind[]).flatMap(cell => [
    recurrence(cell),
    recurrence(cell, {recurrent: 'diagonal'}),
  ]),
  recurrence('lstm', {projection: 2, layerNorm: {epsilon: 1e-3}, recurrentDropout: 'perGate', cellClip: 1}),
  recurrence('gru', {reset: 'after', bptt: {clip: 1}, recurrentDropout: 'shared'}),
];

test('every node of a step and of its derivative reads earlier nodes, and its width follows from theirs', t => {
  for (const r of variants) {
    const step = recordStep(r, {masked: true, zeroInitial: false});
    const widths = widthsOf(step.nodes, r);
    for (const [id, node] of step.nodes.entries()) t.true(operandsOf(node).every(operand => operand < id));
    const size = (id: number): number => columnsOf(widths[id]!, r);
    t.is(size(step.output), outputSize(r));
    for (const name of STATES[r.cell]) t.is(size(step.next[name]!), name === 'c' ? r.units : outputSize(r));
    const backward = differentiate(step);
    const backWidths = widthsOf(backward.nodes, r, widths);
    for (const {gates, id} of backward.inputs) t.is(columnsOf(backWidths[id]!, r), gates.length * r.units);
    for (const gradient of backward.weights) {
      const {gates, columns} = weightsOf(r).find(({name}) => name === gradient.weight)!;
      const blocks = gates.length === 0 ? 1 : gradient.gates.length;
      t.is(columnsOf(backWidths[gradient.dy]!, r), blocks * (columns === 'units' ? r.units : outputSize(r)));
    }
  }
});

test('products, and sums over a row, are what mixes the columns of values', t => {
  const ops = (r: Recurrence): string[] => {
    const {nodes} = recordStep(r, {masked: true, zeroInitial: true});
    return [...new Set(nodes.filter(mixesColumns).map(({op}) => op))].sort();
  };
  t.deepEqual(ops(recurrence('lstm')), ['product']);
  t.deepEqual(ops(recurrence('lstm', {recurrent: 'diagonal'})), []);
  t.deepEqual(ops(recurrence('lstm', {layerNorm: {epsilon: 1e-3}})), [
    'inverseDeviation',
    'product',
    'standardize',
  ]);
});

/** Arguments that say how many units there are, in each library. */
const UNITS = {outputDim: 3, units: 3, numUnits: 3, nUnits: 3, unitCells: 3, cellSize: 3};

/** Settings by which a dialect's arrays change, where it has them. */
const SETTINGS: readonly Record<string, unknown>[] = [
  {},
  {useBias: false, peepholes: false, learnInit: true, layerNorm: false},
  {resetAfter: true, usePeepholes: true, usePeephole: true, numProj: 2, consumeLess: 'gpu', useBias: true},
];

test("the arrays of each library's layer hold the weights that its recurrence reads, and no others", t => {
  let count = 0;
  for (const dialect of LIBRARIES.flatMap(dialectsOf)) {
    for (const settings of SETTINGS) {
      const {arguments: table, defaultVersion, className, library} = dialect;
      const own = {...UNITS, ...settings};
      const config = Object.fromEntries(Object.entries(own).filter(([name]) => name in table));
      const args = readArguments(table, config, defaultVersion, className);
      const held = dialect.arrays(args, defaultVersion).flatMap(({holds}) => holds);
      const weights = new Set(held.filter(name => !name.startsWith('initial.')));
      // NAS has its bias in the recurrent product alone.
      const read = weightsOf(dialect.recurrence(args, defaultVersion)).filter(
        ({name, optional}) => weights.has(name) || !optional,
      );
      t.deepEqual([...weights].sort(), read.map(({name}) => name).sort(), `${library} ${className}`);
      count += 1;
    }
  }
  t.true(count > 100);
});
